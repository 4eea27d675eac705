"""Two things in one request, one's own and somebody else's: nothing foreign is taken along."""

from typing import Any

import pytest
from django.urls import reverse

from generations.models import (
    Album,
    AlbumImage,
    Favorite,
    Generation,
    Image,
    ImageTag,
    Membership,
    Role,
    ShareLink,
    Team,
    User,
)
from generations.services.sorting import Mark, put_on, take_off
from generations.services.undo import undo_token
from tests.access.asking import rows
from tests.access.sides import Side, Submit, side
from tests.conftest import Hang

pytestmark = pytest.mark.django_db

TOKEN = "twelve-words"


@pytest.fixture(params=["people", "teams"])
def sides(request: pytest.FixtureRequest, submit: Submit, hang: Hang) -> tuple[Side, Side]:
    """Two people who share nothing; or the galleries of two teams, each the other's stranger."""
    found = []
    for name in ("alice", "carol"):
        if request.param == "people":
            found.append(side(name, submit, hang))
            continue
        user = User.objects.create_user(name, password="a-password-of-tests")
        team = Team.objects.create(name=name, slug=f"{name}-team")
        Membership.objects.create(team=team, user=user, role=Role.OWNER)
        found.append(side(name, submit, hang, team=team, user=user))
    return found[0], found[1]


def choose(mine: Side, action: str, ids: Any, **fields: Any) -> Any:
    team = {"team": mine.team.slug} if mine.team else {}
    fields = {"action": action, "ids": ids} | team | fields
    return mine.client.post(reverse("selection"), fields)


# One's own album, tag or heart, and somebody else's picture


@pytest.mark.parametrize("action", ["album", "tag", "favorite", "trash", "unalbum"])
def test_of_mixed_pictures_only_ones_own_are_touched(sides: tuple[Side, Side], action: str) -> None:
    mine, theirs = sides
    fields = {"album": {"album": mine.album.pk}, "unalbum": {"album": mine.album.pk}}
    sent = fields.get(action, {"tag": mine.tag.name} if action == "tag" else {})
    before = rows_of(theirs)
    answer = choose(mine, action, f"{mine.image.pk},{theirs.image.pk}", **sent)
    assert answer.status_code == 303
    assert rows_of(theirs) == before
    said = "".join(str(each) for each in mine.client.get("/keys/").context["messages"])
    assert "1 not found" in said


def rows_of(whose: Side) -> list[Any]:
    """All that hangs on somebody's things."""
    return [
        list(AlbumImage.objects.filter(album=whose.album).order_by("pk").values()),
        list(AlbumImage.objects.filter(image__owner=whose.user).order_by("pk").values()),
        list(ImageTag.objects.filter(image__owner=whose.user).values()),
        list(ImageTag.objects.filter(tag=whose.tag).values()),
        list(Favorite.objects.filter(image__owner=whose.user).values()),
        list(Image.objects.filter(owner=whose.user).order_by("pk").values()),
        list(Album.objects.filter(pk=whose.album.pk).values()),
    ]


@pytest.mark.parametrize("action", ["album", "unalbum", "untag"])
def test_somebody_elses_album_or_tag_takes_nothing_of_mine(
    sides: tuple[Side, Side], action: str
) -> None:
    mine, theirs = sides
    fields = {"album": theirs.album.pk, "tag": theirs.tag.name}
    before = rows()
    assert choose(mine, action, mine.image.pk, **fields).status_code == 409
    assert rows() == before


@pytest.mark.parametrize("action", ["album", "tag", "untag"])
def test_their_team_is_no_place_for_mine(
    sides: tuple[Side, Side], action: str, submit: Submit
) -> None:
    mine, theirs = sides
    slug = theirs.team.slug if theirs.team else "no-team"
    fields = {"tag": theirs.tag.name, "album": theirs.album.pk, "team": slug}
    before = rows()
    assert choose(mine, action, mine.image.pk, **fields).status_code in {403, 409}
    assert rows() == before


@pytest.mark.parametrize("whose_album", ["mine", "theirs"])
def test_a_cover_is_a_picture_of_that_album(sides: tuple[Side, Side], whose_album: str) -> None:
    mine, theirs = sides
    album, image = (mine, theirs) if whose_album == "mine" else (theirs, mine)
    answer = mine.client.post(
        reverse("album_cover", args=[album.album.pk]), {"image": image.image.pk}
    )
    assert answer.status_code == 404
    assert not Album.objects.exclude(cover=None).exists()


