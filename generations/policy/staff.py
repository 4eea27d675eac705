"""What staff may look after."""

from django.db.models import QuerySet

from generations.models import Attempt, User
from generations.policy.actor import Actor


def operated_attempts(user: Actor) -> QuerySet[Attempt]:
    """Everybody's calls for staff, to look after: never what was asked for, nor what was drawn."""
    return Attempt.objects.all() if _is_staff(user) else Attempt.objects.none()


def can_decide(user: User) -> bool:
    """About calls that failed: whether they were charged, and whether to run them again."""
    return user.is_staff and user.has_perm("generations.change_attempt")


def can_pause(user: User) -> bool:
    return user.is_staff and user.has_perm("generations.change_gate")


def _is_staff(user: Actor) -> bool:
    return user.is_authenticated and user.is_staff
