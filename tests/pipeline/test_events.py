"""Upstream's other events, against the sandbox: what each becomes, what it costs, how often it was
sent. The number is the event's in the table of upstream errors; `test_run.py` has the rest."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError

from generations import lifecycle
from generations.models import Attempt, CatalogModel, Gate, Generation, Image, LedgerEntry, User
from generations.pipeline import links, run, spool
from generations.queries.gallery import cards_of
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)

Submit = Callable[..., Generation]
FREE, HELD, PAID = ["release"], ["hold"], ["settle"]


def see_through(generation: Generation) -> Attempt:
    while run.run_next(generation.pk):
        pass
    return generation.attempts.select_related("generation").order_by("tries")[0]


def money(attempt: Attempt) -> list[str]:
    entries = LedgerEntry.objects.filter(attempt=attempt).exclude(kind="reserve")
    return [entry.kind for entry in entries]


ENDS: list[tuple[int, str, str, str, str, list[str], int]] = [
    (9, "[[cut=request]]", "unknown", "unknown", "connection_lost", HELD, 1),
    (10, "[[hang=request]]", "unknown", "unknown", "deadline", HELD, 1),
    (10, "[[hang=head]]", "unknown", "unknown", "silence", HELD, 1),
    (14, "[[status=403]]", "rejected_free", "failed", "forbidden", FREE, 0),
    (16, "[[status=405]]", "rejected_free", "failed", "client_bug", FREE, 0),
    (16, "[[status=410]]", "rejected_free", "failed", "client_bug", FREE, 0),
    (16, "[[status=413]]", "rejected_free", "failed", "client_bug", FREE, 0),
    (16, "[[status=414]]", "rejected_free", "failed", "client_bug", FREE, 0),
    (16, "[[status=415]]", "rejected_free", "failed", "client_bug", FREE, 0),
    (16, "[[status=431]]", "rejected_free", "failed", "client_bug", FREE, 0),
    (17, "[[status=408]]", "unknown", "unknown", "timeout_answer", HELD, 1),
    (18, "[[status=409]]", "rejected_free", "failed", "conflict", FREE, 0),
    (19, "[[blocked=422]]", "rejected_free", "blocked", "blocked", FREE, 0),
    (28, "[[status=503]] [[retry_after=3]]", "unknown", "unknown", "unavailable", HELD, 0),
    (32, "[[short]]", "stored", "done", "", PAID, 1),
    (32, "[[json]] [[cut=half]]", "unknown", "unknown", "cut", HELD, 1),
    (33, "[[json]] [[nolength]]", "stored", "done", "", PAID, 1),
    (33, "[[json]] [[nolength]] [[cut=half]]", "unknown", "unknown", "cut", HELD, 1),
    (35, "[[json]] [[no_data]]", "charged_unusable", "failed", "empty", PAID, 1),
    (39, "[[badb64]]", "charged_unusable", "failed", "undecodable", PAID, 1),
    (39, "[[tiff]]", "charged_unusable", "failed", "unsupported_format", PAID, 1),
    (39, "[[html_image]]", "charged_unusable", "failed", "not_an_image", PAID, 1),
    (40, "[[huge_dims]]", "stored", "done", "", PAID, 1),
    (
        41,
        "[[error_frame=content_policy_violation]]",
        "rejected_free",
        "blocked",
        "blocked",
        FREE,
        0,
    ),
    (42, "[[error_frame=upstream_error]]", "unknown", "unknown", "stream_error", HELD, 1),
    (43, "[[cut=processing]]", "unknown", "unknown", "cut", HELD, 1),
    (43, "[[cut=half]]", "unknown", "unknown", "cut", HELD, 1),
    (44, "[[cut=no_done]]", "stored", "done", "", PAID, 1),
    (45, "[[done_first]]", "charged_unusable", "failed", "empty", PAID, 1),
    (47, "[[junk]]", "stored", "done", "", PAID, 1),
    (48, "[[sse]]", "stored", "done", "", PAID, 1),
    (49, "[[as=url]] [[url_500=2]]", "stored", "done", "", PAID, 1),
    (49, "[[as=url]] [[url_rst=2]]", "stored", "done", "", PAID, 1),
    (50, "[[as=url]] [[url_404=2]]", "stored", "done", "", PAID, 1),
    (51, "[[url_expired=410]]", "charged_unusable", "failed", "link_expired", PAID, 1),
    (51, "[[as=url]] [[url_404=9]]", "charged_unusable", "failed", "link_expired", PAID, 1),
    (52, "[[url_redirect]]", "charged_unusable", "failed", "address_blocked", PAID, 1),
    (
        52,
        "[[url=http://me:pw@127.0.0.1/]]",
        "charged_unusable",
        "failed",
        "address_blocked",
        PAID,
        1,
    ),
    (56, "[[usage=negative]]", "stored", "done", "", PAID, 1),
    (56, "[[usage=huge]]", "stored", "done", "", PAID, 1),
    (56, "[[usage=none]]", "stored", "done", "", PAID, 1),
]


@pytest.mark.parametrize(
    ("event", "directive", "state", "tile", "code", "entries", "bills"),
    ENDS,
    ids=[f"{event}{directive}" for event, directive, *_ in ENDS],
)
def test_event_ends_as_the_table_says(
    sandbox: Sandbox,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    alice: User,
    submit: Submit,
    event: int,
    directive: str,
    state: str,
    tile: str,
    code: str,
    entries: list[str],
    bills: int,
) -> None:
    monkeypatch.setattr(links, "WAITS", (0.0, 0.0, 0.0))
    if "hang" in directive:
        settings.MESH_SILENCE_SECONDS, settings.MESH_DEADLINE_SECONDS = 0.5, 1.0
    generation = submit(alice, prompt=f"a fox [[size=64x64]] {directive}")
    attempt = see_through(generation)
    card = cards_of(generation, alice)[0]
    bill = sandbox.ledger()
    assert (attempt.state, attempt.code, card.state) == (state, code, tile)
    assert money(attempt) == entries
    assert (bill["requests"], bill["billed"]) == (1, bills)
    assert not run.run_next()


HOLDS: list[tuple[int, str, str, str]] = [
    (20, "[[status=429]] [[retry_after=3]]", "rate_limited", "account"),
    (20, "[[status=429]] [[retry_after_date=9]]", "rate_limited", "account"),
    (21, "[[status=429]] [[retry_after_body=3]]", "rate_limited", "account"),
    (22, "[[status=429]]", "rate_limited", "account"),
    (23, "[[status=429]] [[retry_after=86400]]", "quota_wait", "account"),
    (24, "[[status=429]] [[retry_after=-5]]", "rate_limited", "account"),
    (24, "[[status=429]] [[retry_after=1000000000]]", "quota_wait", "account"),
    (24, "[[status=429]] [[retry_after=soon]]", "rate_limited", "account"),
    (30, "[[redirect]]", "redirected", "account"),
    (41, "[[error_frame=rate_limit_exceeded]]", "rate_limited", "account"),
]


@pytest.mark.parametrize(
    ("event", "directive", "code", "gate"),
    HOLDS,
    ids=[f"{event}{directive}" for event, directive, *_ in HOLDS],
)
def test_event_holds_everybody_and_costs_nothing(
    sandbox: Sandbox,
    alice: User,
    submit: Submit,
    event: int,
    directive: str,
    code: str,
    gate: str,
) -> None:
    generation = submit(alice, prompt=f"a fox {directive}")
    refused = see_through(generation)
    waiting = generation.attempts.get(previous=refused)
    closed = Gate.objects.get()
    bill = sandbox.ledger()
    assert (refused.state, refused.code, money(refused)) == ("rejected_free", code, FREE)
    assert (waiting.state, waiting.code, money(waiting)) == ("held", code, [])
    assert (closed.name, closed.is_closed, closed.reason) == (gate, True, code)
    assert (bill["requests"], bill["billed"]) == (1, 0)
    assert cards_of(generation, alice)[0].state == "held"


@pytest.mark.parametrize(
    ("wait", "low", "high"), [("-5", 1, 65), ("1000000000", 86_000, 86_400), ("30", 29, 31)]
)
def test_event_24_an_absurd_wait_is_clamped(
    sandbox: Sandbox, alice: User, submit: Submit, wait: str, low: float, high: float
) -> None:
    see_through(submit(alice, prompt=f"a fox [[status=429]] [[retry_after={wait}]]"))
    gate = Gate.objects.get()
    assert gate.closed_until
    assert gate.closed_at
    assert low - 0.1 <= (gate.closed_until - gate.closed_at).total_seconds() <= high + 0.1


def test_event_15_a_gone_model_is_offered_no_more(
    sandbox: Sandbox, alice: User, submit: Submit, painter: CatalogModel
) -> None:
    see_through(submit(alice, prompt="a fox [[status=404]]"))
    painter.refresh_from_db()
    assert not painter.is_available


@pytest.mark.parametrize(
    ("event", "directive", "pictures", "tiles"),
    [
        (36, "[[fewer]]", 2, ["done", "done", "failed"]),
        (37, "[[more=2]]", 5, ["done"] * 5),
        (32, "[[json]] [[cut=after_image]]", 3, ["done"] * 3),
    ],
)
def test_event_with_another_number_of_pictures(
    sandbox: Sandbox,
    alice: User,
    submit: Submit,
    painter: CatalogModel,
    event: int,
    directive: str,
    pictures: int,
    tiles: list[str],
) -> None:
    CatalogModel.objects.update(images_per_call=3)
    painter.refresh_from_db()
    generation = submit(alice, prompt=f"a fox [[size=64x64]] {directive}", n=3)
    assert see_through(generation).state == "stored"
    assert Image.objects.count() == pictures
    assert sorted(card.state for card in cards_of(generation, alice)) == tiles
    assert sandbox.ledger()["requests"] == 1


# Nothing left this machine


@contextmanager
def silent_listener() -> Iterator[int]:
    """Takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@contextmanager
