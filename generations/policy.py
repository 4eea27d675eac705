"""Who may see and do what. Every read of somebody's rows begins with one of these."""

from typing import TYPE_CHECKING

from django.db.models import QuerySet

from generations.models import Attempt, CatalogModel, Generation, Image, User

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    Actor = User | AnonymousUser


def visible_images(user: "Actor") -> QuerySet[Image]:
    """Pictures of the person's own that aren't in the trash or hidden."""
    if not user.is_authenticated:
        return Image.objects.none()
    return Image.objects.filter(owner=user, trashed_at=None, is_hidden=False)


def visible_generations(user: "Actor") -> QuerySet[Generation]:
    if not user.is_authenticated:
        return Generation.objects.none()
    return Generation.objects.filter(owner=user)


def visible_attempts(user: "Actor") -> QuerySet[Attempt]:
    if not user.is_authenticated:
        return Attempt.objects.none()
    return Attempt.objects.filter(owner=user, is_hidden=False)


def usable_models(user: "Actor") -> QuerySet[CatalogModel]:
    """Models that this person may choose in the form."""
    if not user.is_authenticated:
        return CatalogModel.objects.none()
    return CatalogModel.objects.filter(is_enabled=True, is_available=True)
