"""The failure desk: what staff see of failures, and what they are asked before each act."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from generations import lifecycle
from generations.mesh.text import clean_message
from generations.models import Attempt, AttemptState, Budget, Gate, Generation, User
from generations.queries.desk_words import without_prompt
from tests.services.test_desk import Submit, lose, olga, refuse, rita, rows

pytestmark = [pytest.mark.db]

S = AttemptState
CAUSE = {"state": "unknown", "code": "connection_lost", "model": "openai/gpt-image-1", "days": "1"}
FREE = CAUSE | {"state": "rejected_free", "code": "dns"}
PAGES = ("/desk/", f"/desk/cause/?{urlencode(CAUSE)}")
ACTS = ("/desk/resolve/", "/desk/run-again/", "/desk/pause/")
__all__ = ["olga", "rita"]


@pytest.fixture
def as_olga(olga: User) -> Client:
    client = Client()
    client.force_login(olga)
    return client


@pytest.fixture
def as_rita(rita: User) -> Client:
    client = Client()
    client.force_login(rita)
    return client


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html.partition("<main")[2]).split())


def page(client: Client, address: str = "/desk/") -> str:
    response = client.get(address)
    assert response.status_code == 200
    return words(response.content.decode())


def cause_page(client: Client, **key: str) -> str:
    return page(client, f"/desk/cause/?{urlencode(CAUSE | key)}")


def ids(attempts: list[Attempt]) -> str:
    return ",".join(str(attempt.pk) for attempt in attempts)


def fields_of(html: str) -> dict[str, str]:
    """What the form on a page that asks would send."""
    form = html.partition("<main")[2]
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    return {name: value for name, value in found if name != "csrfmiddlewaretoken"}


def said(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_nobody_else_finds_the_desk(as_alice: Client, alice: User, submit: Submit) -> None:
    attempts = lose(submit(alice))
    for address in PAGES:
        assert as_alice.get(address).status_code == 404
        assert Client().get(address).status_code == 302
    for address in ACTS:
        fields = CAUSE | {"ids": ids(attempts), "verdict": "free", "sure": "1", "name": "account"}
        assert as_alice.post(address, fields | {"message": "x"}).status_code == 404
        assert Client().post(address, fields).status_code == 404
    assert "/desk/" not in as_alice.get("/").content.decode()
    assert Attempt.objects.get().state == S.UNKNOWN


def test_staff_who_may_only_look_do_only_that(as_rita: Client, alice: User, submit: Submit) -> None:
    attempts = lose(submit(alice))
    html = as_rita.get(PAGES[1]).content.decode()
    assert str(attempts[0].pk) in html
    assert "/desk/resolve/" not in html
    assert "/desk/pause/" not in as_rita.get("/desk/").content.decode()
    for address in ACTS:
        fields = CAUSE | {"ids": ids(attempts), "verdict": "free", "name": "account"}
        assert as_rita.post(address, fields | {"message": "x"}).status_code == 403
    assert Attempt.objects.get().state == S.UNKNOWN


def test_causes_say_how_many_how_much_and_whose(
    as_olga: Client, alice: User, bob: User, submit: Submit
) -> None:
    lose(submit(alice, n=2))
    lose(submit(bob))
    refuse(submit(bob, n=2))
    Attempt.objects.filter(state=S.UNKNOWN).update(request_id="req-7")
    found = page(as_olga)
    assert "Outcome unknown connection_lost GPT Image 1 3 2 $0.12 at risk" in found
    assert "Given up dns GPT Image 1 2 1 nothing charged" in found
    assert "req-7" in found
    assert found.index("Outcome unknown") < found.index("Given up")


def test_an_unknown_price_is_at_risk_and_not_0(
    as_olga: Client, alice: User, submit: Submit
) -> None:
    lose(submit(alice))
    Attempt.objects.update(reserved_micros=None)
    assert "1 at an unknown price at risk" in page(as_olga)


def test_old_failures_go_and_what_is_unknown_stays(
    as_olga: Client, alice: User, submit: Submit
) -> None:
    lose(submit(alice))
    refuse(submit(alice))
    Attempt.objects.update(finished_at=timezone.now() - timedelta(days=3))
    assert "Given up" not in page(as_olga)
    assert "Outcome unknown" in page(as_olga)
    assert "Given up" in page(as_olga, "/desk/?days=7")
    Attempt.objects.update(finished_at=timezone.now() - timedelta(days=300))
    assert "Outcome unknown" in page(as_olga, "/desk/?days=x")


def test_what_was_tried_once_more_by_itself_is_no_failure(
    as_olga: Client, alice: User, submit: Submit
) -> None:
    (attempt,) = refuse(submit(alice))
    lifecycle.follow_up(attempt, wait_seconds=0, give_up_seconds=None, state=S.READY)
    assert "Nothing failed, and nothing is unknown." in page(as_olga)


def test_calls_of_a_cause_show_neither_prompt_nor_picture(
    as_olga: Client, alice: User, submit: Submit
) -> None:
    (attempt,) = lose(submit(alice, "canary fox (with brackets"))
    message = "No answer for “Canary fox (with brackets”, sorry"
    Attempt.objects.update(message=message, request_id="req-7", status=502)
    found = cause_page(as_olga)
    assert f"{attempt.pk} alice" in found
    assert "req-7" in found
    assert "502 connection_lost No answer for “[the prompt]”, sorry $0.04" in found
    html = as_olga.get(PAGES[1]).content.decode()
    assert "anary" not in html
    assert "/images/" not in html


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("I can’t draw: {prompt}", "I can’t draw: [the prompt]"),
        ("“{part}” is no scene", "“[the prompt]” is no scene"),
        ('{{"input": "{part}", "{tail}"}}', '{"input": "[the prompt]", "[the prompt]"}'),
        ("Timed out after 60 s", "Timed out after 60 s"),
        ("", ""),
    ],
)
def test_no_part_of_a_prompt_is_shown(said: str, shown: str) -> None:
    """A long one breaks off where the provider's words are cut."""
    prompt = "  ".join(f"Canary{number} fox" for number in range(80))
    words = " ".join(prompt.upper().split())
    message = clean_message(said.format(prompt=words, part=words[7:40], tail=words[-30:]))
    assert without_prompt(message, prompt) == shown


