"""Celery's doorway: an id in, one call. The message is a hint; the rows decide."""

from uuid import UUID

from celery import shared_task

from generations import bell
from generations.pipeline import (
    catalog,
    forgetting,
    housekeeping,
    keeper,
    moderation,
    run,
    selfcheck,
)


@shared_task(name=bell.RUN_ATTEMPT)
def run_attempt(attempt_id: str) -> None:
    """One ring, one turn: the worker sees through whichever attempt is next."""
    run.run_next()


@shared_task(name=bell.STORE_ATTEMPT)
def store_attempt(attempt_id: str) -> None:
    keeper.store_received(UUID(attempt_id))


@shared_task(name=bell.FINISH_IMAGE)
def finish_image(image_id: str) -> None:
    housekeeping.finish_image(UUID(image_id))


@shared_task(name=bell.MODERATE)
def moderate(check_id: str) -> None:
    moderation.look(UUID(check_id))


@shared_task(name="generations.sweep")
def sweep() -> None:
    housekeeping.guarded(housekeeping.note_alive)
    housekeeping.sweep()


@shared_task(name="generations.refresh_catalog")
def refresh_catalog() -> None:
    catalog.refresh_catalog()


@shared_task(name="generations.check_money")
def check_money() -> None:
    selfcheck.check_money()


@shared_task(name="generations.check_everything")
def check_everything() -> None:
    selfcheck.check_everything()


@shared_task(name="generations.forget_old")
def forget_old() -> None:
    forgetting.forget_old()
