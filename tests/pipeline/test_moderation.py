"""The automatic check of prompts and pictures: what is blocked, flagged, held, and asked again."""

import pytest
from django.db.models.functions import Now

from generations import lifecycle
from generations.models import (
    Attempt,
    Image,
    LedgerEntry,
    User,
)
from generations.pipeline import moderation
from generations.queries.gallery import cards_of
from tests.pipeline.moderating import (
    FOX,
    GORE,
    SMALL,
    Policy,
    Submit,
    checks,
    counts,
    look_at_pictures,
    make_due,
    of_prompt,
    see_through,
    told,
)
from tests.support.sandbox import Sandbox

pytestmark = [pytest.mark.db, pytest.mark.django_db(transaction=True)]


def test_without_the_setting_nothing_is_asked(
    sandbox: Sandbox, alice: User, submit: Submit
) -> None:
    generation = submit(alice, GORE)
    see_through(generation)
    assert (counts(sandbox), checks(generation)) == ((0, 1, 1), [])
    assert not Image.objects.get().is_withheld


@pytest.mark.parametrize("name", ["flag", "block"])
def test_a_good_prompt_is_asked_about_once_for_all_its_pictures(
    sandbox: Sandbox, alice: User, submit: Submit, policy: Policy, name: str
) -> None:
    policy(name)
    generation = submit(alice, FOX, n=3)
    see_through(generation)
    assert counts(sandbox) == (1, 3, 3)
    look_at_pictures()
    assert counts(sandbox) == (4, 3, 3)
    assert checks(generation) == [
        *[("picture", "clear", [], "")] * 3,
        ("prompt", "clear", [], ""),
    ]
    seen = Image.objects.values_list("review_state", "queued_at", "is_withheld")
    assert list(seen) == [("pending", None, False)] * 3


def test_a_blocked_prompt_costs_nothing_and_says_who_refused_it(
    sandbox: Sandbox, alice: User, submit: Submit, policy: Policy
) -> None:
    policy("block")
    generation = submit(alice, f"{GORE}, a naked truth", n=2)
    see_through(generation)
    assert counts(sandbox) == (1, 0, 0)
    assert told(generation) == [("rejected_free", "blocked_here")] * 2
    card = cards_of(generation, alice)[0]
    assert (card.state, card.title) == ("blocked", "Blocked by this gallery")
    assert "no model has seen it" in card.sentence
    assert card.sentence.startswith("Found: sexual, violence. Its automatic check refused")
    assert "provider" not in card.sentence
    assert card.money
    assert card.money.text == "nothing charged"
    assert [action.label for action in card.actions] == ["Edit prompt", "Dismiss"]
    kinds = LedgerEntry.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["reserve", "reserve", "release", "release"]
    assert Attempt.objects.filter(sent_at=None).count() == 2


def test_a_flagged_prompt_goes_on_and_its_pictures_are_flagged(
    sandbox: Sandbox, alice: User, submit: Submit, policy: Policy
) -> None:
    policy("flag")
    generation = submit(alice, GORE, n=2)
    see_through(generation)
    assert counts(sandbox) == (1, 2, 2)
    look_at_pictures()
    assert checks(generation)[-1] == ("prompt", "flagged", ["violence"], "")
    for image in Image.objects.all():
        assert (image.review_state, image.is_withheld) == ("flagged", False)
        assert image.queued_at


@pytest.mark.parametrize(("name", "is_withheld"), [("flag", False), ("block", True)])
def test_a_picture_is_flagged_for_what_is_in_it(
    sandbox: Sandbox,
    alice: User,
    submit: Submit,
    policy: Policy,
    name: str,
    is_withheld: bool,
) -> None:
    policy(name)
    generation = submit(alice, f"{FOX} [[unsafe]]")
    see_through(generation)
    image = Image.objects.get()
    assert (image.review_state, image.is_withheld) == ("pending", is_withheld)
    look_at_pictures()
    image.refresh_from_db()
    assert checks(generation)[0] == ("picture", "flagged", ["violence"], "")
    assert (image.review_state, image.is_withheld) == ("flagged", is_withheld)
    assert [card.state for card in cards_of(generation, alice)] == ["done"]


