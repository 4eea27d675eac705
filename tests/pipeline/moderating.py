"""What the tests of the automatic check say and look at."""

from collections.abc import Callable

from django.db.models.functions import Now

from generations import lifecycle
from generations.models import (
    Attempt,
    Generation,
    ModerationCheck,
)
from generations.pipeline import moderation, run
from tests.support.sandbox import Sandbox

Submit = Callable[..., Generation]


Policy = Callable[[str], None]


SMALL = "[[size=400x300]]"  # soon drawn


GORE = f"blood and gore {SMALL}"


FOX = f"a fox {SMALL}"


def see_through(generation: Generation) -> None:
    while run.run_next(generation.pk):
        pass


def told(generation: Generation) -> list[tuple[str, str]]:
    attempts = generation.attempts.filter(is_vacant=True).order_by("first_slot")
    return [(each.state, each.code) for each in attempts]


def checks(generation: Generation) -> list[tuple[str, str, list[str], str]]:
    rows = ModerationCheck.objects.filter(generation=generation).order_by("created_at")
    kinds = [("picture" if row.image_id else "prompt", row) for row in rows]
    return [(kind, row.verdict, row.categories, row.code) for kind, row in sorted(kinds, key=str)]


def of_prompt(generation: Generation) -> ModerationCheck:
    return ModerationCheck.objects.get(generation=generation, image=None)


def look_at_pictures() -> None:
    for row in ModerationCheck.objects.exclude(image=None):
        moderation.look(row.pk)


def make_due() -> None:
    """The clock goes on until whatever waits may be asked again."""
    moderation.forget_trouble()
    ModerationCheck.objects.update(due_at=Now())
    Attempt.objects.filter(state__in=["ready", "held"]).update(not_before=Now())
    lifecycle.release_held()


def counts(sandbox: Sandbox) -> tuple[int, int, int]:
    """Verdicts asked for, paid calls, those that were billed."""
    ledger = sandbox.ledger()
    return ledger["moderations"], ledger["requests"], ledger["billed"]
