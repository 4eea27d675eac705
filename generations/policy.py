"""Who may see and do what. Every read of somebody's rows begins with one of these."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import QuerySet
from django.utils import timezone

from generations.models import (
    Album,
    Attempt,
    CatalogModel,
    Generation,
    Image,
    PromptTemplate,
    SavedSearch,
    Tag,
    User,
)
from generations.models.image import HANGS

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    Actor = User | AnonymousUser

TRASH_KEPT = timedelta(days=30)
# A date that no trash keeps: nothing shows these, and the worker removes them next.
GIVEN_UP = datetime(1970, 1, 1, tzinfo=UTC)


def visible_images(user: "Actor") -> QuerySet[Image]:
    """Pictures of the person's own that aren't in the trash, also those kept aside."""
    if not user.is_authenticated:
        return Image.objects.none()
    return Image.objects.filter(owner=user, trashed_at=None)


def gallery_images(user: "Actor") -> QuerySet[Image]:
    """What hangs in the person's gallery: not what came after they had stopped waiting."""
    if not user.is_authenticated:
        return Image.objects.none()
    return Image.objects.filter(owner=user, trashed_at=None, is_hidden=False)


def trashed_images(user: "Actor") -> QuerySet[Image]:
    """What the person threw away and can still have back."""
    if not user.is_authenticated:
        return Image.objects.none()
    return Image.objects.filter(owner=user, trashed_at__gt=timezone.now() - TRASH_KEPT)


def visible_albums(user: "Actor") -> QuerySet[Album]:
    return Album.objects.filter(owner=user) if user.is_authenticated else Album.objects.none()


def visible_tags(user: "Actor") -> QuerySet[Tag]:
    return Tag.objects.filter(owner=user) if user.is_authenticated else Tag.objects.none()


def visible_searches(user: "Actor") -> QuerySet[SavedSearch]:
    if not user.is_authenticated:
        return SavedSearch.objects.none()
    return SavedSearch.objects.filter(owner=user)


def visible_templates(user: "Actor") -> QuerySet[PromptTemplate]:
    if not user.is_authenticated:
        return PromptTemplate.objects.none()
    return PromptTemplate.objects.filter(owner=user)


def visible_generations(user: "Actor") -> QuerySet[Generation]:
    if not user.is_authenticated:
        return Generation.objects.none()
    return Generation.objects.filter(owner=user)


def visible_attempts(user: "Actor") -> QuerySet[Attempt]:
    if not user.is_authenticated:
        return Attempt.objects.none()
    return Attempt.objects.filter(owner=user)


def gallery_attempts(user: "Actor") -> QuerySet[Attempt]:
    """Those that speak on a tile of the person's gallery."""
    return visible_attempts(user).filter(is_vacant=True, is_hidden=False)


def usable_models(user: "Actor") -> QuerySet[CatalogModel]:
    """Models that this person may choose in the form."""
    if not user.is_authenticated:
        return CatalogModel.objects.none()
    return CatalogModel.objects.filter(is_enabled=True, is_available=True)


def operated_attempts(user: "Actor") -> QuerySet[Attempt]:
    """Everybody's calls for staff, to look after: never what was asked for, nor what was drawn."""
    return Attempt.objects.all() if _is_staff(user) else Attempt.objects.none()


def operated_images(user: "Actor") -> QuerySet[Image]:
    """What hangs in anybody's gallery, for staff to count."""
    return Image.objects.filter(HANGS) if _is_staff(user) else Image.objects.none()


def can_decide(user: User) -> bool:
    """About calls that failed: whether they were charged, and whether to run them again."""
    return user.is_staff and user.has_perm("generations.change_attempt")


def can_pause(user: User) -> bool:
    return user.is_staff and user.has_perm("generations.change_gate")


def _is_staff(user: "Actor") -> bool:
    return user.is_authenticated and user.is_staff
