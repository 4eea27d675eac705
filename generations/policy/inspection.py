"""Break-glass: what a superuser may look at for a while, and who is told that they did.

It opens pages of its own and no others: nothing is changed, spent, shared or polled there.
"""

from django.db.models import QuerySet
from django.utils import timezone

from generations.models import Image, Inspection
from generations.policy.actor import Actor


def can_inspect(user: Actor) -> bool:
    return user.is_authenticated and user.is_active and user.is_superuser


def own_inspections(user: Actor) -> QuerySet[Inspection]:
    """What a superuser looked into, also what is over."""
    if not can_inspect(user):
        return Inspection.objects.none()
    return Inspection.objects.filter(inspector=user.pk)


def open_inspections(user: Actor) -> QuerySet[Inspection]:
    return own_inspections(user).filter(ended_at=None, ends_at__gt=timezone.now())


def inspected_images(user: Actor, inspection: Inspection) -> QuerySet[Image]:
    """What is in the gallery, also what was kept aside; not the trash. Nothing once it is over."""
    if not open_inspections(user).filter(pk=inspection.pk).exists():
        return Image.objects.none()
    return Image.objects.filter(space=inspection.space, trashed_at=None)


def inspections_of(user: Actor) -> QuerySet[Inspection]:
    """Who looked into the person's own gallery. A team's are among what was done there."""
    if not user.is_authenticated:
        return Inspection.objects.none()
    return Inspection.objects.filter(person=user.pk)
