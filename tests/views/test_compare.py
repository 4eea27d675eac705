"""The page of two pictures."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from generations.models import User
from tests.conftest import Hang

pytestmark = [pytest.mark.db]


def test_two_pictures_and_what_differs(as_alice: Client, alice: User, hang: Hang) -> None:
    one, other = hang(alice, "a fox in snow"), hang(alice, "a fox in rain", size=(512, 512))
    html = as_alice.get(f"/compare/?a={one.pk}&b={other.pk}").content.decode()
    assert "<del>snow</del>" in html
    assert "<ins>rain</ins>" in html
    assert html.count('<tr class="differs">') == 1
    assert f"/compare/?a={other.pk}&amp;b={one.pk}" in html


@pytest.mark.parametrize("query", ["a={0}", "a={0}&b={0}"])
def test_without_a_second_it_is_asked_for(
    as_alice: Client, alice: User, hang: Hang, query: str
) -> None:
    one, other = hang(alice, "a fox"), hang(alice, "a hare")
    html = as_alice.get(f"/compare/?{query.format(one.pk)}").content.decode()
    assert f"/compare/?a={one.pk}&amp;b={other.pk}" in html


def test_alone_there_is_a_way_on(as_alice: Client, alice: User, hang: Hang) -> None:
    one = hang(alice)
    html = as_alice.get(f"/compare/?a={one.pk}").content.decode()
    assert f"/?remix={one.generation_id}" in html


@pytest.mark.parametrize("query", ["", "a=nonsense", "b={0}", "a={0}&b=nonsense"])
def test_what_makes_no_sense_is_404(as_alice: Client, alice: User, hang: Hang, query: str) -> None:
    one = hang(alice)
    assert as_alice.get(f"/compare/?{query.format(one.pk)}").status_code == 404


def test_somebody_elses_looks_like_a_missing_one(
    as_carol: Client, alice: User, carol: User, hang: Hang
) -> None:
    hers, own = hang(alice, "canary-alice"), hang(carol)
    for pattern in ("a={0}&b={1}", "a={1}&b={0}", "a={0}"):
        foreign = as_carol.get(f"/compare/?{pattern.format(hers.pk, own.pk)}")
        missing = as_carol.get(f"/compare/?{pattern.format(uuid4(), own.pk)}")
        assert (foreign.status_code, foreign.content) == (404, missing.content)


def test_its_queries_do_not_grow(
    as_alice: Client, alice: User, hang: Hang, django_assert_max_num_queries: Any
) -> None:
    one = hang(alice)
    for number in range(30):
        hang(alice, f"fox {number}")
    with django_assert_max_num_queries(10):
        as_alice.get(f"/compare/?a={one.pk}")
