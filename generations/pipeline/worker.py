"""What runs beside the tasks in a worker process: the heartbeat, and its own keeper."""

import threading
from collections.abc import Callable

from django.conf import settings
from django.db import connection

from generations import lifecycle
from generations.pipeline import catalog, erasure, housekeeping, keeper, restore, stopping

_over = threading.Event()

KEEPER_SECONDS = 20.0  # its own sweep, in case beat or the broker is away


def started() -> None:
    """Begin renewing leases and looking after this host's spool."""
    start_heartbeat()
    housekeeping.guarded(restore.look)  # before anything is claimed
    connection.close()
    _every(max(KEEPER_SECONDS, settings.SWEEP_SECONDS), _keep, name="keeper", at_once=True)
    threading.Thread(target=catalog.refresh_catalog_quietly, name="catalog", daemon=True).start()


def start_heartbeat() -> None:
    _over.clear()
    stopping.resume()
    _every(settings.LEASE_SECONDS / 3, _renew, name="heartbeat")


def stopped() -> None:
    _over.set()


def _renew() -> None:
    ids = stopping.held_ids()
    if ids:
        lifecycle.renew_leases(stopping.worker_name(), ids)


def _keep() -> None:
    housekeeping.guarded(restore.look)
    housekeeping.guarded(keeper.keep_spool)
    housekeeping.sweep()
    housekeeping.guarded(erasure.go_on)
    housekeeping.guarded(housekeeping.empty_trash)


def _every(seconds: float, work: Callable[[], None], *, name: str, at_once: bool = False) -> None:
    def loop() -> None:
        if at_once:
            _do(work)
        while not _over.wait(seconds):
            _do(work)

    threading.Thread(target=loop, name=name, daemon=True).start()


def _do(work: Callable[[], None]) -> None:
    housekeeping.guarded(work)
    connection.close()
