"""Pausing and going on by an operator's hand; each is on record with who did it."""

from django.contrib.admin.models import CHANGE, LogEntry

from generations import lifecycle, outcomes, policy
from generations.errors import NotAllowed
from generations.models import Gate, User

NOT_YOURS = "Your account may look here, but not pause sending."


def close_gate(actor: User, name: str, *, message: str) -> None:
    """Nobody sends through it until somebody opens it; what is on its way goes on."""
    require_pauser(actor)
    lifecycle.close_gate(name, seconds=None, reason=outcomes.PAUSED, message=message)
    _log(actor, Gate.objects.get(name=name), f"Paused: {message}")


def require_pauser(actor: User) -> None:
    """Raises NotAllowed for staff who may only look."""
    if not policy.can_pause(actor):
        raise NotAllowed(NOT_YOURS)


def open_gate(actor: User, gate: Gate) -> None:
    lifecycle.open_gate(gate.name)
    _log(actor, gate, "Opened.")


def _log(actor: User, gate: Gate, text: str) -> None:
    LogEntry.objects.log_actions(actor.pk, [gate], CHANGE, text, single_object=True)
