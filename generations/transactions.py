"""Writing transactions that take turns where the database can't.

SQLite admits one writer at a time and makes the others sleep and try again, which starves some when
a hundred threads of one process write at once. Inside a process they queue here instead.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

_turn = threading.RLock()


@contextmanager
def writing() -> Iterator[None]:
    """One transaction that writes; may be nested."""
    # Who is in a transaction has SQLite's turn already; waiting for ours would be a circle.
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        with transaction.atomic():
            yield
        return
    with _turn, transaction.atomic():
        yield
