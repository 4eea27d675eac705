"""A team's pages: its gallery, its people, and what each role meets there."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from generations import known, policy
from generations.models import (
    Album,
    Attempt,
    Budget,
    CatalogModel,
    Image,
    Invite,
    Membership,
    Role,
    Tag,
    Team,
    User,
)
from generations.services.moving import move_images
from generations.services.sorting import Mark, put_on
from generations.services.team import create_team
from tests.conftest import Hang

pytestmark = pytest.mark.django_db


@pytest.fixture
def team(alice: User) -> Team:
    return create_team(alice, name="Night shift")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def as_bob(bob: User, team: Team) -> Client:
    """A contributor."""
    Membership.objects.create(team=team, user=bob, role=Role.CONTRIBUTOR)
    return signed_in(bob)


@pytest.fixture
def as_viewer(carol: User, team: Team) -> Client:
    Membership.objects.create(team=team, user=carol, role=Role.VIEWER)
    return signed_in(carol)


def test_the_gallery_shows_the_team_s_pictures_and_no_others(
    as_bob: Client, team: Team, alice: User, bob: User, hang: Hang
) -> None:
    shared, own, foreign = hang(alice, team=team), hang(bob), hang(alice)
    page = as_bob.get("/teams/night-shift/").content.decode()
    assert str(shared.pk) in page
    assert str(own.pk) not in page
    assert str(foreign.pk) not in page
    assert str(own.pk) in as_bob.get("/").content.decode()


def test_search_and_filters_stay_in_the_team(
    as_bob: Client, team: Team, alice: User, bob: User, hang: Hang
) -> None:
    fox = hang(alice, "a fox in the snow", team=team)
    hang(bob, "a fox at home")
    boat = hang(bob, "a boat", team=team)
    found = as_bob.get("/teams/night-shift/?q=fox")
    assert [str(card.image_id) for day in found.context["days"] for card in day.cards] == [
        str(fox.pk)
    ]
    by_bob = as_bob.get("/?team=night-shift&by=bob")
    assert [card.image_id for day in by_bob.context["days"] for card in day.cards] == [boat.pk]
    sheet = as_bob.get("/filters/?team=night-shift").content.decode()
    assert "Made by" in sheet
    assert "Made by" not in as_bob.get("/filters/").content.decode()


def test_neighbours_stay_in_the_team(
    as_bob: Client, team: Team, alice: User, bob: User, hang: Hang
) -> None:
    days = [datetime(2026, 5, day, tzinfo=UTC) for day in (1, 2, 3)]
    first, _ = hang(alice, team=team, when=days[0]), hang(bob, when=days[1])
    last = hang(bob, team=team, when=days[2])
    page = as_bob.get(f"/images/{first.pk}/")
    links = {page.context["previous_url"], page.context["next_url"]}
    assert any(str(last.pk) in link for link in links)
    assert all(not link or "team=night-shift" in link for link in links)
    assert page.context["close_url"] == "/teams/night-shift/"


def test_a_prompt_goes_to_the_gallery_chosen_in_the_form(
    as_bob: Client, team: Team, painter: Any
) -> None:
    form = {"prompt": "a fox", "submit_token": "a-token-of-mine", "team": "night-shift"}
    assert as_bob.post("/generations/", form).status_code == 303
    attempt = team.generations.get().attempts.get()
    assert (attempt.team, attempt.space) == (team, -team.pk)
    assert 'data-state="waiting"' in as_bob.get("/teams/night-shift/").content.decode()
    assert 'data-state="waiting"' not in as_bob.get("/").content.decode()


@pytest.mark.parametrize("slug", ["night-shift", "no-such-team"])
def test_nobody_makes_pictures_for_a_team_they_only_look_at(
    as_viewer: Client, painter: Any, slug: str
) -> None:
    form = {"prompt": "a fox", "submit_token": "a-token-of-mine", "team": slug}
    answer = as_viewer.post("/generations/", form)
    assert answer.status_code == 422
    assert "You can’t make pictures for this team." in answer.content.decode()


@pytest.mark.parametrize("role", [*Role, None])
def test_who_changes_a_picture_of_somebody_else_s(
    team: Team, alice: User, bob: User, hang: Hang, role: Role | None
) -> None:
    if role:
        Membership.objects.create(team=team, user=bob, role=role)
    picture, client = hang(alice, team=team), signed_in(bob)
    status = client.post(f"/images/{picture.pk}/alt/", {"alt_text": "Boats"}).status_code
    allowed = role in {Role.CURATOR, Role.OWNER}
    assert status == (303 if allowed else 403 if role else 404)
    client.post("/selection/", {"action": "trash", "ids": str(picture.pk)})
    assert Image.objects.filter(trashed_at=None).exists() is not allowed


@pytest.mark.django_db(transaction=True)
def test_viewers_take_originals_only_where_the_team_lets_them(
    as_viewer: Client, team: Team, image: Image
) -> None:
    Image.objects.update(team=team)
    addresses = [f"/images/{image.pk}/original", f"/images/{image.pk}/provenance"]
    assert [as_viewer.get(each).status_code for each in addresses] == [403, 403]
    assert as_viewer.get(f"/images/{image.pk}/320").status_code == 200
    zipped = {"action": "zip", "all": "1", "filter": "team=night-shift"}
    assert as_viewer.post("/selection/", zipped).status_code == 403
    Team.objects.update(viewers_download=True)
    assert [as_viewer.get(each).status_code for each in addresses] == [200, 200]


def test_the_price_is_for_who_made_it_and_who_curates(
    as_bob: Client, as_alice: Client, team: Team, image: Image
) -> None:
    Image.objects.update(team=team)
    image.attempt.cost_micros = 40_000
    image.attempt.save()
    assert "<dt>Price" in as_alice.get(f"/images/{image.pk}/").content.decode()
    assert "<dt>Price" not in as_bob.get(f"/images/{image.pk}/").content.decode()
    assert as_bob.get(f"/images/{image.pk}/provenance").json()["price"] is None
    assert as_alice.get(f"/images/{image.pk}/provenance").json()["price"] is not None


def test_tags_and_albums_belong_to_the_gallery_they_are_made_in(
    as_bob: Client, team: Team, bob: User, hang: Hang
) -> None:
    shared, own = hang(bob, team=team), hang(bob)
    act = {"action": "tag", "tag": "quiet", "team": "night-shift", "ids": f"{shared.pk},{own.pk}"}
    as_bob.post("/selection/", act)
    as_bob.post("/selection/", act | {"action": "album", "new_album": "Harbours"})
    tag, album = Tag.objects.get(), Album.objects.get()
    assert (tag.team, album.team) == (team, team)
    assert set(tag.image_tags.values_list("image", flat=True)) == {shared.pk}
    assert set(album.album_images.values_list("image", flat=True)) == {shared.pk}
    assert "Harbours" in as_bob.get("/albums/?team=night-shift").content.decode()
    assert "Harbours" not in as_bob.get("/albums/").content.decode()
    assert "quiet" not in as_bob.get("/tags/").content.decode()


def test_moving_takes_a_picture_out_of_its_tags(
    as_bob: Client, team: Team, bob: User, hang: Hang
) -> None:
    picture = hang(bob)
    as_bob.post("/selection/", {"action": "tag", "tag": "quiet", "ids": str(picture.pk)})
    move = {"action": "move", "into": "night-shift", "ids": str(picture.pk)}
    answer = as_bob.post("/selection/", move, follow=True)
    assert "1 picture moved to Night shift." in answer.content.decode()
    picture.refresh_from_db()
    assert picture.team == team
    assert not picture.image_tags.exists()
    back = as_bob.post("/selection/", move | {"into": "-"}, follow=True)
    assert "1 not found" in back.content.decode()


def test_a_moved_picture_is_found_by_words_where_it_hangs_now(
    as_alice: Client, as_bob: Client, team: Team, bob: User, hang: Hang
) -> None:
    picture = hang(bob, "an unmistakable heron")
    as_bob.post("/selection/", {"action": "move", "into": "night-shift", "ids": str(picture.pk)})
    assert str(picture.pk) in as_alice.get("/teams/night-shift/?q=heron").content.decode()
    assert str(picture.pk) not in as_bob.get("/?q=heron").content.decode()


def test_the_team_s_trash_is_its_own(
    as_alice: Client, as_bob: Client, team: Team, bob: User, hang: Hang
) -> None:
    picture = hang(bob, team=team)
    as_bob.post("/selection/", {"action": "trash", "ids": str(picture.pk)})
    assert str(picture.pk) in as_alice.get("/trash/?team=night-shift").content.decode()
    assert str(picture.pk) not in as_bob.get("/trash/").content.decode()
    as_alice.post("/selection/", {"action": "restore", "ids": str(picture.pk)})
    assert policy.gallery_images(User.objects.get(pk=bob.pk), team.slug).exists()


def test_people_sees_only_what_the_role_shows(as_bob: Client, as_alice: Client, team: Team) -> None:
    as_alice.post("/teams/night-shift/people/", {"role": "viewer", "email": "x@example.org"})
    led = as_alice.get("/teams/night-shift/people/").content.decode()
    seen = as_bob.get("/teams/night-shift/people/").content.decode()
    assert "x@example.org" in led
    assert "x@example.org" not in seen
    assert "What was done" in led
    assert "What was done" not in seen


def test_deleting_asks_for_the_password(as_alice: Client, team: Team) -> None:
    wrong = as_alice.post("/teams/night-shift/delete/", {"password": "guess"})
    assert wrong.status_code == 422
    assert "This isn’t your password." in wrong.content.decode()
    assert (
        as_alice.post("/teams/night-shift/delete/", {"password": "alice-password"}).status_code
        == 303
    )
    assert as_alice.get("/teams/night-shift/").status_code == 404


def test_a_removed_member_is_out_at_the_next_request(
    as_alice: Client, as_bob: Client, team: Team, bob: User, hang: Hang
) -> None:
    picture = hang(bob, team=team)
    assert as_bob.get("/teams/night-shift/").status_code == 200
    member = Membership.objects.get(user=bob)
    as_alice.post(f"/teams/night-shift/people/{member.pk}/remove/")
    addresses = ["/teams/night-shift/", "/teams/night-shift/people/", f"/images/{picture.pk}/"]
    addresses += [f"/generations/{picture.generation_id}/", "/albums/?team=night-shift"]
    assert {as_bob.get(each).status_code for each in addresses} == {404}
    assert Invite.objects.count() == 0


def test_a_share_limits_one_member_within_what_the_team_has(
    as_alice: Client, as_bob: Client, team: Team, bob: User, painter: Any
) -> None:
    Budget.objects.create(scope="team", team=team, limit_micros=1_000_000)
    member = Membership.objects.get(user=bob)
    address = f"/teams/night-shift/people/{member.pk}/share/"
    refused = as_alice.post(address, {"dollars": "1.01"})
    assert refused.status_code == 409
    assert "The whole team has $1.00 a month" in refused.content.decode()
    assert as_bob.post(address, {"dollars": "1"}).status_code == 403
    assert as_alice.post(address, {"dollars": "much"}).status_code == 422
    assert as_alice.post(address, {"dollars": "0.05"}).status_code == 303
    form = {"prompt": "a fox", "team": "night-shift", "n": "1"}
    assert as_bob.post("/generations/", form | {"submit_token": "token-one"}).status_code == 303
    answer = as_bob.post("/generations/", form | {"submit_token": "token-two"})
    assert answer.status_code == 422
    assert "your share of the team" in answer.content.decode()
    assert "$0.05 a month" in as_alice.get("/teams/night-shift/people/").content.decode()
    as_alice.post(address, {"dollars": ""})
    assert as_bob.post("/generations/", form | {"submit_token": "token-two"}).status_code == 303


def test_usage_of_a_team_is_everybodys_for_who_leads_it_and_one_s_own_for_others(
    as_alice: Client, as_bob: Client, team: Team, alice: User, bob: User, hang: Hang
) -> None:
    when = timezone.now()
    for owner, micros in ((alice, 30_000), (bob, 40_000)):
        image = hang(owner, team=team, when=when)
        Attempt.objects.filter(pk=image.attempt_id).update(cost_micros=micros)
    outside = hang(bob, when=when)
    Attempt.objects.filter(pk=outside.attempt_id).update(cost_micros=900_000)
    whole = as_alice.get("/usage/?team=night-shift")
    assert whole.context["total"].spent_micros == 70_000
    assert "By person and model" in whole.content.decode()
    own = as_bob.get("/usage/?team=night-shift")
    assert own.context["total"].spent_micros == 40_000
    assert "By person and model" not in own.content.decode()
    assert "person" in as_alice.get("/usage/csv?team=night-shift").content.decode()


def test_usage_of_a_team_is_not_for_viewers_and_strangers(as_viewer: Client, bob: User) -> None:
    assert as_viewer.get("/usage/?team=night-shift").status_code == 403
    for address in ("/usage/?team=night-shift", "/usage/csv?team=night-shift", "/usage/?team=none"):
        assert signed_in(bob).get(address).status_code == 404


def test_a_team_uses_the_models_its_owner_ticked(
    as_alice: Client, as_bob: Client, team: Team, painter: CatalogModel
) -> None:
    other = CatalogModel.objects.create(model_id="vertex/imagen-3", name="Imagen 3")
    known.forget()
    settings = {"name": "Night shift", "allowed_models": other.model_id}
    wrong = as_alice.post("/teams/night-shift/settings/", settings | {"allowed_models": "nothing"})
    assert "One of the models is not available." in wrong.content.decode()
    assert as_alice.post("/teams/night-shift/settings/", settings).status_code == 303
    form = {"prompt": "a fox", "submit_token": "a-token-of-mine", "model": painter.model_id}
    refused = as_bob.post("/generations/", form | {"team": "night-shift"})
    assert "This model is not available." in refused.content.decode()
    assert as_bob.post("/generations/", form | {"team": ""}).status_code == 303
    assert not team.generations.exists()
    offered = as_bob.get("/teams/night-shift/").content.decode()
    assert "Imagen 3" in offered
    assert 'value="openai/gpt-image-1"' not in offered


def test_a_picture_that_was_moved_here_can_be_remixed(
    as_viewer: Client, team: Team, alice: User, hang: Hang
) -> None:
    picture = hang(alice, "a lighthouse at dusk")
    address = f"/?remix={picture.generation_id}"
    assert "a lighthouse at dusk" not in as_viewer.get(address).content.decode()
    move_images(alice, [picture.pk], team)
    assert "a lighthouse at dusk" in as_viewer.get(address).content.decode()
    Membership.objects.filter(user__username="carol").delete()
    assert "a lighthouse at dusk" not in as_viewer.get(address).content.decode()


def test_a_bar_offers_a_viewer_what_a_viewer_can_do(
    as_viewer: Client, as_bob: Client, team: Team, alice: User, hang: Hang
) -> None:
    album = Album.objects.create(owner=alice, team=team, name="Coast")
    picture = hang(alice, team=team)
    put_on(Mark(album), alice, [picture.pk])
    album_page, run = f"/albums/{album.pk}/", f"/generations/{picture.generation_id}/"
    refused = [
        f'name="action" value="{each}"' for each in ("tag", "album", "zip", "share", "trash")
    ]
    for address in ("/teams/night-shift/", album_page, run):
        page = as_viewer.get(address).content.decode()
        assert 'value="favorite"' in page
        assert [each for each in (*refused, "zip-ways", f"{album_page}zip") if each in page] == []
        page = as_bob.get(address).content.decode()
        assert [each for each in (*refused, "zip-ways") if each not in page] == []
        assert '<input type="hidden" name="team" value="night-shift">' in page
    assert f"{album_page}zip" in as_bob.get(album_page).content.decode()
    Team.objects.update(viewers_download=True)
    assert f"{album_page}zip" in as_viewer.get(album_page).content.decode()


def test_owners_say_how_many_are_drawn_at_once(as_alice: Client, team: Team) -> None:
    address = "/teams/night-shift/settings/"
    settings = {"name": "Night shift"}
    for wrong, sentence in (
        ("0", "At least one."),
        ("1001", "1000 at most."),
        ("two", "Write a whole number."),
    ):
        refused = as_alice.post(address, settings | {"most_at_once": wrong})
        assert refused.status_code == 422
        assert sentence in refused.content.decode()
    assert as_alice.post(address, settings | {"most_at_once": "4"}).status_code == 303
    team.refresh_from_db()
    assert team.most_at_once == 4
    assert 'value="4"' in as_alice.get(address).content.decode()
    assert as_alice.post(address, settings).status_code == 303
    team.refresh_from_db()
    assert team.most_at_once is None
    written = [event.sentence for event in team.events.order_by("-id")[:2]]
    assert written == [
        "alice let any number of its pictures be drawn at once.",
        "alice let at most 4 of its pictures be drawn at once.",
    ]


def test_pictures_are_shared_with_a_team_from_the_bar(
    as_bob: Client, team: Team, bob: User, alice: User, hang: Hang
) -> None:
    image = hang(bob)
    page = as_bob.get("/").content.decode()
    assert "Share with a team" in page
    assert '<button class="button button-main" name="action" value="hang">Copy</button>' in page
    sent = {"action": "hang", "into": "night-shift", "ids": str(image.pk)}
    answer = as_bob.post("/selection/", sent, headers={"HX-Request": "true"}).content.decode()
    assert "1 picture copied to Night shift." in answer
    assert "Undo" in answer
    copy = Image.objects.get(team=team)
    shown = signed_in(alice).get(f"/images/{copy.pk}/").content.decode()
    assert "By <bdi>bob</bdi>, shared on" in shown
    assert "The run</a>" not in shown
    assert "<dt>Price</dt>" not in shown


def test_the_bar_asks_where_pictures_are_to_hang_too(as_bob: Client, bob: User, hang: Hang) -> None:
    sent = {"action": "hang", "ids": str(hang(bob).pk)}
    answer = as_bob.post("/selection/", sent, follow=True).content.decode()
    assert "Choose a gallery." in answer
    assert Image.objects.count() == 1
