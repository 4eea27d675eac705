"""Teams: one's list of them, their people, coming in and leaving."""

from dataclasses import fields

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST

from generations import policy
from generations.errors import GalleryError
from generations.forms.team import (
    InviteForm,
    RoleForm,
    ShareForm,
    SureForm,
    TeamForm,
    TeamSettingsForm,
)
from generations.models import Invite, Membership, Role
from generations.queries.catalog import usable_models
from generations.queries.teams import CAN, team_page, team_rows
from generations.services import team as service
from generations.services.invite import accept_invite, create_invite, find_invite, revoke_invite
from generations.views.accounts import refused
from generations.views.redirects import see_other
from generations.views.requests import SignedInRequest, membership_of


@require_http_methods(["GET", "HEAD", "POST"])
def teams(request: SignedInRequest) -> HttpResponseBase:
    """One's teams, and the form for a new one."""
    form = TeamForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        team = service.create_team(request.user, name=form.cleaned_data["name"])
        return see_other("team_people", slug=team.slug)
    context = {"teams": team_rows(request.user), "form": form}
    status = 422 if request.method == "POST" else 200
    return render(request, "team/index.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def people(request: SignedInRequest, slug: str) -> HttpResponseBase:
    """Who is in a team; for those who lead it also invitations and what was done."""
    membership = membership_of(request, slug)
    if request.method != "POST":
        return _page(request, membership)
    form = InviteForm(request.POST)
    if not form.is_valid():
        return _page(request, membership, form=form, status=422)
    wanted = form.cleaned_data
    invite, address = create_invite(
        request.user,
        membership.team,
        role=Role(wanted["role"]),
        email=wanted["email"],
        most_uses=wanted["most_uses"],
    )
    return _page(request, membership, invited=(invite, address), status=201)


def _page(
    request: SignedInRequest,
    membership: Membership,
    *,
    form: InviteForm | None = None,
    invited: tuple[Invite, str] | None = None,
    sharing: tuple[Membership, ShareForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "team": membership.team,
        "membership": membership,
        "page": team_page(membership.team, request.user),
        "can": [(role.label, sentence) for role, sentence in CAN.items()],
        "is_owner": membership.role == Role.OWNER,
        "form": form or InviteForm(initial={"role": Role.CONTRIBUTOR}),
        "invited": invited,
        "shared_id": sharing[0].pk if sharing else None,
        "share_form": sharing[1] if sharing else None,
    }
    return render(request, "team/people.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: SignedInRequest, slug: str) -> HttpResponseBase:
    """What owners decide: its name, and what viewers may do."""
    membership = membership_of(request, slug, least=Role.OWNER)
    team = membership.team
    known = {each.name: getattr(team, each.name) for each in fields(service.TeamSettings)}
    models = [(row.model_id, row.name) for row in usable_models(request.user)]
    form = TeamSettingsForm(request.POST or None, initial=known, models=models)
    if request.method == "POST" and form.is_valid():
        service.change_team(request.user, team, service.TeamSettings(**form.cleaned_data))
        messages.success(request, "The team’s settings are saved.")
        return see_other("team_people", slug=slug)
    context = {"team": team, "form": form}
    return render(request, "team/settings.html", context, status=422 if form.errors else 200)


@require_POST
def change_role(request: SignedInRequest, slug: str, member_id: int) -> HttpResponseBase:
    member = _member(request, slug, member_id)
    form = RoleForm(request.POST)
    if not form.is_valid():
        raise Http404
    try:
        service.change_role(request.user, member, Role(form.cleaned_data["role"]))
        messages.success(request, f"{member.user.username} has a new role.")
    except GalleryError as refusal:
        return _refused(request, slug, refusal)
    return see_other("team_people", slug=slug)


@require_POST
def set_share(request: SignedInRequest, slug: str, member_id: int) -> HttpResponseBase:
    """What one member may spend in the team each month."""
    membership_of(request, slug, least=Role.CURATOR)
    member = _member(request, slug, member_id)
    form = ShareForm(request.POST)
    if not form.is_valid():
        return _page(request, membership_of(request, slug), sharing=(member, form), status=422)
    try:
        service.set_share(request.user, member, micros=form.micros)
    except GalleryError as refusal:
        form.add_error("dollars", refusal.sentence)
        return _page(
            request, membership_of(request, slug), sharing=(member, form), status=refusal.status
        )
    messages.success(request, f"{member.user.username}’s share is set.")
    return see_other("team_people", slug=slug)


@require_POST
def remove(request: SignedInRequest, slug: str, member_id: int) -> HttpResponseBase:
    member = _member(request, slug, member_id)
    try:
        service.remove_member(request.user, member)
        messages.success(request, f"{member.user.username} isn’t in the team any more.")
    except GalleryError as refusal:
        return _refused(request, slug, refusal)
    return see_other("team_people", slug=slug)


@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: SignedInRequest, slug: str) -> HttpResponseBase:
    """Asks first: what one made here stays with the team."""
    membership = membership_of(request, slug)
    if request.method != "POST":
        return render(request, "team/leave.html", {"team": membership.team})
    try:
        service.leave_team(request.user, membership)
    except GalleryError as refusal:
        return _refused(request, slug, refusal)
    messages.success(request, f"You have left {membership.team.name}.")
    return see_other("teams")


@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: SignedInRequest, slug: str, member_id: int) -> HttpResponseBase:
    """Another owner in one's place."""
    membership_of(request, slug, least=Role.OWNER)
    member = _member(request, slug, member_id)
    form = SureForm(request.POST or None, user=request.user)
    if form.is_valid():
        service.hand_over(request.user, member)
        messages.success(request, f"{member.user.username} owns the team now.")
        return see_other("team_people", slug=slug)
    context = {"team": member.team, "member": member, "form": form}
    status = 422 if form.errors else 200
    return refused(render(request, "team/hand_over.html", context, status=status), form)


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: SignedInRequest, slug: str) -> HttpResponseBase:
    """Asks for the password: nobody gets in any more."""
    team = membership_of(request, slug, least=Role.OWNER).team
    form = SureForm(request.POST or None, user=request.user)
    if form.is_valid():
        service.delete_team(request.user, team)
        messages.success(request, f"The team {team.name} is gone.")
        return see_other("teams")
    context = {"team": team, "form": form}
    status = 422 if form.errors else 200
    return refused(render(request, "team/delete.html", context, status=status), form)


