"""An album as the place for what one asks for, chosen in the prompt form."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from generations.errors import Conflict, NotAllowed
from generations.models import Album, CatalogModel, Generation, Membership, Role, Team, User
from generations.services.album import album_named, delete_album
from generations.services.generation import Request, run_again, submit_generation
from generations.services.team import create_team

pytestmark = pytest.mark.django_db
GONE = "This album isn’t there any more, or you can’t put pictures into it. Choose another."


@pytest.fixture
def album(alice: User) -> Album:
    return album_named(alice, "Coast")


@pytest.fixture
def team(alice: User) -> Team:
    return create_team(alice, name="Night shift")


def form(**fields: Any) -> dict[str, Any]:
    return {"prompt": "a fox", "submit_token": "a-token-of-mine"} | fields


def options(client: Client, address: str) -> list[tuple[str, str]]:
    """What the form offers as albums; nothing where it doesn't ask."""
    page = client.get(address)
    return list(page.context["form"].fields["album"].choices)


def test_the_album_is_written_down_with_the_submission(
    as_alice: Client, album: Album, painter: CatalogModel
) -> None:
    assert as_alice.post("/generations/", form(album=str(album.pk))).status_code == 303
    generation = Generation.objects.get()
    assert generation.album == album
    page = as_alice.get(f"/generations/{generation.pk}/").content.decode()
    assert "<dt>Album</dt>" in page
    assert "Coast" in page


def test_a_batch_hangs_in_it_with_all_its_runs(
    as_alice: Client, album: Album, painter: CatalogModel
) -> None:
    other = CatalogModel.objects.create(model_id="x/y", name="Y", sizes=["auto"])
    as_alice.post("/generations/", form(album=str(album.pk), also=[other.model_id]))
    assert list(Generation.objects.values_list("album", flat=True)) == [album.pk] * 2


def test_the_same_form_for_another_album_is_another_wish(
    as_alice: Client, alice: User, album: Album, painter: CatalogModel
) -> None:
    other = album_named(alice, "Hills")
    for chosen in (album.pk, album.pk, other.pk, ""):
        as_alice.post("/generations/", form(album=str(chosen)))
    assert [each.album for each in Generation.objects.order_by("created_at")] == [
        album,
        other,
        None,
    ]


@pytest.mark.parametrize("whose", ["a stranger's", "another gallery's", "nobody's", "nonsense"])
def test_only_an_album_of_the_chosen_gallery_is_taken(
    as_alice: Client, alice: User, carol: User, album: Album, painter: CatalogModel, whose: str
) -> None:
    create_team(alice, name="Night shift")
    foreign, gone = album_named(carol, "Hers"), album_named(alice, "Gone")
    delete_album(Album.objects.get(pk=gone.pk))
    sent = {
        "a stranger's": form(album=str(foreign.pk)),
        "another gallery's": form(album=str(album.pk), team="night-shift"),
        "nobody's": form(album=str(gone.pk)),
        "nonsense": form(album="first"),
    }[whose]
    answer = as_alice.post("/generations/", sent)
    assert answer.status_code == 422
    assert GONE in answer.content.decode()
    assert not Generation.objects.exists()


def test_contributors_fill_any_album_of_their_team(
    bob: User, alice: User, team: Team, painter: CatalogModel
) -> None:
    Membership.objects.create(team=team, user=bob, role=Role.CONTRIBUTOR)
    album, client = album_named(alice, "Team's", "night-shift"), Client()
    client.force_login(bob)
    client.post("/generations/", form(album=str(album.pk), team="night-shift"))
    assert Generation.objects.get().album == album


def test_who_may_not_fill_the_album_is_refused_by_the_service_too(
    bob: User, alice: User, team: Team, painter: CatalogModel
) -> None:
    Membership.objects.create(team=team, user=bob, role=Role.VIEWER)
    album = album_named(alice, "Team's", "night-shift")
    request = Request(prompt="a fox", model=painter, team=team, album=album)
    with pytest.raises(NotAllowed):
        submit_generation(bob, request, submit_token="a-token-of-mine")
    alone = Request(prompt="a fox", model=painter, album=album)
    with pytest.raises(Conflict, match="isn’t there any more"):
        submit_generation(bob, alone, submit_token="a-token-of-mine")