def test_prompt_that_was_forgotten_is_in_no_message() -> None:
    assert without_prompt("Timed out", "") == "Timed out"


def test_what_moderation_said_is_not_shown(as_olga: Client, alice: User, submit: Submit) -> None:
    refuse(submit(alice), "blocked", message="canary words of the prompt")
    assert "canary" not in cause_page(as_olga, state="rejected_free", code="blocked")


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "stored"},
        {"state": ""},
        {"model": "nobody/none"},
        {"model": ""},
        {"model": "a\x00b"},
        {"days": "9999999999"},
        {"code": "x" * 61},
        {"code": "dns"},
    ],
)
def test_a_cause_that_is_none_is_not_there(
    as_olga: Client, alice: User, submit: Submit, wrong: dict[str, str]
) -> None:
    lose(submit(alice))
    assert as_olga.get(f"/desk/cause/?{urlencode(CAUSE | wrong)}").status_code == 404


def test_desk_asks_the_same_for_one_failure_and_for_thirty(
    as_olga: Client, alice: User, submit: Submit
) -> None:
    def count(address: str) -> int:
        as_olga.get(address)
        with CaptureQueriesContext(connection) as captured:
            as_olga.get(address)
        return len(captured)

    lose(submit(alice))
    few = [count(address) for address in PAGES]
    for _ in range(3):
        lose(submit(alice, n=10))
    assert [count(address) for address in PAGES] == few


@pytest.mark.parametrize(
    ("verdict", "line", "state"),
    [
        ("charged", "$0.08 is counted as spent, in one person’s budgets", S.RESOLVED_CHARGED),
        ("free", "$0.08 goes back to one person’s budgets.", S.RESOLVED_FREE),
    ],
)
def test_unknown_ones_are_resolved_after_a_question(
    as_olga: Client, alice: User, submit: Submit, verdict: str, line: str, state: str
) -> None:
    attempts = lose(submit(alice, n=2))
    sent = CAUSE | {"ids": ids(attempts), "verdict": verdict}
    asked = as_olga.post("/desk/resolve/", sent)
    html = asked.content.decode()
    assert f"Resolve 2 calls as {verdict}? {line}" in words(html)
    assert "This can’t be undone." in html
    assert {each.state for each in Attempt.objects.all()} == {S.UNKNOWN}
    done = as_olga.post("/desk/resolve/", fields_of(html))
    assert (done.status_code, done["Location"]) == (303, "/desk/")
    assert said(done) == [f"2 calls resolved as {verdict}."]
    assert {each.state for each in Attempt.objects.all()} == {state}
    assert f"olga Resolved as {verdict}. attempt {attempts[0].pk}" in page(as_olga)


def test_one_of_a_cause_is_resolved_and_the_others_stay(
    as_olga: Client, alice: User, submit: Submit
) -> None:
    one, other = lose(submit(alice, n=2))
    sent = CAUSE | {"ids": str(one.pk), "verdict": "free", "sure": "1"}
    done = as_olga.post("/desk/resolve/", sent)
    assert done["Location"] == f"/desk/cause/?{urlencode(CAUSE)}"
    states = {each.pk: each.state for each in Attempt.objects.all()}
    assert states == {one.pk: S.RESOLVED_FREE, other.pk: S.UNKNOWN}


def test_what_was_resolved_meanwhile_is_told(as_olga: Client, alice: User, submit: Submit) -> None:
    attempts = lose(submit(alice, n=2))
    lifecycle.resolve_unknown(attempts[0], is_charged=True)
    sent = CAUSE | {"ids": ids(attempts), "verdict": "free", "sure": "1"}
    done = as_olga.post("/desk/resolve/", sent)
    assert said(done) == ["1 call resolved as free. 1 call had been resolved meanwhile."]
    assert rows(attempts[0].generation)[0].state == S.RESOLVED_CHARGED


