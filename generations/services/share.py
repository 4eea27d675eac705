"""What a person decides about their share links."""

import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from generations import policy
from generations.errors import Conflict, GalleryError, NotAllowed
from generations.models import (
    Album,
    Image,
    Role,
    SavedSearch,
    ShareImage,
    ShareKind,
    ShareLink,
    Team,
    User,
)
from generations.models.share import digest_of
from generations.services.team import note_event, require_role_now
from generations.transactions import writing

TOKEN_BYTES = 24
MOST_LINKS = 500  # of one person's that still lead somewhere
MOST_CHOSEN = 2000  # pictures of a selection
MADE_ALREADY = "This link was made already; its address was shown then, and only then."
MANY_LINKS = f"You have {MOST_LINKS} links already. Revoke some first."
MANY_CHOSEN = (
    f"A selection of {MOST_CHOSEN:,} pictures at most can be shared, and these are more."
    " Put them into an album, or save the search, and share that."
)
NONE_LEFT = "None of these pictures is there any more, or yours to share."
NOT_YOURS = "You can see this, but you can’t share it."


@dataclass(frozen=True, slots=True)
class Terms:
    """What guests read, see and may do."""

    title: str = ""
    shows_prompts: bool = False
    shows_cost: bool = False
    shows_creator: bool = False
    allows_download: bool = False
    allows_picks: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """One thing, or the chosen pictures."""

    thing: Image | Album | SavedSearch | None = None
    ids: Sequence[UUID] = ()

    @property
    def kind(self) -> ShareKind:
        if self.thing is None:
            return ShareKind.SELECTION
        kinds = {Image: ShareKind.IMAGE, Album: ShareKind.ALBUM, SavedSearch: ShareKind.SEARCH}
        return kinds[type(self.thing)]


def make_link(
    user: User, target: Target, *, key: UUID, days: int, terms: Terms, password: str = ""
) -> str:
    """The link's token, which nobody is told again. `key` is the form's own word: sent twice it
    raises `Conflict`."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    hashed = make_password(password) if password else ""
    with writing():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)  # counts and keys stay true
        if ShareLink.objects.filter(pk=key).exists():
            raise Conflict(MADE_ALREADY)
        if policy.live_shares().filter(creator=user).count() >= MOST_LINKS:
            raise GalleryError(MANY_LINKS, code="many_shares")
        images = _images(user, target)
        link = ShareLink.objects.create(
            pk=key,
            creator=user,
            token_hash=digest_of(token),
            password=hashed,
            expires_at=timezone.now() + timedelta(days=days),
            **_fields(target),
            **asdict(terms),
        )
        ShareImage.objects.bulk_create(ShareImage(link=link, image_id=pk) for pk in images)
    return token


def _fields(target: Target) -> dict[str, object]:
    named = {} if target.thing is None else {str(target.kind): target.thing}
    return {"kind": target.kind, **named}


def _images(user: User, target: Target) -> list[UUID]:
    """Of a selection those that are there; raises if the target can't be shared."""
    if target.thing is not None:
        if not policy.can_share(user, target.thing):
            raise NotAllowed(NOT_YOURS)
        return []
    if len(target.ids) > MOST_CHOSEN:
        raise GalleryError(MANY_CHOSEN, code="many_chosen")
    found = policy.shareable_images(user).filter(pk__in=target.ids).values_list("pk", flat=True)
    if not found:
        raise GalleryError(NONE_LEFT, code="none_left")
    return list(found)


def revoke_link(link: ShareLink, by: User) -> bool:
    """It leads nowhere from now on, for good. May run twice: the second changes nothing."""
    with writing():
        living = ShareLink.objects.filter(pk=link.pk, revoked_at=None)
        return bool(living.update(revoked_at=timezone.now(), revoked_by=by))


def revoke_team_link(actor: User, team: Team, link: ShareLink, *, what: str) -> None:
    """A member's link that shows something of the team's; `what` says which. The team's record
    tells of it, and its creator sees who did it. May run twice."""
    with writing():
        require_role_now(actor, team, {Role.CURATOR, Role.OWNER})
        if revoke_link(link, actor):
            whose = "their own" if link.creator == actor else f"{link.creator.username}’s"
            note_event(team, actor, f"{actor.username} revoked {whose} link: {what}.")


def extend_link(link: ShareLink, *, days: int) -> None:
    """So many days from now, also if it had expired. Raises `Conflict` if it was revoked."""
    until = timezone.now() + timedelta(days=days)
    with writing():
        found = ShareLink.objects.filter(pk=link.pk, revoked_at=None).update(expires_at=until)
    if not found:
        raise Conflict("This link was revoked. Make a new one.")