@require_POST
def revoke(request: SignedInRequest, slug: str, invite_id: int) -> HttpResponseBase:
    membership = membership_of(request, slug, least=Role.CURATOR)
    invite = get_object_or_404(policy.invites_of(membership.team), pk=invite_id)
    revoke_invite(request.user, invite)
    messages.success(request, "The invitation isn’t valid any more.")
    return see_other("team_people", slug=slug)


@require_http_methods(["GET", "HEAD", "POST"])
def invited(request: SignedInRequest, token: str) -> HttpResponseBase:
    """Where an invitation leads: into the team, after one look at what it is."""
    if request.method == "POST":
        team = accept_invite(request.user, token)
        messages.success(request, f"Welcome to {team.name}.")
        return see_other("team", slug=team.slug)
    invite = find_invite(token)
    role = invite and dict(CAN)[Role(invite.role)]
    context = {"invite": invite, "can": role}
    return render(request, "team/invite.html", context, status=200 if invite else 404)


def _member(request: SignedInRequest, slug: str, member_id: int) -> Membership:
    own = membership_of(request, slug)
    rows = policy.members_of(own.team).select_related("user", "team")
    return get_object_or_404(rows, pk=member_id)


def _refused(request: SignedInRequest, slug: str, refusal: GalleryError) -> HttpResponse:
    membership = membership_of(request, slug)
    messages.error(request, refusal.sentence)
    return _page(request, membership, status=refusal.status)
