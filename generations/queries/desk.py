"""What failed or isn't known, by cause, for whoever looks after it: no prompts, no pictures."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.admin.models import LogEntry
from django.db.models import Count, Max, Q, QuerySet, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from generations import lifecycle, outcomes, policy, wording
from generations.models import Attempt, AttemptState, User
from generations.models.generation import HAS_FAILED, UNFINISHED
from generations.queries.cards import BLOCKED_CODES
from generations.queries.desk_words import without_prompt
from generations.queries.usage_rows import model_names

S = AttemptState
MOST_CALLS = 200  # of one cause, shown and acted on at once
MOST_ACTS = 20


@dataclass(frozen=True, slots=True)
class CauseKey:
    """Calls that ended alike, with one model; `days` is how far back one looks."""

    state: str
    code: str
    model_id: str
    days: int

    @property
    def url(self) -> str:
        return f"{reverse('desk_cause')}?{urlencode(self.fields)}"

    @property
    def fields(self) -> dict[str, str]:
        days = str(self.days)
        return {"state": self.state, "code": self.code, "model": self.model_id, "days": days}


@dataclass(frozen=True, slots=True)
class Cause:
    key: CauseKey
    model_name: str
    calls: int
    people: int
    pictures: int
    micros: int  # reserved for what is unknown, else charged
    unpriced: int
    newest: datetime | None
    request_id: str  # of one of them

    @property
    def is_unknown(self) -> bool:
        return self.key.state == S.UNKNOWN

    @property
    def is_free(self) -> bool:
        return self.key.state == S.REJECTED_FREE

    @property
    def calls_text(self) -> str:
        return wording.count(self.calls, "call")

    @property
    def title(self) -> str:
        return _outcome(self.key).title

    @property
    def sentence(self) -> str:
        return _outcome(self.key).sentence

    @property
    def people_text(self) -> str:
        return "1 person" if self.people == 1 else f"{self.people:,} people"

    @property
    def pictures_text(self) -> str:
        return wording.count(self.pictures, "picture")

    @property
    def money_text(self) -> str:
        known = wording.sum_of_money(self.micros) if self.micros or not self.unpriced else ""
        unknown = f"{self.unpriced:,} at an unknown price" if self.unpriced else ""
        return ", ".join(part for part in (known, unknown) if part)


def _outcome(key: CauseKey) -> outcomes.Outcome:
    return outcomes.sentence_for(key.code, is_over=key.state == S.REJECTED_FREE)


def failures(user: User, *, days: int) -> QuerySet[Attempt]:
    """What ended badly so lately, and all that is still unknown; not what was tried once more."""
    lately = Q(state=S.UNKNOWN) | Q(finished_at__gte=timezone.now() - timedelta(days=days))
    rows = policy.operated_attempts(user).filter(HAS_FAILED, lately, generation__imported_at=None)
    followed = Attempt.objects.filter(previous__isnull=False)  # few, and found by an index
    return rows.exclude(pk__in=followed.values("previous"))


def causes(user: User, *, days: int) -> list[Cause]:
    """What is unknown first, then what befell most pictures."""
    rows = _summed(failures(user, days=days))
    names = model_names(row["generation__model_id"] for row in rows)
    found = [_cause(row, names, days) for row in rows]
    return sorted(found, key=lambda cause: (not cause.is_unknown, -cause.pictures, cause.title))


def cause_of(user: User, key: CauseKey) -> Cause | None:
    rows = _summed(calls_of(user, key))
    names = model_names(row["generation__model_id"] for row in rows)
    return _cause(rows[0], names, key.days) if rows else None


def calls_of(user: User, key: CauseKey) -> QuerySet[Attempt]:
    rows = failures(user, days=key.days).filter(state=key.state, code=key.code)
    return rows.filter(generation__model_id=key.model_id)


def _summed(rows: QuerySet[Attempt]) -> list[Any]:
    grouped = rows.order_by().values("state", "code", "generation__model_id")
    is_held, is_paid = Q(state=S.UNKNOWN), Q(state=S.CHARGED_UNUSABLE)
    at_no_price = is_held & Q(reserved_micros=None) | is_paid & Q(cost_micros=None)
    found = grouped.annotate(
        calls=Count("pk"),
        people=Count("owner", distinct=True),
        pictures=Sum("slot_count"),
        reserved=Sum("reserved_micros", filter=is_held),
        charged=Sum("cost_micros"),
        unpriced=Sum("slot_count", filter=at_no_price),
        newest=Max("finished_at"),
        a_request=Max("request_id"),
    )
    return list(found)


def _cause(row: Any, names: dict[str, str], days: int) -> Cause:
    model_id = row["generation__model_id"]
    return Cause(
        key=CauseKey(row["state"], row["code"], model_id, days),
        model_name=names[model_id],
        calls=row["calls"],
        people=row["people"],
        pictures=row["pictures"],
        micros=(row["reserved"] or 0) + (row["charged"] or 0),
        unpriced=row["unpriced"] or 0,
        newest=row["newest"],
        request_id=row["a_request"],
    )


@dataclass(frozen=True, slots=True)
class Call:
    """One attempt as an operator may see it."""

    id: UUID
    person: str
    asked: datetime
    sent: datetime | None
    ended: datetime | None
    status: int | None
    request_id: str
    code: str
    message: str
    money_text: str


def call_of(attempt: Attempt) -> Call:
    """`attempt` with its owner and generation selected."""
    is_held = attempt.state == S.UNKNOWN
    micros = attempt.reserved_micros if is_held else attempt.cost_micros
    is_free = attempt.state == S.REJECTED_FREE and not micros
    prompt = attempt.generation.prompt
    return Call(
        id=attempt.pk,
        person=attempt.owner.username,
        asked=attempt.created_at,
        sent=attempt.sent_at,
        ended=attempt.finished_at,
        status=attempt.status,
        request_id=attempt.request_id,
        code=attempt.code,
        # What moderation says is all about the prompt.
        message="" if attempt.code in BLOCKED_CODES else without_prompt(attempt.message, prompt),
        money_text="nothing" if is_free else wording.usd(micros),
    )


@dataclass(frozen=True, slots=True)
class Flight:
    """What is under way, in pictures; `is_paused` says that nothing new is sent."""

    waiting: int
    held: int
    working: int
    saving: int
    is_paused: bool

    @property
    def is_draining(self) -> bool:
        return self.is_paused and bool(self.working or self.saving)


STAGES: dict[str, tuple[AttemptState, ...]] = {
    "waiting": (S.READY,),
    "held": (S.HELD,),
    "working": (S.CLAIMED, S.SENDING, S.ACCEPTED),
    "saving": (S.RECEIVED, S.FETCHING),
}


def in_flight(user: User) -> Flight:
    rows = policy.operated_attempts(user).filter(UNFINISHED, generation__imported_at=None)
    counted = dict(rows.order_by().values_list("state").annotate(Sum("slot_count")))
    stages = {
        name: sum(counted.get(state, 0) for state in states) for name, states in STAGES.items()
    }
    gates = {gate.name for gate in lifecycle.closed_gates()}
    return Flight(**stages, is_paused=lifecycle.ACCOUNT_GATE in gates)


@dataclass(frozen=True, slots=True)
class Act:
    when: datetime
    who: str
    what: str
    text: str


def last_acts() -> list[Act]:
    """What operators did here and in the administration, newest first."""
    of_ours = {"content_type__app_label": "generations"}
    rows = LogEntry.objects.filter(**of_ours, content_type__model__in=["attempt", "gate"])
    return [
        Act(row.action_time, row.user.get_username(), _what(row), row.get_change_message())
        for row in rows.select_related("user", "content_type")[:MOST_ACTS]
    ]


def _what(row: LogEntry) -> str:
    kind = row.content_type.name if row.content_type else ""
    return f"{kind} {row.object_repr}"
