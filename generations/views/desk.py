"""The failure desk: what went wrong, and what staff may do about it."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from generations import policy, wording
from generations.forms.desk import (
    DAYS,
    CallsForm,
    CauseForm,
    DeskForm,
    PauseForm,
    ResolveForm,
    RunAgainForm,
)
from generations.models import Attempt, User
from generations.queries.banners import banners
from generations.queries.desk import (
    MOST_CALLS,
    Cause,
    call_of,
    calls_of,
    cause_of,
    causes,
    in_flight,
    last_acts,
)
from generations.queries.desk_again import Plan, plan_for
from generations.queries.desk_questions import question_for
from generations.services.desk import Ran, require_decider, resolve_unknowns, run_safe_ones
from generations.services.gate import close_gate, require_pauser
from generations.views.redirects import see_other
from generations.views.requests import SignedInRequest
from generations.views.staff import staff_only


@staff_only
@require_safe
def desk(request: SignedInRequest) -> HttpResponse:
    """Causes of failures, what is under way, closed gates, and what operators did."""
    return _desk(request, PauseForm())


def _desk(request: SignedInRequest, form: PauseForm, *, status: int = 200) -> HttpResponse:
    days = DeskForm(request.GET).wanted
    context = {
        "flight": in_flight(request.user),
        "causes": causes(request.user, days=days),
        "spans": [{"days": each, "label": label} for each, label in DAYS.items()],
        "days": str(days),
        "gates": [banner for banner in banners() if banner.gate],
        "acts": last_acts(),
        "pause": form,
        "can_pause": policy.can_pause(request.user),
    }
    fragment = "#flight" if request.htmx else ""
    return render(request, f"desk/index.html{fragment}", context, status=status)


@staff_only
@require_safe
def cause(request: SignedInRequest) -> HttpResponse:
    """One cause with its calls, and what can be done about them."""
    form = CauseForm(request.GET)
    found = cause_of(request.user, form.key) if form.is_valid() else None
    if found is None:
        raise Http404
    rows = list(_newest(request.user, form))
    context = {
        "cause": found,
        "calls": [call_of(attempt) for attempt in rows],
        "ids": _ids(rows),
        "plan": plan_for(rows) if found.is_free else None,
        "can_decide": policy.can_decide(request.user),
    }
    return render(request, "desk/cause.html", context)


def _newest(user: User, form: CauseForm) -> QuerySet[Attempt]:
    rows = calls_of(user, form.key).select_related("generation", "owner")
    return rows.order_by("-finished_at", "pk")[:MOST_CALLS]


def _chosen(request: SignedInRequest, form: CallsForm) -> list[Attempt]:
    """Those of the wanted calls that are still of this cause."""
    if not form.is_valid():
        raise Http404
    rows = calls_of(request.user, form.key).filter(pk__in=form.cleaned_data["ids"].ids[:MOST_CALLS])
    return list(rows.select_related("generation", "owner").order_by("-finished_at", "pk"))


@staff_only
@require_POST
def resolve(request: SignedInRequest) -> HttpResponseBase:
    """Say of unknown calls that they were charged, or that they were free; asks first."""
    require_decider(request.user)
    form = ResolveForm(request.POST)
    attempts = _chosen(request, form)
    if attempts and not form.cleaned_data["sure"]:
        asked = question_for(attempts, is_charged=form.is_charged)
        fields = form.key.fields | {"verdict": form.cleaned_data["verdict"]}
        return _ask(request, form, asked, fields | {"ids": _ids(attempts)})
    done = resolve_unknowns(request.user, attempts, is_charged=form.is_charged)
    left = len(form.cleaned_data["ids"].ids) - done
    said = f"{wording.count(done, 'call')} resolved as {form.cleaned_data['verdict']}."
    messages.success(request, f"{said} {_meanwhile(left)}".strip())
    return _back(request, form)


def _meanwhile(left: int) -> str:
    return f"{wording.count(left, 'call')} had been resolved meanwhile." if left else ""


@staff_only
@require_POST
def again(request: SignedInRequest) -> HttpResponseBase:
    """Run failed calls again that provably cost nothing; says the sum first."""
    require_decider(request.user)
    form = RunAgainForm(request.POST)
    plan = plan_for(_chosen(request, form))
    is_told = form.cleaned_data["micros"] == plan.micros
    if plan.attempts and not (form.cleaned_data["sure"] and is_told):
        fields = form.key.fields | {"ids": _ids(plan.attempts), "micros": str(plan.micros)}
        return _ask(request, form, plan.question, fields)
    _tell(request, plan, run_safe_ones(request.user, plan))
    return _back(request, form)


def _tell(request: SignedInRequest, plan: Plan, ran: Ran) -> None:
    if ran.done:
        messages.success(request, f"{wording.count(ran.done, 'call')} run again.")
    for reason, count in [*plan.left_out, *ran.refusals]:
        messages.warning(request, f"{wording.count(count, 'call')} left as it was: {reason}")


@staff_only
@require_POST
def pause(request: SignedInRequest) -> HttpResponseBase:
    """Close a gate by hand; asks first, with what goes on meanwhile."""
    require_pauser(request.user)
    form = PauseForm(request.POST)
    if not form.is_valid():
        return _desk(request, form, status=422)
    if not form.cleaned_data["sure"]:
        context = {"form": form, "flight": in_flight(request.user)}
        return render(request, "desk/pause.html", context)
    close_gate(request.user, form.cleaned_data["name"], message=form.cleaned_data["message"])
    messages.success(request, f"Paused: {form.what}. It goes on when somebody opens it.")
    return see_other("desk")


def _ids(attempts: Any) -> str:
    return ",".join(str(attempt.pk) for attempt in attempts)


def _ask(
    request: SignedInRequest, form: CallsForm, asked: Any, fields: dict[str, str]
) -> HttpResponse:
    context = {"asked": asked, "fields": fields, "back_url": form.key.url}
    return render(request, "desk/sure.html", context)


def _back(request: SignedInRequest, form: CallsForm) -> HttpResponse:
    """To the cause while anything is left of it, else to the desk."""
    left: Cause | None = cause_of(request.user, form.key)
    response = redirect(form.key.url) if left else see_other("desk")
    response.status_code = 303
    return response
