"""I2 and I4: our attempts against the sandbox's own bill, which is an independent witness."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any
from uuid import UUID

from django.conf import settings

from generations.models import Attempt, AttemptState
from generations.queries.audit.counting import NotCounted, Options, Tally, is_uuid

S = AttemptState
BATCH = 500
ASK_SECONDS = 20
CHARGED = (S.STORED, S.CHARGED_UNUSABLE)
FREE = (S.REJECTED_FREE, S.CANCELED, S.RESOLVED_FREE, S.READY, S.HELD, S.CLAIMED)
STILL_MOVING = ("received", "working")

Bill = dict[UUID, Mapping[str, Any]]


def count_requests(options: Options, tally: Tally) -> None:
    for attempt_id, line in _bill(options).items():
        if line["requests"] > 1:
            tally.add(attempt_id, f"was requested {line['requests']} times")


def count_unaccounted(options: Options, tally: Tally) -> None:
    """The bill is read first: whatever it tells of has been committed as sent by then."""
    for lines in _batches(_bill(options)):
        states = dict(Attempt.objects.filter(pk__in=lines).values_list("pk", "state"))
        for attempt_id, line in lines.items():
            if wrong := _what_is_wrong(line, states.get(attempt_id)):
                tally.add(attempt_id, wrong)


def _what_is_wrong(line: Mapping[str, Any], state: str | None) -> str:
    if line["billed"] and state is None:
        return "was billed and is no attempt of ours"
    if line["billed"] and state in FREE:
        return f"was billed and is {state} here"
    if not line["billed"] and state in CHARGED and line["state"] not in STILL_MOVING:
        return f"is {state} here and was never billed"
    return ""


def _bill(options: Options) -> Bill:
    url = options.sandbox_url or (settings.MESH_API_BASE_URL if settings.ON_SANDBOX else "")
    if not url:
        raise NotCounted("only the sandbox tells what it billed; see manage.py reconcile --bill")
    try:
        with urllib.request.urlopen(f"{url}/_sandbox/ledger", timeout=ASK_SECONDS) as answer:  # noqa: S310  # our own sandbox
            lines = json.load(answer)["by_request_id"]
    except (urllib.error.URLError, TimeoutError) as error:
        if options.sandbox_url:
            raise
        raise NotCounted("the sandbox doesn't answer, so there is no bill") from error
    # Our attempts' ids; a call made by hand has another name on the bill.
    return {UUID(name): line for name, line in lines.items() if is_uuid(name)}


def _batches(bill: Bill) -> Iterator[Bill]:
    lines = iter(bill.items())
    while batch := dict(islice(lines, BATCH)):
        yield batch
