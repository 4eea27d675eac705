from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from generations import policy, wording
from generations.models import User

NOW = timedelta(minutes=10)  # last seen is written down less often than one is seen
MOST = 100


@dataclass(frozen=True, slots=True)
class SignIn:
    """A place where somebody is signed in, in words."""

    key: str
    device: str
    since: str
    seen: str
    is_this: bool


def sign_ins_of(user: User, this: str) -> Sequence[SignIn]:
    """Where the person is signed in: this one first, then as they were last used."""
    rows = policy.visible_sessions(user).order_by("-seen_at", "-created_at")[:MOST]
    now = timezone.now()
    found = [
        SignIn(
            key=row.key,
            device=row.device or "A device that doesn’t say what it is",
            since=wording.moment(row.created_at),
            seen="now" if now - row.seen_at < NOW else wording.moment(row.seen_at),
            is_this=row.key == this,
        )
        for row in rows
    ]
    return sorted(found, key=lambda each: not each.is_this)
