"""What must be true before the first page: tables, static files, the list of models."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import Error as DatabaseError

from generations.management.local.errors import CannotStart
from generations.management.local.private_files import write_private

CONNECT_SECONDS = 5


def pending_migrations() -> int:
    """How many migrations the database lacks."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def why_no_database() -> str:
    """The database's own words when it can't be reached; empty when it can.

    Asked past the connection pool, which would try for ten seconds and write each try to the log.
    """
    wrapper: Any = connection  # its driver module is no part of Django's types
    parameters = wrapper.get_connection_params()
    if connection.vendor == "postgresql":
        parameters.setdefault("connect_timeout", CONNECT_SECONDS)
    try:
        wrapper.Database.connect(**parameters).close()
    except wrapper.Database.Error as error:
        return " ".join(str(error).split())
    return ""


def migrate(before: Callable[[], None]) -> bool:
    """Bring the tables up to date; whether there was anything to do. `before` is called if so."""
    if reason := why_no_database():
        raise CannotStart(f"The database can't be reached, see DATABASE_URL: {reason}")
    try:
        if not pending_migrations():
            return False
        before()
        call_command("migrate", interactive=False, verbosity=0)
    except DatabaseError as error:
        reason = " ".join(str(error).split())
        raise CannotStart(f"The database's tables can't be brought up to date: {reason}") from error
    return True


def collect_static() -> bool:
    """Put hashed, compressed copies under STATIC_ROOT; whether any file had changed."""
    stamp_path = Path(settings.VAR_DIR) / "static.stamp"
    stamp = static_stamp()
    root = Path(settings.STATIC_ROOT)
    if root.is_dir() and stamp_path.is_file() and stamp_path.read_text() == stamp:
        return False
    call_command("collectstatic", interactive=False, verbosity=0, clear=root.is_dir())
    write_private(stamp_path, stamp)
    return True


def static_stamp() -> str:
    """Changes when a static file is added, removed, edited, or is to be stored otherwise."""
    digest = hashlib.sha256(repr(settings.STORAGES["staticfiles"]).encode())
    for finder in get_finders():
        for name, storage in sorted(finder.list([]), key=lambda found: str(found[0])):
            state = Path(storage.path(name)).stat()
            digest.update(f"{name}:{state.st_size}:{state.st_mtime_ns}\n".encode())
    return digest.hexdigest()
