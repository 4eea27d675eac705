"""Filters, months, saved searches, the size of the rows, news; also strangers and bad input."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from generations.models import SavedSearch, Tag, User
from tests.conftest import Hang

pytestmark = [pytest.mark.db]

HTMX = {"HX-Request": "true"}
FOUND = HTMX | {"HX-Target": "found"}


def pictures(html: str) -> list[str]:
    return re.findall(r'data-image="([^"]+)"', html)


def chips(html: str) -> list[tuple[str, str]]:
    """Each filter that is on, with the address without it."""
    return re.findall(
        r'<a href="([^"]+)" data-find><span class="visually-hidden">Without </span>'
        r"<bdi>([^<]+)</bdi>",
        html,
    )


@pytest.fixture
def hung(alice: User, hang: Hang) -> list[Any]:
    edges = {"edges": [[320, 320, 213]]}
    return [
        hang(alice, "a fox", when=datetime(2026, 5, 4, tzinfo=UTC), quality="hd", **edges),
        hang(alice, "an owl", when=datetime(2026, 3, 9, tzinfo=UTC), **edges),
        hang(alice, "a fox again", when=datetime(2025, 1, 2, tzinfo=UTC), **edges),
    ]


def test_filters_are_told_and_come_off_one_by_one(
    as_alice: Client, alice: User, hung: list[Any]
) -> None:
    tag = Tag.objects.create(owner=alice, name="<red>")
    html = as_alice.get(f"/?q=fox&since=2026-01-01&tag={tag.pk}&group=run").content.decode()
    assert chips(html) == [
        (f"/?since=2026-01-01&amp;tag={tag.pk}&amp;group=run", "“fox”"),
        (f"/?q=fox&amp;tag={tag.pk}&amp;group=run", "From 1 January 2026"),
        ("/?q=fox&amp;since=2026-01-01&amp;group=run", "#&lt;red&gt;"),
    ]
    html = as_alice.get("/?q=fox&since=2026-01-01").content.decode()
    assert pictures(html) == [str(hung[0].pk)]


def test_list_alone_is_fetched_with_what_the_search_keeps(
    as_alice: Client, hung: list[Any]
) -> None:
    html = as_alice.get("/?q=fox&quality=hd", headers=FOUND).content.decode()
    assert html.lstrip().startswith('<div id="found">')
    assert pictures(html) == [str(hung[0].pk)]
    assert '<input type="hidden" name="quality" value="hd">' in html
    assert "prompt-form" not in html


def test_nothing_found_says_so(as_alice: Client, hung: list[Any]) -> None:
    html = as_alice.get("/?q=zebra&shape=square").content.decode()
    assert "Nothing matches <bdi>“zebra”</bdi>, <bdi>Square</bdi>" in html
    assert "Your gallery begins" not in html


def test_strangers_tags_are_not_named(as_carol: Client, alice: User) -> None:
    tag = Tag.objects.create(owner=alice, name="canary")
    html = as_carol.get(f"/?tag={tag.pk}").content.decode()
    assert "canary" not in html
    assert [label for _, label in chips(html)] == ["#a tag that is gone"]


def test_choices_are_what_ones_own_pictures_have(
    as_alice: Client, as_carol: Client, hung: list[Any]
) -> None:
    html = as_alice.get("/filters/?quality=hd").content.decode()
    offered = re.findall(r'type="\w+" name="(\w+)" value="([^"]+)"( checked)?', html)
    assert ("quality", "hd", " checked") in offered
    assert ("size", "1536x1024", "") in offered
    assert ("shape", "landscape", "") in offered
    assert not [value for name, value, _ in offered if name == "shape" and value != "landscape"]
    theirs = as_carol.get("/filters/").content.decode()
    assert "1536x1024" not in theirs
    assert 'name="state"' in theirs


def test_months_lead_to_their_pictures(
    as_alice: Client, hung: list[Any], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    as_alice.get("/months/")
    with django_assert_num_queries(4):  # who asks, both ends, and all months between
        html = as_alice.get("/months/?q=fox", headers=HTMX).content.decode()
    links = re.findall(
        r'<a href="([^"]+)" data-find>(\w+)<span class="visually-hidden"> (\d+)', html
    )
    assert [(name, year) for _, name, year in links] == [
        ("Mar", "2026"),
        ("May", "2026"),
        ("Jan", "2025"),
    ]
    assert links[0][0].startswith("/?q=fox&amp;after=")
    whole = [link.replace("q=fox&amp;", "") for link, _, _ in links]
    assert pictures(as_alice.get(whole[0]).content.decode()) == [
        str(image.pk) for image in hung[1:]
    ]
    assert as_alice.get("/months/").status_code == 200


def test_months_of_an_empty_gallery(as_carol: Client) -> None:
    assert "There are no pictures yet." in as_carol.get("/months/").content.decode()


def test_search_is_saved_counted_renamed_and_deleted(
    as_alice: Client, alice: User, hung: list[Any]
) -> None:
    fields = {"name": " Foxes  here ", "query": "fav=0&q=fox&page=3"}
    response = as_alice.post("/searches/", fields)
    assert (response.status_code, response["Location"]) == (303, "/?q=fox")
    as_alice.post("/searches/", {"name": "foxes here", "query": "q=owl"})
    search = SavedSearch.objects.get(owner=alice)
    assert (search.name, search.query) == ("foxes here", "q=owl")
    html = as_alice.get("/searches/", headers=HTMX).content.decode()
    assert re.search(r"<bdi>foxes here</bdi><small class=\"num\">1</small>", html)
    as_alice.post(f"/searches/{search.pk}/rename/", {"name": "Owls"})
    search.refresh_from_db()
    assert search.name == "Owls"
    as_alice.post(f"/searches/{search.pk}/delete/")
    assert not SavedSearch.objects.exists()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": "", "query": "q=fox"}, "Give the search a name."),
        ({"name": "x" * 61, "query": "q=fox"}, "A name has at most 60 characters."),
        ({"name": "All", "query": "page=1"}, "Choose a filter first"),
        ({"name": "All"}, "This field is required."),
        (
            {"name": "All", "query": "&".join(f"model={'x' * 190}{n}" for n in range(20))},
            "too many",
        ),
    ],
)
def test_senseless_search_is_not_saved(
    as_alice: Client, fields: dict[str, str], sentence: str
) -> None:
    response = as_alice.post("/searches/", fields)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert not SavedSearch.objects.exists()


def test_names_of_searches_are_ones_own_and_once(as_alice: Client, alice: User) -> None:
    one, two = (SavedSearch.objects.create(owner=alice, name=name, query="q=x") for name in "ab")
    response = as_alice.post(f"/searches/{two.pk}/rename/", {"name": "A"})
    assert response.status_code == 409
    assert [search.name for search in SavedSearch.objects.order_by("pk")] == ["a", "b"]
    assert one.name == "a"


def test_strangers_searches_look_like_missing(as_carol: Client, alice: User) -> None:
    search = SavedSearch.objects.create(owner=alice, name="canary", query="q=fox")
    for action in ("rename", "delete"):
        response = as_carol.post(f"/searches/{search.pk}/{action}/", {"name": "mine"})
        assert response.status_code == 404
    assert "canary" not in as_carol.get("/searches/").content.decode()
    assert SavedSearch.objects.get().name == "canary"


@pytest.mark.parametrize(
    ("following", "place"),
    [
        ("/?q=fox", "/?q=fox"),
        ("", "/"),
        ("//elsewhere.example/", "/"),
        ("https://elsewhere.example/", "/"),
    ],
)
def test_density_is_kept_for_a_person(
    as_alice: Client, alice: User, hung: list[Any], following: str, place: str
) -> None:
    response = as_alice.post("/density/", {"density": "large", "next": following})
    assert (response.status_code, response["Location"]) == (303, place)
    assert 'data-density="large"' in as_alice.get("/").content.decode()
    assert as_alice.post("/density/", {"density": "huge"}).status_code == 404
    alice.refresh_from_db()
    assert alice.density == "large"


def test_news_tell_what_came_above(as_alice: Client, alice: User, hang: Hang) -> None:
    first = hang(alice, when=datetime(2026, 5, 4, tzinfo=UTC))
    above = {"above": str(first.sort_key)}
    assert as_alice.get("/news/", above).status_code == 204
    hang(alice, "an owl", when=datetime(2026, 5, 5, tzinfo=UTC))
    assert as_alice.get("/news/", above).content == b"1 new"
    assert as_alice.get("/news/", above | {"q": "fox"}).status_code == 204
    assert as_alice.get("/news/", {"above": "x"}).status_code == 204


def test_news_are_ones_own(as_carol: Client, alice: User, hang: Hang) -> None:
    hang(alice)
    assert as_carol.get("/news/", {"above": "1"}).status_code == 204