@pytest.mark.parametrize("place", ["image", "before"])
def test_a_foreign_picture_moves_nothing_in_an_album(sides: tuple[Side, Side], place: str) -> None:
    mine, theirs = sides
    fields = {"image": mine.image.pk, "before": mine.second.pk} | {place: theirs.image.pk}
    before = rows_of(theirs)
    mine.client.post(reverse("move_in_album", args=[mine.album.pk]), fields)
    assert rows_of(theirs) == before
    there = AlbumImage.objects.filter(album=mine.album).values_list("image", flat=True)
    assert set(there) == {mine.image.pk, mine.second.pk}


@pytest.mark.parametrize("order", ["ab", "ba"])
def test_two_pictures_are_compared_only_if_both_are_seen(
    sides: tuple[Side, Side], order: str
) -> None:
    mine, theirs = sides
    a, b = (mine, theirs) if order == "ab" else (theirs, mine)
    answer = mine.client.get(reverse("compare"), {"a": a.image.pk, "b": b.image.pk})
    assert answer.status_code == 404


def test_a_dialog_counts_only_ones_own(sides: tuple[Side, Side]) -> None:
    mine, theirs = sides
    answer = mine.client.get(
        reverse("sort_image", args=[mine.image.pk]), {"ids": str(theirs.image.pk)}
    )
    assert answer.status_code == 200
    assert {choice.chosen for choice in answer.context["albums"]} == {1}
    assert theirs.album.name not in answer.content.decode()


# A filter over one's own gallery that names somebody else's tag or album


@pytest.mark.parametrize("name", ["gallery", "count_selection", "months", "news"])
@pytest.mark.parametrize("kind", ["album", "tag"])
def test_a_foreign_filter_finds_nothing(sides: tuple[Side, Side], name: str, kind: str) -> None:
    """Also where somebody has put one of my pictures into an album of theirs by force."""
    mine, theirs = sides
    AlbumImage.objects.create(
        album=theirs.album, image=mine.image, position=1, sort_key=mine.image.sort_key
    )
    ImageTag.objects.create(tag=theirs.tag, image=mine.image, sort_key=mine.image.sort_key)
    query = f"{kind}={getattr(theirs, kind).pk}" + (f"&team={mine.team.slug}" if mine.team else "")
    fields = {"kind": "gallery", "filter": query} if name == "count_selection" else None
    html = mine.client.get(f"{reverse(name)}?{query}&above=0", fields).content.decode()
    assert str(mine.image.pk) not in html
    if name == "count_selection":
        assert '"0"' in html


def test_an_album_shows_only_what_hangs_in_its_gallery(sides: tuple[Side, Side]) -> None:
    mine, theirs = sides
    AlbumImage.objects.create(
        album=mine.album, image=theirs.image, position=1, sort_key=theirs.image.sort_key
    )
    html = mine.client.get(reverse("album", args=[mine.album.pk])).content.decode()
    assert str(mine.image.pk) in html
    assert str(theirs.image.pk) not in html
    packed = mine.client.get(reverse("album_zip", args=[mine.album.pk]))
    assert theirs.image.pk.hex[:12].encode() not in b"".join(packed.streaming_content)


# What a submission names beside its prompt


def test_a_foreign_template_is_left_out_of_a_run(sides: tuple[Side, Side]) -> None:
    mine, theirs = sides
    fields = {"prompt": "fox", "submit_token": TOKEN, "template": theirs.template.pk}
    assert mine.client.post(reverse("submit_generation"), fields).status_code == 303
    assert Generation.objects.get(submit_token=TOKEN).template is None


def test_a_run_for_a_foreign_team_is_refused(sides: tuple[Side, Side]) -> None:
    mine, theirs = sides
    slug = theirs.team.slug if theirs.team else "no-team"
    fields = {"prompt": "fox", "submit_token": TOKEN, "team": slug}
    assert mine.client.post(reverse("submit_generation"), fields).status_code == 422
    assert not Generation.objects.filter(submit_token=TOKEN).exists()


