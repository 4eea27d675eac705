"""What the gallery checks of itself: money often, everything else at night."""

import logging

from generations.queries.audit import Options, audit

_log = logging.getLogger(__name__)

MONEY = ("I7", "I8", "I9")


def check_money() -> bool:
    """Whether budgets and ledger say what the attempts say; what doesn't is logged as an error."""
    return _check(Options(is_quick=True, is_often=True), *MONEY)


def check_everything() -> bool:
    """All promises that can be counted without reading the pictures themselves."""
    return _check(Options(is_quick=True))


def _check(options: Options, *names: str) -> bool:
    broken = [each for each in audit(options, only=names) if not each.is_good]
    for result in broken:
        told = "; ".join(result.examples) or result.note
        _log.error("%s is broken %s times: %s: %s", result.id, result.count, result.sentence, told)
    return not broken
