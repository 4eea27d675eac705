"""Teams: made, joined, left and handed over; quick, one transaction, written down for its owners.

Every change takes the team's row first, so that two owners who demote each other at the same time
can't leave a team without one.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from django.db import IntegrityError
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.text import slugify

from generations import known, lifecycle, policy, watch, wording
from generations.errors import Conflict, GalleryError, NotAllowed
from generations.models import (
    Attempt,
    Budget,
    BudgetScope,
    BudgetSpan,
    Generation,
    Invite,
    Membership,
    Role,
    Team,
    TeamEvent,
    User,
)
from generations.models.generation import UNFINISHED
from generations.transactions import writing

MOST_TEAMS = 50
LAST_OWNER = "A team needs an owner. Make somebody else one first."
GONE = "This person isn’t in the team any more."


def create_team(user: User, *, name: str) -> Team:
    """A new team with its maker as owner."""
    if len(policy.memberships_of(user)) >= MOST_TEAMS:
        raise GalleryError(f"You are in {MOST_TEAMS} teams, and that is the most.", code="teams")
    with writing():
        team = _with_free_slug(name)
        Membership.objects.create(team=team, user=user, role=Role.OWNER)
        note_event(team, user, f"{user.username} made the team.")
    policy.forget_memberships(user)
    return team


def _with_free_slug(name: str) -> Team:
    """Its address follows from its name; a number tells those of the same name apart."""
    base = slugify(name, allow_unicode=False)[:50] or "team"
    for number in range(1, 1000):
        slug = base if number == 1 else f"{base}-{number}"
        if Team.objects.filter(slug=slug).exists():
            continue
        try:
            with writing():
                return Team.objects.create(name=name, slug=slug)
        except IntegrityError:  # taken a moment ago
            continue
    raise Conflict("There are too many teams of this name. Choose another.")


@dataclass(frozen=True, slots=True)
class TeamSettings:
    """What owners decide. No models: all of them."""

    name: str
    viewers_download: bool = False
    contributors_share: bool = True
    approved_only: bool = False
    allowed_models: Sequence[str] = ()
    most_at_once: int | None = None


def change_team(actor: User, team: Team, wanted: TeamSettings) -> None:
    """Its address stays."""
    name, approved_only = wanted.name, wanted.approved_only
    fields = asdict(wanted) | {"allowed_models": list(wanted.allowed_models)}
    with writing():
        _lock(team)
        require_role_now(actor, team, {Role.OWNER})
        Team.objects.filter(pk=team.pk).update(**fields)
        if set(wanted.allowed_models) != set(team.allowed_models):
            count = len(wanted.allowed_models)
            models = wording.count(count, "model") if count else "every model"
            note_event(team, actor, f"{actor.username} let the team use {models}.")
        if wanted.most_at_once != team.most_at_once:
            most = f"at most {wanted.most_at_once}" if wanted.most_at_once else "any number"
            note_event(
                team, actor, f"{actor.username} let {most} of its pictures be drawn at once."
            )
        if approved_only != team.approved_only:
            shows = "approved pictures alone" if approved_only else "every picture again"
            note_event(team, actor, f"{actor.username} had the gallery show {shows}.")
            watch.bump_on_commit([-team.pk])
        if name != team.name:
            note_event(
                team, actor, f"{actor.username} renamed the team from {team.name} to {name}."
            )


def delete_team(actor: User, team: Team) -> None:
    """Nobody gets in any more. What was made stays on record, its pictures in the store; what
    wasn't sent yet never is."""
    with writing():
        _lock(team)
        require_role_now(actor, team, {Role.OWNER})
        Team.objects.filter(pk=team.pk).update(deleted_at=timezone.now())
        members = Membership.objects.select_for_update(no_key=True).filter(team=team)
        list(members.order_by("pk").values_list("pk"))  # what they ask for now is there, or refused
        unsent = _cancel_unsent(Attempt.objects.filter(team=team))
        note_event(team, actor, f"{actor.username} deleted the team.")
        watch.bump_on_commit([-team.pk])
    policy.forget_memberships(actor)
    for generation in unsent:
        lifecycle.cancel_unsent(generation)


def _cancel_unsent(attempts: QuerySet[Attempt]) -> list[Generation]:
    """Nobody would see what is paid for. What isn't canceled after this, the sweeper cancels."""
    runs = Generation.objects.filter(pk__in=attempts.filter(UNFINISHED).values("generation"))
    runs.filter(cancel_requested_at=None).update(cancel_requested_at=Now())
    return list(runs)


def change_role(actor: User, membership: Membership, role: Role) -> None:
    """Owners give every role, curators those below their own. Who gets a lower one doesn't come
    back to more by leaving and an invitation."""
    team = membership.team
    with writing():
        _lock(team)
        member = _still_there(membership)
        _require_power_over(actor, member, role)
        if member.role == Role.OWNER and role != Role.OWNER:
            _require_another_owner(member)
        Membership.objects.filter(pk=member.pk).update(role=role)
        if not role.reaches(Role(member.role)):
            _end_invites_of(member, [each for each in Role if not role.reaches(each)])
        if role != member.role:
            who = member.user.username
            note_event(team, actor, f"{actor.username} made {who} a {role.label.lower()}.")
        watch.bump_on_commit([-team.pk])


def remove_member(actor: User, membership: Membership) -> None:
    """Out at once, also out of what they made here: it stays with the team.

    What they asked for and wasn't sent yet never is, and invitations they may know end.
    """
    with writing():
        _lock(membership.team)
        member = _still_there(membership)
        _require_power_over(actor, member, Role(member.role))
        _take_out(member)
        theirs = Attempt.objects.filter(team=member.team_id, owner=member.user_id)
        unsent = _cancel_unsent(theirs)
        _end_invites_of(member, list(Role))
        note_event(member.team, actor, f"{actor.username} removed {member.user.username}.")
    for generation in unsent:
        lifecycle.cancel_unsent(generation)


