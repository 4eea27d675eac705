"""The owner's side of share links."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from generations import policy, wording
from generations.errors import Conflict, GalleryError, NotAllowed
from generations.forms.share import NO_TARGET, ExtendForm, TargetForm, TermsForm
from generations.models import Album, Role, SavedSearch, ShareLink
from generations.queries.share import (
    link_row,
    link_rows,
    picks_of,
    team_link_row,
    team_link_rows,
    viewed_days,
)
from generations.queries.sorting import results
from generations.services.share import (
    MOST_CHOSEN,
    NOT_YOURS,
    Target,
    Terms,
    extend_link,
    make_link,
    revoke_link,
    revoke_team_link,
)
from generations.views.redirects import see_other
from generations.views.requests import SignedInRequest, membership_of


@require_safe
def shares(request: SignedInRequest) -> HttpResponse:
    """All links of one's own."""
    return render(request, "share/index.html", {"links": link_rows(request.user)})


@require_http_methods(["GET", "POST"])
def new(request: SignedInRequest) -> HttpResponseBase:
    """The terms of a new link; a list sends its chosen pictures here first."""
    sent = request.POST if request.method == "POST" else request.GET
    targets = TargetForm(sent)
    target = _target(request, targets)
    if "days" not in request.POST:
        form = TermsForm(initial={"title": _title(target)})
        return _asked(request, target, form)
    form = TermsForm(request.POST)
    if not form.is_valid():
        return _asked(request, target, form, status=422)
    return _made(request, target, form)


def _target(request: SignedInRequest, form: TargetForm) -> Target:
    if not form.is_valid():
        sentence = str(next(iter(form.errors.values()))[0])
        raise GalleryError(sentence, code="selection")
    if form.cleaned_data["kind"]:
        return Target(_thing(request, form))
    chosen = form.chosen
    if chosen.everything is not None:
        found = results(request.user, chosen.everything).values_list("pk", flat=True)
        return Target(ids=list(found[: MOST_CHOSEN + 1]))
    if not chosen.ids:
        raise GalleryError(NO_TARGET, code="selection")
    return Target(ids=chosen.ids)


def _thing(request: SignedInRequest, form: TargetForm) -> Any:
    """What is to be shared: 404 if the person can't see it, refused if it isn't theirs to share."""
    if form.thing is None:
        raise Http404
    kind, key = form.thing
    visible: Any = {
        "image": policy.visible_images,
        "album": policy.visible_albums,
        "search": policy.visible_searches,
    }[kind]
    found = get_object_or_404(visible(request.user), pk=key)
    if not policy.can_share(request.user, found):
        raise NotAllowed(NOT_YOURS)
    return found


def _title(target: Target) -> str:
    return target.thing.name if isinstance(target.thing, Album) else ""


def _asked(
    request: SignedInRequest, target: Target, form: TermsForm, *, status: int = 200
) -> HttpResponse:
    thing = target.thing
    context = {
        "form": form,
        "kind": target.kind,
        "thing": thing,
        "what": _what(target),
        "ids": ",".join(map(str, target.ids)),
    }
    return render(request, "share/new.html", context, status=status)


def _what(target: Target) -> str:
    if isinstance(target.thing, Album):
        return f"the album “{target.thing.name}”"
    if isinstance(target.thing, SavedSearch):
        return f"the search “{target.thing.name}”"
    return "this picture" if target.thing else wording.count(len(target.ids), "picture")


def _made(request: SignedInRequest, target: Target, form: TermsForm) -> HttpResponseBase:
    """The answer itself holds the address: it is shown once, and kept by nobody."""
    wanted = dict(form.cleaned_data)
    key, days, password = (wanted.pop(name) for name in ("key", "days", "password"))
    try:
        token = make_link(
            request.user, target, key=key, days=days, password=password, terms=Terms(**wanted)
        )
    except Conflict as refusal:
        messages.info(request, refusal.sentence)
        return see_other("shares")
    context = {
        "address": f"{settings.PUBLIC_URL}{reverse('shared', args=[token])}",
        "link": link_row(_own(request, key)),
        "has_password": bool(password),
    }
    return render(request, "share/made.html", context)


@require_safe
def share(request: SignedInRequest, link_id: UUID) -> HttpResponse:
    """One link: who looked, and what guests picked."""
    link = _own(request, link_id)
    context = {
        "link": link_row(link),
        "days": viewed_days(link),
        "guests": picks_of(link, request.user),
        "extend_form": ExtendForm(),
    }
    return render(request, "share/detail.html", context)


@require_POST
def revoke(request: SignedInRequest, link_id: UUID) -> HttpResponseBase:
    link = _own(request, link_id)
    revoke_link(link, request.user)
    messages.success(request, "The link is revoked: it leads nowhere any more.")
    return see_other("share", link_id=link.pk)


@require_POST
def extend(request: SignedInRequest, link_id: UUID) -> HttpResponseBase:
    link = _own(request, link_id)
    form = ExtendForm(request.POST)
    if not form.is_valid():
        raise GalleryError("Choose how long the link is to stay open.", code="days")
    extend_link(link, days=form.cleaned_data["days"])
    messages.success(request, "The link stays open.")
    return see_other("share", link_id=link.pk)


@require_safe
def of_team(request: SignedInRequest, slug: str) -> HttpResponse:
    """Members' links to what hangs in a team, for who curates it."""
    membership = membership_of(request, slug, least=Role.CURATOR)
    rows = team_link_rows(request.user, membership.team)
    context = {"team": membership.team, "membership": membership, "links": rows}
    return render(request, "team/links.html", context)


@require_POST
def revoke_of_team(request: SignedInRequest, slug: str, link_id: UUID) -> HttpResponseBase:
    team = membership_of(request, slug, least=Role.CURATOR).team
    links = policy.team_shares(request.user, team).select_related("creator")
    link = get_object_or_404(links, pk=link_id)
    what = team_link_row(link, team).name
    revoke_team_link(request.user, team, link, what=f"{what[0].lower()}{what[1:]}")
    messages.success(request, "The link is revoked: it leads nowhere any more.")
    return see_other("team_shares", slug=slug)


def _own(request: SignedInRequest, link_id: UUID) -> ShareLink:
    return get_object_or_404(policy.visible_shares(request.user), pk=link_id)
