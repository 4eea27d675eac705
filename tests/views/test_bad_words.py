"""Words that can't be stored, names that nobody sees, and what was typed beside its reason."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs
from uuid import uuid4

import pytest
from django.db.models import Model
from django.http import HttpResponse
from django.test import Client

from generations.models import (
    Album,
    Budget,
    Generation,
    PromptTemplate,
    SavedSearch,
    Tag,
    Team,
    User,
)
from generations.models.generation import new_submit_token
from generations.services.team import create_team

pytestmark = [pytest.mark.db]


Submit = Callable[..., Generation]


def send_raw(client: Client, body: str | bytes, **extra: Any) -> HttpResponse:
    kind = extra.pop("content_type", "application/x-www-form-urlencoded")
    return client.post("/generations/", body, content_type=kind, **extra)


LOST = "This contains a character we can’t store."


@pytest.mark.parametrize("raw", ["a%FFb", "a%ED%A0%80b", "a%EF%BF%BDb", "a%00b"])
@pytest.mark.parametrize(
    ("address", "fields", "model"),
    [
        ("/tags/", "name={}", Tag),
        ("/albums/", "name={}", Album),
        ("/albums/", "name=Summer&description={}", Album),
        ("/teams/", "name={}", Team),
        ("/prompts/", "text=fox&name={}", PromptTemplate),
        ("/searches/", "query=q%3Dfox&name={}", SavedSearch),
    ],
)
def test_words_that_lost_a_character_are_refused(
    as_alice: Client, address: str, fields: str, model: type[Model], raw: str
) -> None:
    kind = "application/x-www-form-urlencoded"
    response = as_alice.post(address, fields.format(raw), content_type=kind)
    assert response.status_code == 422
    assert LOST in response.content.decode()
    assert not model._default_manager.exists()


@pytest.mark.parametrize("name", ["\u200b\u200d", "\u2066\u2069", "\u0301"])
def test_a_name_that_nobody_sees_is_none(as_alice: Client, name: str) -> None:
    assert "Write a tag." in as_alice.post("/tags/", {"name": name}).content.decode()
    assert "Name the team." in as_alice.post("/teams/", {"name": name}).content.decode()
    assert not Tag.objects.exists()
    assert not Team.objects.exists()


def test_a_refused_new_name_stays_beside_its_reason(as_alice: Client, alice: User) -> None:
    """It was lost, or stood in the form for another tag."""
    tag = Tag.objects.create(owner=alice, name="fox")
    search = SavedSearch.objects.create(owner=alice, name="Foxes", query="q=fox")
    for address, most in ((f"/tags/{tag.pk}/rename/", 50), (f"/searches/{search.pk}/rename/", 60)):
        response = as_alice.post(address, {"name": "hare" * 20})
        html = response.content.decode()
        assert response.status_code == 422
        row = html.partition("<details open>")[2].partition("</details>")[0]
        assert f'value="{"hare" * 20}"' in row
        assert f"{most} characters" in row
        assert html.count("hare" * 20) == 1


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ("dollars=5&dollars=500", "Write an amount in dollars."),
        ("dollars=a+lot", "Write an amount in dollars."),
        ("dollars=-1", "Not below 0."),
        ("dollars=NaN", "Write an amount in dollars."),
    ],
)
def test_an_amount_that_is_none_stays_beside_its_reason(
    as_alice: Client, alice: User, sent: str, sentence: str
) -> None:
    team = create_team(alice, name="Crew")
    member = team.memberships.get()
    address = f"/teams/{team.slug}/people/{member.pk}/share/"
    response = as_alice.post(address, sent, content_type="application/x-www-form-urlencoded")
    row = response.content.decode().partition("<details open>")[2].partition("</details>")[0]
    assert response.status_code == 422
    assert sentence in row
    assert f'value="{parse_qs(sent)["dollars"][0]}' in row
    assert not Budget.objects.exists()


def test_two_values_for_an_id_are_none(as_alice: Client, alice: User, submit: Submit) -> None:
    """Which of them was meant nobody can tell."""
    template = PromptTemplate.objects.create(owner=alice, name="Fox", text="a fox")
    body = f"prompt=fox&submit_token={new_submit_token()}&template={template.pk}&template=1"
    assert send_raw(as_alice, body).status_code == 422
    album = Album.objects.create(owner=alice, name="Summer")
    for place in ("cover", "move"):
        body = f"image={uuid4()}&image={uuid4()}"
        kind = "application/x-www-form-urlencoded"
        answer = as_alice.post(f"/albums/{album.pk}/{place}/", body, content_type=kind)
        assert answer.status_code == 404
    assert not Generation.objects.exists()