def _end_invites_of(member: Membership, roles: Sequence[Role]) -> None:
    """Those for anybody, and those for this person's address."""
    theirs = Q(email="") | Q(email=member.user.email.lower())
    known = Invite.objects.filter(theirs, team=member.team_id, role__in=roles, revoked_at=None)
    known.update(revoked_at=timezone.now())


def leave_team(user: User, membership: Membership) -> None:
    """One's pictures stay with the team."""
    with writing():
        _lock(membership.team)
        _take_out(_still_there(membership))
        note_event(membership.team, user, f"{user.username} left.")
    policy.forget_memberships(user)


def hand_over(actor: User, membership: Membership) -> None:
    """Another owner in one's place; one stays as curator."""
    team = membership.team
    with writing():
        _lock(team)
        heir = _still_there(membership)
        own = Membership.objects.filter(team=team, user=actor, role=Role.OWNER).first()
        if own is None:
            raise NotAllowed(policy.REFUSAL)
        Membership.objects.filter(pk=heir.pk).update(role=Role.OWNER)
        if heir.pk != own.pk:
            Membership.objects.filter(pk=own.pk).update(role=Role.CURATOR)
        note_event(team, actor, f"{actor.username} handed the team over to {heir.user.username}.")
    policy.forget_memberships(actor)


def set_share(actor: User, membership: Membership, *, micros: int | None) -> None:
    """What one member may spend here in a month, within what the whole team may; None: no limit
    of their own. Curators say it of those below them: not of themselves, and of no owner."""
    team = membership.team
    with writing():
        _lock(team)
        member = _still_there(membership)
        _require_power_over(actor, member, Role(member.role))
        _require_within_the_team(team, micros)
        rows = Budget.objects.filter(
            scope=BudgetScope.MEMBER, team=team, user=member.user, span=BudgetSpan.MONTH
        )
        limits = {"limit_micros": micros, "is_active": True}
        if micros is None:
            rows.filter(limit_pictures=None).update(is_active=False)
            # A limit of pictures is the operator’s, and stays.
            rows.exclude(limit_pictures=None).update(limit_micros=None)
        elif not rows.update(**limits):
            Budget.objects.create(
                scope=BudgetScope.MEMBER,
                team=team,
                user=member.user,
                span=BudgetSpan.MONTH,
                **limits,
            )
        known.forget()
        said = "no limit" if micros is None else f"{wording.sum_of_money(micros)} a month"
        note_event(team, actor, f"{actor.username} gave {member.user.username} {said}.")


def _require_within_the_team(team: Team, micros: int | None) -> None:
    whole = Budget.objects.filter(
        scope=BudgetScope.TEAM, team=team, span=BudgetSpan.MONTH, is_active=True
    ).first()
    if micros is None or whole is None or whole.limit_micros is None:
        return
    if micros > whole.limit_micros:
        limit = wording.sum_of_money(whole.limit_micros)
        raise Conflict(f"The whole team has {limit} a month: a share can’t be more.")


def _lock(team: Team) -> None:
    """Whoever changes the team waits here; Conflict if it was deleted meanwhile."""
    rows = Team.objects.select_for_update(no_key=True).filter(pk=team.pk, deleted_at=None)
    if rows.first() is None:
        raise Conflict("This team was deleted in the meantime.")


def hold_place(user: User, team: Team) -> None:
    """Raises NotAllowed for who may make nothing here now: the request's roles were read before.

    In the transaction that makes it. Whoever takes the person out at this moment waits for its end,
    and then finds what was made.
    """
    rows = Membership.objects.select_for_update(no_key=True).filter(team=team, user=user)
    own = rows.first()
    is_there = Team.objects.filter(pk=team.pk, deleted_at=None).exists()
    if own is None or not is_there or not Role(own.role).reaches(Role.CONTRIBUTOR):
        raise NotAllowed(policy.REFUSAL)


def _still_there(membership: Membership) -> Membership:
    rows = Membership.objects.select_related("team", "user").filter(pk=membership.pk)
    found = rows.first()
    if found is None:
        raise Conflict(GONE)
    return found


def require_role_now(actor: User, team: Team, roles: set[Role]) -> None:
    """Once more, now that nobody else changes the team: the request's roles were read before."""
    if not Membership.objects.filter(team=team, user=actor, role__in=roles).exists():
        raise NotAllowed(policy.REFUSAL)


def _require_power_over(actor: User, member: Membership, role: Role) -> None:
    """Whether the actor's role, as it is now, may give this member this role."""
    own = Membership.objects.filter(team=member.team_id, user=actor).first()
    power = Role(own.role) if own else None
    is_below = power == Role.CURATOR and not (
        Role(member.role).reaches(power) or role.reaches(power)
    )
    if power != Role.OWNER and not is_below:
        raise NotAllowed(policy.REFUSAL)


def _require_another_owner(member: Membership) -> None:
    others = Membership.objects.filter(team=member.team_id, role=Role.OWNER)
    if not others.exclude(pk=member.pk).exists():
        raise Conflict(LAST_OWNER)


def _take_out(member: Membership) -> None:
    if member.role == Role.OWNER:
        _require_another_owner(member)
    Membership.objects.filter(pk=member.pk).delete()
    watch.bump_on_commit([-member.team_id])


def note_event(team: Team, actor: User, sentence: str) -> None:
    """For its owners and curators to read; within the transaction that does it."""
    TeamEvent.objects.create(team=team, actor=actor, sentence=sentence)
