"""What nobody needs any more is forgotten once a day."""

from generations import throttle
from generations.pipeline import erasure
from generations.pipeline.housekeeping import guarded
from generations.sessions import SessionStore


def forget_old() -> None:
    """Sign-ins that are over, tries of long ago, what came late for who is gone. May run twice."""
    for step in (SessionStore.clear_expired, throttle.forget_old, erasure.look_again):
        guarded(step)
