"""What one has spent; for staff also what everybody has."""

import csv
from collections.abc import Iterator, Sequence
from decimal import Decimal
from io import StringIO
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from generations import policy
from generations.forms.usage import DAYS, DEFAULT, UsageForm
from generations.queries.spending import Meter, spending_of
from generations.queries.usage import Line, Sums, reserved_now, usage_lines, usage_of
from generations.queries.usage_plot import plot_of
from generations.queries.usage_rows import table_by_model, table_by_person, usernames
from generations.storage.base import disposition
from generations.views.requests import SignedInRequest

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would calculate
MILLION = 1_000_000


@require_safe
def usage(request: SignedInRequest) -> HttpResponse:
    """One's own spending in a span of days, or with `of=all` the installation's."""
    form = UsageForm(request.GET)
    whose, span = _whose(request, form), form.span
    found = usage_of(whose, since=span.since, until=span.until, by_month=span.by_month)
    is_of_several = _is_of_several(request, form)
    context = {
        "total": found.total,
        "reserved": reserved_now(whose),
        "plot": plot_of(found.by_time, since=span.since, until=span.until, by_month=span.by_month),
        "by_model": table_by_model(found.by_model),
        "by_person": table_by_person(found.by_person) if is_of_several else None,
        "budgets": _budgets(request, form),
        "is_of_all": form.is_of_all,
        "membership": policy.membership_in(request.user, form.of_team),
        "ways": _ways(form),
    }
    return render(request, "usage/index.html", context)


def _whose(request: SignedInRequest, form: UsageForm) -> Q:
    if form.of_team:
        if policy.membership_in(request.user, form.of_team) is None:
            raise Http404
        return policy.team_usage(request.user, form.of_team)
    if form.is_of_all and not request.user.is_staff:
        raise Http404
    return (policy.everybodys_usage if form.is_of_all else policy.own_usage)(request.user)


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
    span = form.span
    lines = usage_lines(_whose(request, form), since=span.since, until=span.until)
    is_of_several = _is_of_several(request, form)
    people = usernames(line.owner_id for line in lines) if is_of_several else {}
    text = StringIO(newline="")
    csv.writer(text).writerows(_cells(lines, people))
    filename = f"usage-{span.since}-to-{span.until}.csv"
    headers = {"Content-Disposition": disposition(filename, attachment=True)}
    return HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)


def _cells(lines: Sequence[Line], people: dict[int, str]) -> Iterator[list[str]]:
    """With a column for the person where the lines are several people's."""
    of_all = ["person"] if people else []
    counts = ["pictures_made", "pictures_kept", "spent_usd", "pictures_at_unknown_price"]
    yield ["day", *of_all, "model", *counts]
    for line in lines:
        person = [_text(people[line.owner_id])] if people else []
        yield [line.day.isoformat(), *person, _text(line.model_id), *_numbers(line.sums)]


def _numbers(each: Sums) -> list[str]:
    is_unknown = each.unpriced and not each.spent_micros
    spent = "" if is_unknown else f"{Decimal(each.spent_micros) / MILLION:f}"
    return [str(each.made), str(each.kept), spent, str(each.unpriced)]


def _text(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text