@pytest.mark.parametrize("which", ["run", "wording", "both"])
def test_a_remix_brings_nothing_of_others(sides: tuple[Side, Side], which: str) -> None:
    mine, theirs = sides
    Generation.objects.filter(owner=theirs.user).update(prompt="a secret heron")
    Image.objects.filter(owner=theirs.user).update(revised_prompt="a secret heron")
    run = mine.run.pk if which == "wording" else theirs.run.pk
    wording = mine.image.pk if which == "run" else theirs.image.pk
    html = mine.client.get(reverse("gallery"), {"remix": run, "wording": wording}).content.decode()
    assert "secret heron" not in html


def test_somebody_elses_submit_token_is_a_new_run(sides: tuple[Side, Side]) -> None:
    mine, theirs = sides
    Generation.objects.filter(pk=theirs.run.pk).update(submit_token=TOKEN)
    fields = {"prompt": theirs.run.prompt, "submit_token": TOKEN, "size": "1024x1024"}
    answer = mine.client.post(reverse("submit_generation"), fields)
    assert str(theirs.run.pk) not in answer["Location"]
    assert Generation.objects.filter(submit_token=TOKEN).count() == 2


# Tokens


@pytest.mark.parametrize("kind", ["added", "removed"])
def test_an_undo_of_others_undoes_nothing(sides: tuple[Side, Side], kind: str) -> None:
    mine, theirs = sides
    change = put_on(Mark(theirs.tag), theirs.user, [theirs.image.pk])
    if kind == "removed":
        change = take_off(Mark(theirs.tag), theirs.user, [theirs.image.pk])
    assert change.undo
    before = rows()
    token = undo_token(theirs.user, change.undo)
    assert mine.client.post(reverse("undo"), {"token": token}).status_code == 409
    assert rows() == before


@pytest.mark.parametrize("field", ["thing", "ids"])
def test_a_link_shows_nothing_of_others(sides: tuple[Side, Side], field: str) -> None:
    mine, theirs = sides
    fields = {"days": "30", "key": "00000000-0000-4000-8000-000000000001"}
    if field == "thing":
        sent = fields | {"kind": "album", "target": theirs.album.pk}
        assert mine.client.post(reverse("new_share"), sent).status_code == 404
        assert not ShareLink.objects.exists()
        return
    sent = fields | {"ids": f"{mine.image.pk},{theirs.image.pk}"}
    assert mine.client.post(reverse("new_share"), sent).status_code == 200
    shown = ShareLink.objects.get().share_images.values_list("image", flat=True)
    assert list(shown) == [mine.image.pk]


# A team's rows under another team's address


@pytest.mark.parametrize("sides", ["teams"], indirect=True)
@pytest.mark.parametrize("name", ["change_role", "remove_member", "hand_over_team"])
def test_a_member_is_found_under_their_own_team_only(sides: tuple[Side, Side], name: str) -> None:
    mine, theirs = sides
    member = Membership.objects.create(
        team=theirs.team, user=User.objects.create_user("dave"), role=Role.VIEWER
    )
    before = rows()
    fields = {"role": "curator", "password": "a-password-of-tests"}
    for slug in (mine.team.slug, theirs.team.slug):  # type: ignore[union-attr]
        answer = mine.client.post(reverse(name, args=[slug, member.pk]), fields)
        assert answer.status_code == 404
    assert rows() == before


@pytest.mark.parametrize("sides", ["teams"], indirect=True)
def test_pictures_move_into_no_foreign_team(sides: tuple[Side, Side]) -> None:
    mine, theirs = sides
    assert theirs.team
    before = rows()
    answer = choose(mine, "move", mine.image.pk, into=theirs.team.slug)
    assert answer.status_code == 403
    choose(mine, "move", theirs.image.pk, into="-")
    assert rows() == before


@pytest.mark.parametrize("sides", ["teams"], indirect=True)
@pytest.mark.parametrize("name", ["albums", "tags"])
def test_nothing_is_made_in_a_foreign_team(sides: tuple[Side, Side], name: str) -> None:
    mine, theirs = sides
    assert theirs.team
    before = rows()
    answer = mine.client.post(f"{reverse(name)}?team={theirs.team.slug}", {"name": "New"})
    assert answer.status_code == 404
    assert rows() == before