def full_listener() -> Iterator[int]:
    """Its queue is full: whoever connects waits."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server:
        address = server.getsockname()
        queued = [socket.socket() for _ in range(3)]
        for each in queued:
            each.setblocking(False)
            each.connect_ex(address)
        yield address[1]
        for each in queued:
            each.close()


@contextmanager
def impostor() -> Iterator[int]:
    """Its certificate is nobody's that we trust."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(Path(__file__).parents[1] / "mesh" / "localhost.pem")
    with socket.create_server(("127.0.0.1", 0)) as server:

        def meet() -> None:
            with suppress(OSError):  # the client hangs up on us, as it should
                context.wrap_socket(server.accept()[0], server_side=True).close()

        threading.Thread(target=meet, daemon=True).start()
        yield server.getsockname()[1]


@contextmanager
def nobody() -> Iterator[int]:
    yield 9


UNSENT: list[tuple[int, str, Callable[[], Any], str, str]] = [
    (1, "http://no-such-host.invalid:{}", nobody, "ready", "dns"),
    (2, "http://127.0.0.1:{}", nobody, "ready", "refused_connection"),
    (3, "http://127.0.0.1:{}", full_listener, "ready", "connect_timeout"),
    (4, "https://127.0.0.1:{}", silent_listener, "ready", "tls_timeout"),
    (5, "https://127.0.0.1:{}", impostor, "held", "tls_certificate"),
]


