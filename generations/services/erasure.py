"""Somebody leaves for good: from one moment to the next nobody, and the worker does the rest."""

import secrets

from django.contrib.admin.models import LogEntry
from django.contrib.auth.hashers import make_password
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from generations import policy, watch
from generations.errors import Conflict
from generations.models import Budget, Erasure, Inspection, Invite, SecondFactor, Session, User
from generations.models.accounts import folded_name
from generations.services.team import leave_team
from generations.services.team_record import call_anew, forget_address
from generations.transactions import writing

NOBODY = "former member"
REASON_GONE = "Removed with the account."  # that somebody looked stays
LEAVES_TEAMS = "{} needs another owner first, or has to be deleted: you are its only one."


def erase_account(user: User) -> None:
    """No name, no way in, no team. Conflict while a team would be left without an owner.

    What is in flight ends into nothing anybody sees; the rows of money stay, without a name.
    """
    with writing():
        found = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        before, address = found.username, found.email.lower()
        _leave_teams(user)
        Erasure.objects.get_or_create(user=user, defaults={"asked_at": timezone.now()})
        # No form takes a blank in a name: nobody can come to have this one.
        name = f"{NOBODY} {secrets.token_hex(6)}"
        User.objects.filter(pk=user.pk).update(
            username=name,
            folded=folded_name(name),
            email="",
            first_name="",
            last_name="",
            password=make_password(None),
            is_active=False,
            is_staff=False,
            is_superuser=False,
            last_login=None,
        )
        user.groups.clear()
        user.user_permissions.clear()
        Session.objects.filter(user=user).delete()
        SecondFactor.objects.filter(pk=user.pk).delete()
        Invite.objects.filter(creator=user).delete()
        Inspection.objects.filter(person=user).update(reason=REASON_GONE)
        _forget_name(user, before)
        _forget_address(address)
        watch.bump_on_commit([user.pk])


def _leave_teams(user: User) -> None:
    for membership in user.memberships.select_related("team").filter(team__deleted_at=None):
        try:
            leave_team(user, membership)
        except Conflict as error:
            raise Conflict(LEAVES_TEAMS.format(f"“{membership.team.name}”")) from error
    user.memberships.all().delete()
    policy.forget_memberships(user)


def _forget_name(user: User, name: str) -> None:
    """Where it was written down as part of a sentence."""
    LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(User), object_id=str(user.pk)
    ).update(object_repr=NOBODY, change_message="")
    budgets = Budget.objects.filter(user=user).values_list("pk", flat=True)
    LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(Budget),
        object_id__in=[str(pk) for pk in budgets],
    ).update(object_repr=NOBODY)
    call_anew(user, name, first=f"A {NOBODY}", within=f"a {NOBODY}")


def _forget_address(address: str) -> None:
    """Where others invited it."""
    if address:
        Invite.objects.filter(email=address).delete()
        forget_address(address)
