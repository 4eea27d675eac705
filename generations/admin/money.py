from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import F, Prefetch, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from generations import ledger
from generations.admin.dollars import InDollars, dollars
from generations.admin.large import LargeTable, attempts_of, people_of, short_id
from generations.models import (
    Budget,
    BudgetPeriod,
    BudgetScope,
    BudgetSpan,
    LedgerEntry,
    Reservation,
)
from generations.models.budget import OF_A_PERSON


class BudgetForm(forms.ModelForm):
    class Meta:
        model = Budget
        fields = ("scope", "user", "span", "limit_micros", "limit_pictures", "is_active")

    def clean(self) -> dict[str, Any]:
        """One budget for each span: the second one is told before the database refuses it."""
        cleaned = super().clean() or {}
        scope, user, team, span = (cleaned.get(name) for name in ("scope", "user", "team", "span"))
        if self.instance.pk or not scope or not span:
            return cleaned
        if Budget.objects.filter(scope=scope, user=user, team=team, span=span).exists():
            named = [str(row) for row in (user, team) if row]
            whose = " in ".join(named) or BudgetScope(scope).label
            words = BudgetSpan(span).label
            self.add_error("span", f"There is a budget already: {whose}, {words}. Change that one.")
        return cleaned


@admin.register(Budget)
class BudgetAdmin(InDollars, admin.ModelAdmin):
    form = BudgetForm
    list_display = ("__str__", "scope", "money", "pictures", "is_active")
    list_filter = ("scope", "span", "is_active")
    list_select_related = ("user", "team")
    search_fields = ("user__username", "user__email", "team__name")
    raw_id_fields = ("user", "team")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Budget]:
        now = timezone.now()
        begins = {ledger.starts_at(span, now) for span in BudgetSpan.values}
        # By the indexes' own columns: each person's periods are as many as people and days.
        periods = BudgetPeriod.objects.filter(starts_at__in=begins)
        own = periods.filter(budget__scope__in=OF_A_PERSON, user=F("budget__user"))
        return (
            super()
            .get_queryset(request)
            .prefetch_related(
                Prefetch("periods", periods.filter(user=None), to_attr="shared_now"),
                Prefetch("periods", own, to_attr="own_now"),
            )
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Budget | None = None) -> Any:
        return ("scope", "user", "team", "span") if obj else ()  # its periods belong to just these

    def has_delete_permission(self, request: HttpRequest, obj: Budget | None = None) -> bool:
        return False  # what was spent stays on record: switch it off instead

    @admin.display(description="money used")
    def money(self, budget: Budget) -> str:
        if budget.limit_micros is None:
            return "–"
        period = _current(budget)
        if period is None:
            return f"{dollars(budget.limit_micros)} each"
        used = period.spent_micros + period.reserved_micros
        return f"{dollars(used)} of {dollars(budget.limit_micros)}"

    @admin.display(description="pictures used")
    def pictures(self, budget: Budget) -> str:
        if budget.limit_pictures is None:
            return "–"
        period = _current(budget)
        if period is None:
            return f"{budget.limit_pictures} each"
        return f"{period.spent_pictures + period.reserved_pictures} of {budget.limit_pictures}"


def _current(budget: Budget) -> BudgetPeriod | None:
    """This day's, this month's or the only period; None where each person has their own."""
    if budget.scope == BudgetScope.EACH:
        return None
    begins = ledger.starts_at(budget.span, timezone.now())
    rows: list[BudgetPeriod] = [*budget.shared_now, *budget.own_now]  # type: ignore[attr-defined]
    return next((row for row in rows if row.starts_at == begins), BudgetPeriod())


class SharedFilter(admin.SimpleListFilter):
    """Nearly all periods are single people's."""

    title = "whose"
    parameter_name = "whose"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Sequence[tuple[str, str]]:
        return [("shared", "Several people’s")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(user=None) if self.value() else queryset


@admin.register(BudgetPeriod)
class BudgetPeriodAdmin(LargeTable):
    list_display = ("budget", "user", "starts_at", "reserved", "spent", "limit")
    list_filter = (SharedFilter,)
    list_select_related = ("budget__user", "budget__team", "user")
    search_help_text = "A user name."

    def found(self, term: str) -> Q:
        return Q(user__in=people_of(term))

    @admin.display(description="reserved")
    def reserved(self, period: BudgetPeriod) -> str:
        return f"{dollars(period.reserved_micros)}, {period.reserved_pictures} pictures"

    @admin.display(description="spent")
    def spent(self, period: BudgetPeriod) -> str:
        return f"{dollars(period.spent_micros)}, {period.spent_pictures} pictures"

    @admin.display(description="limit")
    def limit(self, period: BudgetPeriod) -> str:
        pictures = period.limit_pictures
        return f"{dollars(period.limit_micros)}, {'–' if pictures is None else pictures} pictures"


class OpenFilter(admin.SimpleListFilter):
    """Of those that are settled there is one for nearly every call."""

    title = "state"
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Sequence[tuple[str, str]]:
        return [("1", "Still out")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(is_open=True) if self.value() else queryset


@admin.register(Reservation)
class ReservationAdmin(LargeTable):
    list_display = ("call", "period", "reserved", "spent", "pictures", "is_open")
    list_filter = (OpenFilter,)
    list_select_related = ("period__budget__user", "period__budget__team")
    search_help_text = "A call’s or a generation’s id."

    def get_ordering(self, request: HttpRequest) -> Any:
        return ("-period_id",) if request.GET.get("open") else self.ordering

    def found(self, term: str) -> Q:
        return Q(attempt__in=attempts_of(term))

    @admin.display(description="call")
    def call(self, reservation: Reservation) -> str:
        return short_id(reservation.attempt_id)

    @admin.display(description="reserved")
    def reserved(self, reservation: Reservation) -> str:
        return dollars(reservation.micros)

    @admin.display(description="spent")
    def spent(self, reservation: Reservation) -> str:
        return dollars(reservation.spent_micros)


@admin.register(LedgerEntry)
class LedgerEntryAdmin(LargeTable):
    list_display = ("created_at", "attempt_id", "kind", "amount")
    search_help_text = "A call’s or a generation’s id."

    def found(self, term: str) -> Q:
        return Q(attempt__in=attempts_of(term))

    @admin.display(description="amount")
    def amount(self, entry: LedgerEntry) -> str:
        return "price unknown" if entry.micros is None else dollars(entry.micros)
