from django.db.models import QuerySet
from django.utils import timezone

from generations.models import DismissedNotice, SecondFactor, Session
from generations.policy.actor import Actor


def visible_sessions(user: Actor) -> QuerySet[Session]:
    """Where the person is signed in."""
    if not user.is_authenticated:
        return Session.objects.none()
    return Session.objects.filter(user=user, ends_at__gt=timezone.now())


def dismissed_notices(user: Actor) -> QuerySet[DismissedNotice]:
    if not user.is_authenticated:
        return DismissedNotice.objects.none()
    return DismissedNotice.objects.filter(user=user)


def second_factor_of(user: Actor) -> SecondFactor | None:
    """What counts beside the person's password; not what they only began to set up."""
    return SecondFactor.objects.filter(pk=user.pk).exclude(confirmed_at=None).first()
