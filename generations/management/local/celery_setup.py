"""What worker and beat ask of Celery alike."""

import os
from typing import Any

from celery import signals


def leave_logging_alone() -> None:
    """Django's LOGGING stands, and its system checks, which `make check` runs, aren't repeated."""
    os.environ.setdefault("CELERY_SKIP_CHECKS", "true")
    signals.setup_logging.connect(nothing, weak=False)


def nothing(**_: Any) -> None:
    """A receiver's presence is what tells Celery that logging is set up."""
