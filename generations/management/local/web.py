"""The web server: granian, two processes of 128 threads."""

import os
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server import Server

from generations.management.local.processes import die_with_parent

PROCESSES = 2
THREADS = 128  # each holds one slow answer: with 16, a few slow readers stalled the site for 20 s
BACKLOG = 1024
STOP_SECONDS = 5


def serve() -> None:
    """Serve until SIGTERM or SIGINT."""
    application = import_string(settings.WSGI_APPLICATION)
    import_string(f"{settings.ROOT_URLCONF}.urlpatterns")
    server = Server(
        settings.WSGI_APPLICATION,
        address=settings.HOST,
        port=settings.PORT,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        websockets=False,
        workers=PROCESSES,
        blocking_threads=THREADS,
        backlog=BACKLOG,
        backpressure=BACKLOG,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
        log_level=LogLevels.warning,
    )
    server.serve(target_loader=bound_loader(application, os.getpid()), wrap_loader=False)


def bound_loader(application: Any, parent_pid: int) -> Callable[[], Any]:
    """What each serving process calls first. Loaded once, before they fork: they start at once.

    A serving process must not live on when the one that forked it is killed: it would keep the
    port.
    """

    def load() -> Any:
        die_with_parent(parent_pid)
        return application

    return load
