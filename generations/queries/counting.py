"""How much a filter finds."""

from generations.models import User
from generations.queries.filters import GalleryFilter, attempts_wanted, images_wanted

MOST_COUNTED = 1000
MOST_NEW = 99


def count_found(wanted: GalleryFilter, user: User) -> str:
    """“17”, or “1,000+”: nobody waits until more are counted."""
    most = MOST_COUNTED + 1
    count = images_wanted(wanted, user)[:most].count()
    if count < most:
        count += attempts_wanted(wanted, user)[: most - count].count()
    return f"{MOST_COUNTED:,}+" if count == most else f"{count:,}"


def count_new(wanted: GalleryFilter, user: User, *, since: int) -> str:
    """“3 new” above a sort key; empty where there is nothing."""
    most = MOST_NEW + 1
    count = images_wanted(wanted, user, above=since)[:most].count()
    # A tile without its picture is news, too.
    count += attempts_wanted(wanted, user, above=since)[:most].count()
    return f"{min(count, MOST_NEW)}{'+' if count > MOST_NEW else ''} new" if count else ""
