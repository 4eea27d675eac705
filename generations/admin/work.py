from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from generations import lifecycle
from generations.admin.dollars import dollars
from generations.admin.large import ChoiceFilter, LargeTable, attempts_of, people_of, short_id
from generations.models import Attempt, AttemptState

# Along which index each state's calls are listed.
FAILURES = (AttemptState.REJECTED_FREE, AttemptState.CHARGED_UNUSABLE, AttemptState.UNKNOWN)
RESTING = (AttemptState.CANCELED, AttemptState.RESOLVED_CHARGED, AttemptState.RESOLVED_FREE)
ORDERS: dict[AttemptState, tuple[str, ...]] = {
    **dict.fromkeys((AttemptState.STORED, *FAILURES), ("-finished_at",)),
    **dict.fromkeys(RESTING, ("-sort_key",)),
}
UNFINISHED_ORDER = ("owner_id", "created_at")


class StateFilter(ChoiceFilter):
    title, parameter_name, choices_of = "state", "state", AttemptState


@admin.register(Attempt)
class AttemptAdmin(LargeTable):
    list_display = (
        *("call", "created_at", "owner", "state"),
        *("at_risk", "cost", "code", "status", "tries"),
    )
    list_filter = (StateFilter,)
    list_select_related = ("owner",)
    ordering = ("-sort_key",)
    search_help_text = "A call’s or a generation’s id, the provider’s request id, or a user name."
    exclude = ("answered", "message")
    actions = ("resolve_as_charged", "resolve_as_free")

    def get_ordering(self, request: HttpRequest) -> Any:
        state = request.GET.get("state")
        if state not in AttemptState.values or request.GET.get("q"):
            return self.ordering
        return ORDERS.get(AttemptState(state), UNFINISHED_ORDER)

    def found(self, term: str) -> Q:
        if calls := attempts_of(term):
            return Q(pk__in=calls)
        if people := people_of(term):
            return Q(owner__in=people)
        return Q(request_id=term) & ~Q(request_id="")

    @admin.display(description="call")
    def call(self, attempt: Attempt) -> str:
        return short_id(attempt.pk)

    @admin.display(description="money at risk")
    def at_risk(self, attempt: Attempt) -> str:
        if attempt.state != AttemptState.UNKNOWN:
            return ""
        known = attempt.reserved_micros
        return "price unknown" if known is None else dollars(known)

    @admin.display(description="cost")
    def cost(self, attempt: Attempt) -> str:
        return "" if attempt.cost_micros is None else dollars(attempt.cost_micros)

    def has_resolve_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("generations.change_attempt")

    @admin.action(description="Resolve as charged (unknown ones)", permissions=["resolve"])
    def resolve_as_charged(self, request: HttpRequest, attempts: QuerySet[Attempt]) -> None:
        self._resolve(request, attempts, is_charged=True)

    @admin.action(description="Resolve as free (unknown ones)", permissions=["resolve"])
    def resolve_as_free(self, request: HttpRequest, attempts: QuerySet[Attempt]) -> None:
        self._resolve(request, attempts, is_charged=False)

    def _resolve(
        self, request: HttpRequest, attempts: QuerySet[Attempt], *, is_charged: bool
    ) -> None:
        words = "charged" if is_charged else "free"
        unknown = attempts.filter(state=AttemptState.UNKNOWN).select_related("generation")
        done = [
            attempt
            for attempt in unknown
            if lifecycle.resolve_unknown(attempt, is_charged=is_charged)
        ]
        for attempt in done:
            self.log_change(request, attempt, f"Resolved as {words}.")
        money = dollars(sum(attempt.reserved_micros or 0 for attempt in done))
        self.message_user(request, f"{len(done)} resolved as {words}; {money} was held for them.")