def test_what_a_person_has_decided_stays(
    sandbox: Sandbox, alice: User, submit: Submit, policy: Policy
) -> None:
    policy("block")
    see_through(submit(alice, f"{FOX} [[unsafe]]"))
    Image.objects.update(review_state="approved")
    look_at_pictures()
    image = Image.objects.get()
    assert (image.review_state, image.queued_at) == ("approved", None)


TROUBLE = ["429", "500", "503", "404", "401", "odd", "hang"]


@pytest.mark.parametrize("fault", TROUBLE)
def test_flag_goes_on_unchecked_and_asks_later(
    sandbox: Sandbox, alice: User, submit: Submit, policy: Policy, quick: None, fault: str
) -> None:
    policy("flag")
    generation = submit(alice, f"{GORE} [[moderation={fault}]][[times=1]]", n=2)
    see_through(generation)
    assert counts(sandbox) == (1, 2, 2)
    row = of_prompt(generation)
    assert (row.verdict, bool(row.code), row.tries) == ("waiting", True, 1)
    assert set(Image.objects.values_list("review_state", flat=True)) == {"pending"}
    make_due()
    moderation.look(row.pk)
    assert of_prompt(generation).verdict == "flagged"
    assert set(Image.objects.values_list("review_state", flat=True)) == {"flagged"}


@pytest.mark.parametrize("fault", TROUBLE)
def test_block_waits_unsent_until_there_is_a_verdict(
    sandbox: Sandbox, alice: User, submit: Submit, policy: Policy, quick: None, fault: str
) -> None:
    policy("block")
    generation = submit(alice, f"{FOX} [[moderation={fault}]][[times=1]]", n=2)
    see_through(generation)
    assert counts(sandbox) == (1, 0, 0)
    assert told(generation) == [("ready", "check_away")] * 2
    assert cards_of(generation, alice)[0].title == "Waiting for a check"
    make_due()
    see_through(generation)
    assert counts(sandbox) == (2, 2, 2)
    assert [card.state for card in cards_of(generation, alice)] == ["done", "done"]


def test_block_ends_uncharged_when_nobody_answers_for_too_long(
    sandbox: Sandbox, alice: User, submit: Submit, policy: Policy
) -> None:
    policy("block")
    generation = submit(alice, f"{FOX} [[moderation=503]]")
    see_through(generation)
    generation.created_at -= moderation.PATIENCE
    generation.save(update_fields=["created_at"])
    make_due()
    see_through(generation)
    assert told(generation) == [("held", "check_away")]
    Attempt.objects.update(give_up_at=Now())
    lifecycle.give_up_waiting()
    card = cards_of(generation, alice)[0]
    assert (card.state, card.title) == ("failed", "Given up")
    assert card.sentence.startswith("The automatic check of prompts did not answer")
    assert counts(sandbox)[1:] == (0, 0)


def test_after_trouble_others_dont_wait_for_an_answer(
    sandbox: Sandbox, alice: User, submit: Submit, policy: Policy
) -> None:
    policy("flag")
    see_through(submit(alice, f"{FOX} [[moderation=503]]"))
    second = submit(alice, GORE)
    see_through(second)
    assert counts(sandbox) == (1, 2, 2)
    assert checks(second)[-1] == ("prompt", "waiting", [], "unavailable")
    refused = submit(alice, f"a hare {SMALL} [[moderation=422]]")
    third = submit(alice, f"a hare {SMALL}")
    moderation.forget_trouble()
    see_through(refused)  # of this prompt it takes no view; that says nothing of others
    see_through(third)
    assert checks(third)[-1] == ("prompt", "clear", [], "")


def test_a_wait_that_is_asked_for_is_kept(
    sandbox: Sandbox, alice: User, submit: Submit, policy: Policy
) -> None:
    policy("block")
    generation = submit(alice, f"{FOX} [[moderation=429]][[retry_after=600]]")
    see_through(generation)
    row, attempt = of_prompt(generation), generation.attempts.get()
    for due in (row.due_at, attempt.not_before):
        assert 590 < (due - attempt.state_since).total_seconds() < 670