def test_an_album_deleted_between_form_and_rows_is_told(
    alice: User, album: Album, painter: CatalogModel
) -> None:
    request = Request(prompt="a fox", model=painter, album=album)
    delete_album(Album.objects.get(pk=album.pk))
    with pytest.raises(Conflict, match="isn’t there any more"):
        submit_generation(alice, request, submit_token="a-token-of-mine")
    assert not Generation.objects.exists()


def test_running_again_hangs_beside_it_while_the_album_is_there(
    alice: User, album: Album, painter: CatalogModel
) -> None:
    request = Request(prompt="a fox", model=painter, album=album)
    first = submit_generation(alice, request, submit_token="a-token-of-mine")
    assert run_again(alice, first, submit_token="another-token").album == album
    delete_album(Album.objects.get(pk=album.pk))
    first.refresh_from_db()
    assert run_again(alice, first, submit_token="a-third-token").album is None


def test_a_gallery_page_looks_for_no_albums(
    as_alice: Client, album: Album, painter: CatalogModel
) -> None:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert options(as_alice, "/") == []
    assert not any("generations_album" in each["sql"] for each in asked)
    page = as_alice.get("/").content.decode()
    assert 'href="/?albums=1"' in page
    assert 'name="album"' not in page


def test_the_list_of_albums_is_there_for_who_asks(
    as_alice: Client, alice: User, album: Album, painter: CatalogModel
) -> None:
    offered = [("", "None"), (str(album.pk), "Coast")]
    assert options(as_alice, "/?albums=1") == offered
    bar = as_alice.get("/composer/?albums=1", headers={"HX-Request": "true"})
    assert f'<option value="{album.pk}">Coast</option>' in bar.content.decode()
    assert "autofocus" in bar.content.decode()
    again = as_alice.get(f"/composer/?album={album.pk}", headers={"HX-Request": "true"})
    assert f'<option value="{album.pk}" selected>Coast</option>' in again.content.decode()
    assert "autofocus" not in again.content.decode()


def test_another_gallery_offers_its_own_albums(
    as_alice: Client, alice: User, album: Album, team: Team, painter: CatalogModel
) -> None:
    theirs = album_named(alice, "Team's", "night-shift")
    address = f"/composer/?album={album.pk}&team=night-shift"
    assert options(as_alice, address) == [("", "None"), (str(theirs.pk), "Team's")]
    assert options(as_alice, "/teams/night-shift/?albums=1")[1:] == [(str(theirs.pk), "Team's")]


def test_a_gallery_without_albums_says_so(as_alice: Client, painter: CatalogModel) -> None:
    assert options(as_alice, "/?albums=1") == [("", "None yet")]


def test_the_form_opened_from_an_album_has_it_chosen(
    as_alice: Client, alice: User, album: Album, team: Team, painter: CatalogModel
) -> None:
    theirs = album_named(alice, "Team's", "night-shift")
    for each, address in (
        (album, f"/?into={album.pk}"),
        (theirs, f"/teams/night-shift/?into={theirs.pk}"),
    ):
        assert f'href="{address}"' in as_alice.get(f"/albums/{each.pk}/").content.decode()
        page = as_alice.get(address).content.decode()
        assert f'<option value="{each.pk}" selected>' in page


def test_who_may_not_fill_an_album_isn_t_sent_to_the_form(
    bob: User, alice: User, team: Team, painter: CatalogModel
) -> None:
    Membership.objects.create(team=team, user=bob, role=Role.VIEWER)
    album, client = album_named(alice, "Team's", "night-shift"), Client()
    client.force_login(bob)
    assert "into=" not in client.get(f"/albums/{album.pk}/").content.decode()


def test_the_form_keeps_the_album_after_sending(
    as_alice: Client, album: Album, painter: CatalogModel
) -> None:
    sent = form(album=str(album.pk))
    answer = as_alice.post("/generations/", sent, headers={"HX-Request": "true"})
    assert answer.context["form"].value_of("album") == str(album.pk)
