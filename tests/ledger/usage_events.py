"""Whatever may happen to attempts and pictures that the sums of usage depend on, by number."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db.models import F, QuerySet
from django.utils import timezone

from generations import ledger, policy
from generations.models import (
    Attempt,
    AttemptState,
    Generation,
    Image,
    LedgerEntry,
    LedgerKind,
    Team,
    User,
)
from generations.models.generation import sort_key
from generations.services.image import delete_images, restore_images, trash_images
from generations.services.moving import copy_images, move_images

S = AttemptState
BEGIN = datetime(2025, 12, 30, 23, tzinfo=UTC)
PRICES = (0, 40_000, 62_500, None)
Act = Callable[[int], object]


class History:
    """`happen` picks an event and what it happens to; where there is nothing, nothing happens."""

    def __init__(self, people: Sequence[User], team: Team) -> None:
        self.people, self.team = people, team
        self.events: list[Act] = [
            *(self.ask, self.ask, self.store, self.store, self.spoil, self.refuse, self.lose),
            *(self.resolve, self.arrive_late, self.trash, self.trash, self.restore, self.give_up),
            *(self.hide, self.show, self.move, self.copy, self.remove_picture),
            *(self.import_run, self.own_run),
            *(self.rename_model, self.hand_over, self.remove_run, self.add_up, self.mend),
        ]

    def happen(self, event: int, choice: int) -> None:
        self.events[event % len(self.events)](choice)

    def ask(self, choice: int) -> None:
        owner = self.people[choice % len(self.people)]
        team = self.team if choice % 3 == 0 else None
        when = BEGIN + timedelta(hours=choice * 7)
        run = Generation.objects.create(
            owner=owner,
            team=team,
            submit_token=uuid4().hex,
            prompt="a fox",
            model_id=f"a/{choice % 2}",
            n=4,
            created_at=when,
        )
        attempts = [
            Attempt(
                generation=run,
                owner=owner,
                team=team,
                first_slot=2 * number,
                slot_count=2,
                sort_key=sort_key(when, 2 * number),
                state_since=when,
                not_before=when,
                created_at=when,
                reserved_micros=PRICES[choice % 4],
            )
            for number in (0, 1)
        ]
        Attempt.objects.bulk_create(attempts)
        ledger.reserve(attempts)

    def store(self, choice: int) -> None:
        """With as many pictures as came, which may be fewer than were asked for."""
        attempt = self._take(choice, S.READY, S.RECEIVED, to=S.STORED)
        if attempt is None:
            return
        if not LedgerEntry.objects.filter(attempt=attempt, kind=LedgerKind.SETTLE).exists():
            ledger.settle(attempt, micros=PRICES[choice % 4], pictures=2)
        for index in range(choice % 3):
            Image.objects.create(
                generation_id=attempt.generation_id,
                attempt=attempt,
                owner_id=attempt.owner_id,
                team_id=attempt.team_id,
                index=index,
                slot=index,
                sort_key=attempt.sort_key,
                key=uuid4().hex,
                size_bytes=1,
                width=1,
                height=1,
                created_at=BEGIN,
                is_hidden=choice % 5 == 0,
            )

    def spoil(self, choice: int) -> None:
        self._settle(choice, self._take(choice, S.READY, to=S.CHARGED_UNUSABLE))

    def refuse(self, choice: int) -> None:
        """A refusal may have cost the tokens it read."""
        attempt = self._take(choice, S.READY, to=S.REJECTED_FREE)
        if attempt and choice % 2:
            ledger.settle(attempt, micros=7, pictures=0)
        elif attempt:
            ledger.release(attempt)

    def lose(self, choice: int) -> None:
        attempt = self._take(choice, S.READY, to=S.UNKNOWN)
        if attempt:
            ledger.hold(attempt)

    def resolve(self, choice: int) -> None:
        if choice % 2:
            self._settle(choice, self._take(choice, S.UNKNOWN, to=S.RESOLVED_CHARGED))
        elif attempt := self._take(choice, S.UNKNOWN, to=S.RESOLVED_FREE):
            ledger.release(attempt)

    def arrive_late(self, choice: int) -> None:
        self._take(choice, S.RESOLVED_CHARGED, S.UNKNOWN, to=S.RECEIVED)

    def trash(self, choice: int) -> None:
        owner = self._person(choice)
        trash_images(owner, self._some(policy.changeable_images(owner), choice))

    def restore(self, choice: int) -> None:
        owner = self._person(choice)
        restore_images(owner, self._some(policy.restorable_images(owner), choice))

    def give_up(self, choice: int) -> None:
        owner = self._person(choice)
        delete_images(owner, self._some(policy.restorable_images(owner), choice))

    def hide(self, choice: int) -> None:
        Image.objects.filter(pk__in=self._some(Image.objects.all(), choice)).update(is_hidden=True)

    def show(self, choice: int) -> None:
        Image.objects.filter(is_hidden=True).update(is_hidden=False)

    def move(self, choice: int) -> None:
        owner = self._person(choice)
        into = self.team if choice % 2 else None
        move_images(owner, self._some(policy.visible_images(owner), choice), into)

    def copy(self, choice: int) -> None:
        owner = self._person(choice)
        into = self.team if choice % 2 else None
        copy_images(owner, self._some(policy.visible_images(owner), choice), into)

    def remove_picture(self, choice: int) -> None:
        Image.objects.filter(pk__in=self._some(Image.objects.all(), choice)).delete()

    def import_run(self, choice: int) -> None:
        self._run(choice).update(imported_at=timezone.now())

    def own_run(self, choice: int) -> None:
        self._run(choice).update(imported_at=None)

    def rename_model(self, choice: int) -> None:
        self._run(choice).update(model_id=f"b/{choice % 3}")

    def hand_over(self, choice: int) -> None:
        """Nothing does this yet; a repair by hand might."""
        rows = Attempt.objects.filter(pk__in=self._some(Attempt.objects.all(), choice))
        owner, day = self._person(choice), 86_400_000_000 * 16
        rows.update(owner=owner, sort_key=F("sort_key") + day, cost_micros=5, slot_count=3)

    def remove_run(self, choice: int) -> None:
        run = self._run(choice)
        Image.objects.filter(generation__in=run).delete()
        LedgerEntry.objects.filter(attempt__generation__in=run).delete()
        Attempt.objects.filter(generation__in=run).delete()
        run.delete()

    def add_up(self, choice: int) -> None:
        ledger.add_up()

    def mend(self, choice: int) -> None:
        for stretch in ledger.stretches():
            ledger.mend(stretch)

    def _person(self, choice: int) -> User:
        return self.people[choice % len(self.people)]

    def _some(self, rows: QuerySet[Any], choice: int) -> list[Any]:
        return list(rows.order_by("sort_key", "pk").values_list("pk", flat=True))[:: choice % 3 + 1]

    def _run(self, choice: int) -> QuerySet[Generation]:
        ids = list(Generation.objects.order_by("created_at", "pk").values_list("pk", flat=True))
        return Generation.objects.filter(pk__in=ids[choice % len(ids) :][:1] if ids else [])

    def _take(self, choice: int, *states: AttemptState, to: AttemptState) -> Attempt | None:
        found = list(Attempt.objects.filter(state__in=states).order_by("sort_key", "pk"))
        if not found:
            return None
        attempt = found[choice % len(found)]
        Attempt.objects.filter(pk=attempt.pk).update(state=to, sent_at=BEGIN)
        return attempt

    def _settle(self, choice: int, attempt: Attempt | None) -> None:
        if attempt:
            ledger.settle(attempt, micros=PRICES[choice % 4], pictures=2)
