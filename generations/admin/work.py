from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from generations import lifecycle
from generations.admin.dollars import dollars
from generations.admin.readonly import ReadOnly
from generations.models import Attempt, AttemptState


@admin.register(Attempt)
class AttemptAdmin(ReadOnly):
    list_display = (
        *("id", "owner", "state", "at_risk", "cost"),
        *("code", "status", "tries", "created_at"),
    )
    list_filter = ("state",)
    list_select_related = ("owner",)
    search_fields = ("=request_id", "=owner__username")
    exclude = ("answered", "message")
    actions = ("resolve_as_charged", "resolve_as_free")

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
