"""Somebody leaves for good: from one moment to the next nobody, and the worker does the rest."""

import secrets

from django.contrib.admin.models import LogEntry
from django.contrib.auth.hashers import make_password
from django.contrib.contenttypes.models import ContentType
from django.db.models import Value
from django.db.models.functions import Replace
from django.utils import timezone

from generations import policy, watch
from generations.errors import Conflict
from generations.models import Erasure, Invite, Session, TeamEvent, User
from generations.services.team import leave_team
from generations.transactions import writing

NOBODY = "former member"
LEAVES_TEAMS = "{} needs another owner first, or has to be deleted: you are its only one."


def erase_account(user: User) -> None:
    """No name, no way in, no team. Conflict while a team would be left without an owner.

    What is in flight ends into nothing anybody sees; the rows of money stay, without a name.
    """
    before = user.username
    with writing():
        User.objects.select_for_update().get(pk=user.pk)
        _leave_teams(user)
        Erasure.objects.get_or_create(user=user, defaults={"asked_at": timezone.now()})
        # No form takes a blank in a name: nobody can come to have this one.
        User.objects.filter(pk=user.pk).update(
            username=f"{NOBODY} {secrets.token_hex(6)}",
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
        Invite.objects.filter(creator=user).delete()
        _forget_name(user, before)
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
    by_them = TeamEvent.objects.filter(actor=user, sentence__startswith=f"{name} ")
    for event in by_them.iterator():
        event.sentence = f"A {NOBODY}{event.sentence.removeprefix(name)}"
        event.save(update_fields=["sentence"])
    for told in (" made {} a ", " removed {}.", " over to {}."):
        found, instead = told.format(name), told.format(f"a {NOBODY}")
        TeamEvent.objects.filter(sentence__contains=found).update(
            sentence=Replace("sentence", Value(found), Value(instead))
        )