def test_ids_of_another_cause_are_left_alone(as_olga: Client, alice: User, submit: Submit) -> None:
    (attempt,) = lose(submit(alice))
    sent = CAUSE | {"code": "cut", "ids": f"{attempt.pk},{uuid4()},x", "verdict": "free"}
    as_olga.post("/desk/resolve/", sent | {"sure": "1"})
    assert Attempt.objects.get().state == S.UNKNOWN


def test_safe_ones_run_again_after_their_sum_was_told(
    as_olga: Client, alice: User, submit: Submit
) -> None:
    attempts = refuse(submit(alice, n=3))
    assert "3 pictures can be run again" in cause_page(as_olga, **FREE)
    html = as_olga.post("/desk/run-again/", FREE | {"ids": ids(attempts)}).content.decode()
    assert "Run 3 pictures again? At today’s prices that is $0.12, out of one" in words(html)
    assert Generation.objects.count() == 1
    done = as_olga.post("/desk/run-again/", fields_of(html))
    assert said(done) == ["3 calls run again."]
    assert Generation.objects.count() == 4
    repeated = as_olga.post("/desk/run-again/", fields_of(html))
    assert said(repeated)[-1] == "3 calls left as it was: it has been run again already"
    assert Generation.objects.count() == 4


def test_another_sum_is_asked_anew(
    as_olga: Client, alice: User, submit: Submit, painter: Any
) -> None:
    attempts = refuse(submit(alice))
    html = as_olga.post("/desk/run-again/", FREE | {"ids": ids(attempts)}).content.decode()
    painter.prices.update(image_micros=90_000)
    asked = as_olga.post("/desk/run-again/", fields_of(html)).content.decode()
    assert "that is $0.09" in words(asked)
    assert Generation.objects.count() == 1


def test_a_budget_that_refuses_is_told(as_olga: Client, alice: User, submit: Submit) -> None:
    attempts = refuse(submit(alice))
    Budget.objects.create(user=alice, limit_pictures=0)
    html = as_olga.post("/desk/run-again/", FREE | {"ids": ids(attempts)}).content.decode()
    (told,) = said(as_olga.post("/desk/run-again/", fields_of(html)))
    assert told.startswith("1 call left as it was: This needs 1 picture")


def test_pause_says_what_goes_on_and_asks(as_olga: Client, alice: User, submit: Submit) -> None:
    generation = submit(alice, n=3)
    attempt = lifecycle.claim("w")
    assert attempt
    lifecycle.mark_sending(attempt)
    wish = {"name": "account", "message": "Back at three."}
    html = as_olga.post("/desk/pause/", wish).content.decode()
    assert "Pause everything?" in html
    assert "Just now 1 is with the provider and 0 are being saved" in words(html)
    assert not Gate.objects.exists()
    done = as_olga.post("/desk/pause/", fields_of(html))
    assert (done.status_code, done["Location"]) == (303, "/desk/")
    found = page(as_olga)
    assert "Waiting 0 Held 2 With the provider 1 Being saved 0 Draining:" in found
    assert "Paused. An operator has paused sending" in found
    assert "olga Paused: Back at three. gate account" in found
    lifecycle.move(attempt, S.REJECTED_FREE)
    assert "Drained: nothing is sent" in page(as_olga)
    opened = as_olga.post("/gates/open/", {"name": "account", "next": "/desk/"})
    assert opened["Location"] == "/desk/"
    assert "Every gate is open." in page(as_olga)
    assert [each.state for each in rows(generation)][1:] == [S.READY] * 2
    assert LogEntry.objects.values_list("change_message", flat=True)[0] == "Opened."


def test_pausing_one_model_names_it(as_olga: Client, painter: Any) -> None:
    wish = {"name": "model:openai/gpt-image-1", "message": "Too dear."}
    assert "Pause GPT Image 1?" in as_olga.post("/desk/pause/", wish).content.decode()
    as_olga.post("/desk/pause/", wish | {"sure": "1"})
    assert Gate.objects.get().name == "model:openai/gpt-image-1"


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"message": " "}, "Say why: people read it on every page."),
        ({"message": "x" * 501}, "at most 500 characters"),
        ({"name": "model:nobody/none"}, "is not one of the available choices"),
        ({"message": "a\x00b"}, "This contains a character we can’t store."),
    ],
)
def test_a_pause_that_makes_no_sense_is_told(
    as_olga: Client, wrong: dict[str, str], sentence: str
) -> None:
    wish = {"name": "account", "message": "Back at three.", "sure": "1"} | wrong
    response = as_olga.post("/desk/pause/", wish)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert not Gate.objects.exists()


def test_numbers_follow_by_themselves_while_it_drains(
    as_olga: Client, alice: User, submit: Submit
) -> None:
    submit(alice)
    attempt = lifecycle.claim("w")
    assert attempt
    lifecycle.mark_sending(attempt)
    lifecycle.close_gate("account", seconds=None, reason="paused")
    htmx = {"HX-Request": "true"}
    draining = as_olga.get("/desk/", headers=htmx).content.decode()
    assert draining.strip().startswith('<section class="usage-part" id="flight" hx-get="/desk/"')
    lifecycle.declare_unknown(attempt, code="cut")
    assert "hx-get" not in as_olga.get("/desk/", headers=htmx).content.decode()
