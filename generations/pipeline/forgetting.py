"""What nobody needs any more is forgotten once a day."""

from generations import throttle
from generations.pipeline.housekeeping import guarded
from generations.sessions import SessionStore


def forget_old() -> None:
    """Sign-ins that are over, and tries of long ago. May run twice."""
    for step in (SessionStore.clear_expired, throttle.forget_old):
        guarded(step)
