"""Headers that ask for part of a picture, or whether it changed: access is asked first."""

import pytest
from django.test import Client

from generations.models import Image

pytestmark = [pytest.mark.db, pytest.mark.django_db(transaction=True)]

RANGES = ("bytes=0-", "bytes=9-2", "bytes=0-0,1-1,2-2", "bytes=-1", "bytes=" + "0-1," * 2000, "x")
UNCHANGED = (
    {"if-none-match": "*"},
    {"if-modified-since": "Fri, 01 Jan 2100 00:00:00 GMT"},
    {"if-none-match": '"' + "a" * 5000 + '"'},
)


@pytest.mark.parametrize("wanted", RANGES)
def test_a_range_of_a_picture_is_all_of_it(as_alice: Client, image: Image, wanted: str) -> None:
    """Which is always right, and needs no memory for many parts."""
    response = as_alice.get(f"/images/{image.pk}/original", headers={"range": wanted})
    whole = b"".join(response.streaming_content)
    assert (response.status_code, len(whole)) == (200, image.size_bytes)


@pytest.mark.parametrize("asked", UNCHANGED, ids=str)
@pytest.mark.parametrize("what", ["", "320", "original"])
def test_somebody_elses_is_missing_and_never_unchanged(
    as_carol: Client, image: Image, what: str, asked: dict[str, str]
) -> None:
    assert as_carol.get(f"/images/{image.pk}/{what}", headers=asked).status_code == 404


def test_two_hundred_cookies_are_nobodys(client: Client, db: None) -> None:
    client.cookies.load({f"cookie-{number}": "x" * 400 for number in range(200)})
    response = client.get("/")
    assert (response.status_code, response["Location"]) == (302, "/accounts/login/?next=/")
