from django.db.models import QuerySet
from django.utils import timezone

from generations.models import DismissedNotice, Session
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