@pytest.mark.parametrize(
    ("event", "url", "listener", "state", "code"), UNSENT, ids=[row[-1] for row in UNSENT]
)
def test_event_before_sending_leaves_the_attempt_as_it_was(
    settings: Any,
    alice: User,
    submit: Submit,
    event: int,
    url: str,
    listener: Callable[[], Any],
    state: str,
    code: str,
) -> None:
    settings.MESH_CONNECT_SECONDS = 0.5
    with listener() as port:
        settings.MESH_API_BASE_URL = url.format(port)
        attempt = see_through(submit(alice))
    assert (attempt.state, attempt.code, attempt.sent_at) == (state, code, None)
    assert (money(attempt), attempt.fence) == ([], 1)
    assert spool.attempt_ids() == set()
    assert [gate.name for gate in lifecycle.closed_gates()] == ["account"] * (state == "held")


# The database is away


def test_event_53_database_away_before_sending(
    sandbox: Sandbox, alice: User, submit: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(attempt: Attempt) -> None:
        raise OperationalError("the database is away")

    generation = submit(alice)
    with monkeypatch.context() as patch:
        patch.setattr(lifecycle, "mark_sending", away)
        run.run_next(generation.pk)
    attempt = generation.attempts.get()
    assert (attempt.state, attempt.sent_at) == ("ready", None)
    assert sandbox.ledger()["requests"] == 0
