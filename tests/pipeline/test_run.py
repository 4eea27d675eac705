"""From a submitted prompt to what the tile says, against the sandbox as a real process."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now

from generations import lifecycle, storage
from generations.models import Attempt, Generation, Image, LedgerEntry, User
from generations.pipeline import run, sizes, spool, stopping
from generations.queries.gallery import cards_of
from tests.support.sandbox import Sandbox

pytestmark = [pytest.mark.db, pytest.mark.django_db(transaction=True)]

Submit = Callable[..., Generation]


def see_through(generation: Generation) -> Attempt:
    """Run whatever is ready; the attempt that speaks for slot 0 in the end."""
    for _ in range(20):
        if not run.run_next(generation.pk):
            break
    return generation.attempts.select_related("generation").order_by("-tries").first()  # type: ignore[return-value]


def money(generation: Generation) -> list[tuple[str, int | None]]:
    rows = LedgerEntry.objects.filter(attempt__generation=generation).order_by("id")
    return [(row.kind, row.micros) for row in rows]


def billed(sandbox: Sandbox) -> int:
    return int(sandbox.ledger()["billed"])


def test_a_prompt_becomes_a_picture_with_everything_known_of_it(
    sandbox: Sandbox, alice: User, submit: Submit
) -> None:
    generation = submit(alice, prompt="a fox in the snow", quality="high", output_format="webp")
    attempt = see_through(generation)
    sizes.drain(20)
    image = Image.objects.get()
    store = storage.get_store()
    assert (attempt.state, attempt.status, attempt.is_vacant) == ("stored", 200, False)
    assert attempt.request_id
    assert attempt.usage
    assert attempt.usage["total_tokens"] > 0
    assert None not in (
        attempt.claimed_at,
        attempt.sent_at,
        attempt.accepted_at,
        attempt.received_at,
        attempt.finished_at,
    )
    assert (image.width, image.height, image.mime) == (1024, 1024, "image/webp")
    assert image.revised_prompt
    assert image.sizes_done
    assert [edge for edge, _, _ in image.edges] == [320, 640, 1600]
    original = b"".join(store.open(image.key).chunks)
    assert len(original) == image.size_bytes
    assert sorted(store.keys()) == sorted(
        [image.key, *(storage.keys.derived_key(image.key, edge) for edge in (320, 640, 1600))]
    )
    assert money(generation) == [("reserve", 40_000), ("settle", 40_000)]
    assert billed(sandbox) == 1


def test_four_pictures_are_four_calls_and_four_tiles(
    sandbox: Sandbox, alice: User, submit: Submit
) -> None:
    generation = submit(alice, n=4)
    see_through(generation)
    assert [(c.slot, c.state) for c in cards_of(generation, alice)] == [
        (0, "done"),
        (1, "done"),
        (2, "done"),
        (3, "done"),
    ]
    assert billed(sandbox) == 4


def test_several_in_one_call_where_the_catalogue_says_so(
    sandbox: Sandbox, alice: User, submit: Submit, painter: Any
) -> None:
    painter.images_per_call = 4
    painter.save()
    generation = submit(alice, n=6)
    see_through(generation)
    assert [c.state for c in cards_of(generation, alice)] == ["done"] * 6
    assert sandbox.ledger()["requests"] == 2


@pytest.mark.parametrize(
    ("directive", "state", "tile", "code", "entries", "bills"),
    [
        ("[[status=400]]", "rejected_free", "failed", "invalid_request", "release", 0),
        ("[[blocked]]", "rejected_free", "blocked", "blocked", "release", 0),
        ("[[status=404]]", "rejected_free", "failed", "model_gone", "release", 0),
        ("[[status=422]]", "rejected_free", "failed", "validation", "release", 0),
        ("[[status=501]]", "rejected_free", "failed", "not_supported", "release", 0),
        ("[[status=500]]", "unknown", "unknown", "provider_error", "hold", None),
        ("[[status=502]]", "unknown", "unknown", "gateway_error", "hold", None),
        ("[[status=503]]", "unknown", "unknown", "unavailable", "hold", None),
        ("[[status=504]]", "unknown", "unknown", "gateway_timeout", "hold", None),
        ("[[rst]]", "unknown", "unknown", "connection_lost", "hold", 1),
        ("[[html]]", "unknown", "unknown", "wrong_content", "hold", None),
        ("[[malformed]]", "unknown", "unknown", "malformed", "hold", None),
        ("[[empty]]", "charged_unusable", "failed", "empty", "settle", 1),
        ("[[noitem]]", "charged_unusable", "failed", "no_picture", "settle", 1),
        ("[[svg]]", "charged_unusable", "failed", None, "settle", 1),
        ("[[gif]]", "charged_unusable", "failed", None, "settle", 1),
        ("[[cut=after_image]]", "stored", "done", "", "settle", 1),
        ("[[crlf]]", "stored", "done", "", "settle", 1),
        ("[[json]]", "stored", "done", "", "settle", 1),
        ("[[as=data]]", "stored", "done", "", "settle", 1),
        ("[[as=url]]", "stored", "done", "", "settle", 1),
        ("[[url_private]]", "charged_unusable", "failed", "address_blocked", "settle", 1),
        ("[[url_expired]]", "charged_unusable", "failed", "link_expired", "settle", 1),
    ],
)
def test_each_upstream_event_ends_in_a_tile_that_says_so(
    sandbox: Sandbox,
    alice: User,
    submit: Submit,
    directive: str,
    state: str,
    tile: str,
    code: str | None,
    entries: str,
    bills: int | None,
) -> None:
    generation = submit(alice, prompt=f"a fox {directive}")
    attempt = see_through(generation)
    card = cards_of(generation, alice)[0]
    assert (attempt.state, card.state) == (state, tile)
    assert code in (None, attempt.code)
    assert [kind for kind, _ in money(generation)] == ["reserve", entries]
    assert sandbox.ledger()["requests"] == 1
    assert bills in (None, billed(sandbox))
    if tile != "done":
        assert card.title
        assert card.sentence
        assert card.money


@pytest.mark.parametrize(
    ("directive", "problem"),
    [("[[bomb]]", "too_many_pixels"), ("[[truncated_image]]", "damaged")],
)
def test_a_paid_picture_that_cannot_be_shown_keeps_its_original(
    sandbox: Sandbox, alice: User, submit: Submit, directive: str, problem: str
) -> None:
    generation = submit(alice, prompt=f"a fox {directive}")
    assert see_through(generation).state == "stored"
    image = Image.objects.get()
    assert (image.problem, image.edges, image.sizes_done) == (problem, [], True)
    card = cards_of(generation, alice)[0]
    assert (card.state, card.src) == ("done", "")
    assert card.title
    assert storage.get_store().head(image.key)


def test_a_limit_is_waited_out_and_sent_again_by_itself(
    sandbox: Sandbox, alice: User, submit: Submit
) -> None:
    generation = submit(alice, prompt="a fox [[status=429]] [[retry_after=1]] [[times=1]]")
    first = see_through(generation)
    assert (first.state, first.code, first.tries) == ("held", "rate_limited", 2)
    assert cards_of(generation, alice)[0].state == "held"
    Attempt.objects.update(not_before=Now())
    lifecycle.open_gate(lifecycle.ACCOUNT_GATE)
    assert see_through(generation).state == "stored"
    assert [kind for kind, _ in money(generation)] == ["reserve", "release", "reserve", "settle"]
    assert (sandbox.ledger()["requests"], billed(sandbox)) == (2, 1)


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_failure_that_is_confirmed_to_be_free_is_sent_again(
    sandbox: Sandbox, alice: User, submit: Submit, settings: Any, status: int
) -> None:
    settings.MESH_ERRORS_ARE_FREE = True
    generation = submit(alice, prompt=f"a fox [[status={status}]] [[billed=0]]")
    for tries in (2, 3):
        newest = see_through(generation)
        assert (newest.state, newest.tries) == ("ready", tries)
        Attempt.objects.update(not_before=Now() - timedelta(seconds=1))
    assert see_through(generation).state == "rejected_free"
    assert (sandbox.ledger()["requests"], billed(sandbox)) == (3, 0)


def test_a_gateway_that_gave_up_on_a_running_call_is_never_free(
    sandbox: Sandbox, alice: User, submit: Submit, settings: Any
) -> None:
    settings.MESH_ERRORS_ARE_FREE = True
    assert see_through(submit(alice, prompt="a fox [[status=504]]")).state == "unknown"


@pytest.mark.parametrize(("status", "code"), [(401, "unauthorized"), (402, "no_balance")])
def test_a_refused_account_holds_everybody_and_burns_nothing(
    sandbox: Sandbox, alice: User, bob: User, submit: Submit, status: int, code: str
) -> None:
    see_through(submit(alice, prompt=f"a fox [[status={status}]]"))
    waiting = submit(bob, prompt="a hare")
    assert not run.run_next()
    assert {row.state for row in Attempt.objects.filter(finished_at=None)} == {"held"}
    assert waiting.attempts.get().code == code
    assert sandbox.ledger()["requests"] == 1


def test_a_provider_that_cannot_be_reached_costs_nothing_and_waits(
    settings: Any, alice: User, submit: Submit
) -> None:
    settings.MESH_API_BASE_URL = "http://127.0.0.1:9"
    generation = submit(alice)
    attempt = see_through(generation)
    assert (attempt.state, attempt.code, attempt.sent_at) == ("ready", "refused_connection", None)
    card = cards_of(generation, alice)[0]
    assert (card.state, card.title) == ("waiting", "Can't reach the provider")
    assert money(generation) == [("reserve", 40_000)]
    assert spool.attempt_ids() == set()


def test_silence_ends_at_its_limit(
    sandbox: Sandbox, alice: User, submit: Submit, settings: Any
) -> None:
    settings.MESH_DEADLINE_SECONDS = 1.0
    attempt = see_through(submit(alice, prompt="a fox [[pings=60]]"))
    assert (attempt.state, attempt.code) == ("unknown", "deadline")


def test_nothing_is_claimed_while_stopping(alice: User, submit: Submit) -> None:
    submit(alice)
    stopping.request_stop()
    assert not run.run_next()
    assert Attempt.objects.get().state == "ready"


def test_a_full_disk_sends_nothing(
    sandbox: Sandbox, alice: User, submit: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "FREE_BYTES_FLOOR", 2**62)
    attempt = see_through(submit(alice))
    assert (attempt.state, attempt.code) == ("ready", "spool_full")
    assert sandbox.ledger()["requests"] == 0
