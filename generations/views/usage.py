"""What one has spent; for staff also what everybody has."""

import csv
from collections.abc import Iterator, Sequence
from decimal import Decimal
from io import StringIO
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from generations import policy
from generations.forms.usage import DAYS, DEFAULT, UsageForm
from generations.models import Attempt
from generations.queries import usage as sums
from generations.queries.spending import Meter, spending_of
from generations.queries.usage_plot import plot_of
from generations.storage.base import disposition
from generations.views.requests import SignedInRequest

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would calculate
MILLION = 1_000_000


@require_safe
def usage(request: SignedInRequest) -> HttpResponse:
    """One's own spending in a span of days, or with `of=all` the installation's."""
    form = UsageForm(request.GET)
    attempts, lines = _found(request, form)
    span, people = form.span, _people(request, form, lines)
    names = sums.model_names(line.model_id for line in lines)
    context = {
        "total": sums.total(lines),
        "reserved": sums.reserved_now(attempts),
        "plot": plot_of(lines, since=span.since, until=span.until, by_month=span.by_month),
        "by_model": sums.rows_by_model(lines, names),
        "by_person": sums.rows_by_person(lines, names, people) if people else [],
        "budgets": _budgets(request, form),
        "is_of_all": form.is_of_all,
        "membership": policy.membership_in(request.user, form.of_team),
        "ways": _ways(form),
    }
    return render(request, "usage/index.html", context)


def _found(request: SignedInRequest, form: UsageForm) -> tuple[QuerySet[Attempt], list[sums.Line]]:
    attempts = _attempts(request, form)
    span = form.span
    return attempts, sums.usage_lines(attempts, since=span.since, until=span.until)


def _attempts(request: SignedInRequest, form: UsageForm) -> QuerySet[Attempt]:
    if form.of_team:
        if policy.membership_in(request.user, form.of_team) is None:
            raise Http404
        return policy.team_attempts(request.user, form.of_team)
    if form.is_of_all and not request.user.is_staff:
        raise Http404
    return (sums.everybody if form.is_of_all else sums.own)(request.user)


def _people(
    request: SignedInRequest, form: UsageForm, lines: Sequence[sums.Line]
) -> dict[int, str]:
    """By name where the lines are several people's."""
    if not _is_of_several(request, form):
        return {}
    return sums.usernames(line.owner_id for line in lines)


def _is_of_several(request: SignedInRequest, form: UsageForm) -> bool:
    if form.of_team:
        return policy.sees_costs(request.user, form.of_team)
    return form.is_of_all


def _budgets(request: SignedInRequest, form: UsageForm) -> list[Meter]:
    membership = policy.membership_in(request.user, form.of_team)
    if membership:
        shows_whole = policy.sees_costs(request.user, form.of_team)
        found = spending_of(request.user, membership.team)
        return found.team_meters(shows_whole=shows_whole)
    return [] if form.is_of_all else spending_of(request.user).meters


def _ways(form: UsageForm) -> dict[str, Any]:
    """Where the page's links lead: each keeps what the other chose."""
    page, days = reverse("usage"), form.span.days
    whose = {"team": form.of_team} if form.of_team else {"of": "all" if form.is_of_all else ""}
    return {
        "spans": [
            {"label": label, "url": _address(page, days=each, **whose), "is_on": each == days}
            for each, label in DAYS.items()
        ],
        "own": _address(page, days=days),
        "all": _address(page, days=days, of="all"),
        "by_month": form.span.by_month,
        "csv": _address(reverse("usage_csv"), days=days, **whose),
    }


def _address(page: str, *, days: str, **whose: str) -> str:
    chosen = {"days": days if days != DEFAULT else ""} | whose
    query = urlencode({name: value for name, value in chosen.items() if value})
    return f"{page}?{query}" if query else page


@require_safe
def usage_csv(request: SignedInRequest) -> HttpResponse:
    """The same days as a table for a spreadsheet: a line for each day, person and model."""
    form = UsageForm(request.GET)
    _, lines = _found(request, form)
    text = StringIO(newline="")
    csv.writer(text).writerows(_cells(lines, _people(request, form, lines)))
    span = form.span
    filename = f"usage-{span.since}-to-{span.until}.csv"
    headers = {"Content-Disposition": disposition(filename, attachment=True)}
    return HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)


def _cells(lines: Sequence[sums.Line], people: dict[int, str]) -> Iterator[list[str]]:
    """With a column for the person where the lines are several people's."""
    of_all = ["person"] if people else []
    counts = ["pictures_made", "pictures_kept", "spent_usd", "pictures_at_unknown_price"]
    yield ["day", *of_all, "model", *counts]
    for line in lines:
        person = [_text(people[line.owner_id])] if people else []
        yield [line.day.isoformat(), *person, _text(line.model_id), *_numbers(line.sums)]


def _numbers(each: sums.Sums) -> list[str]:
    is_unknown = each.unpriced and not each.spent_micros
    spent = "" if is_unknown else f"{Decimal(each.spent_micros) / MILLION:f}"
    return [str(each.made), str(each.kept), spent, str(each.unpriced)]


def _text(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text
