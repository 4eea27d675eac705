"""Pictures that were asked for an album hang in it when they come."""

from collections.abc import Callable

import pytest

from generations.models import Album, AlbumImage, Generation, Image, Membership, Role, Team, User
from generations.pipeline import hanging, run, sizes
from generations.queries.albums import places
from generations.services.album import album_named, delete_album
from generations.services.sorting import Mark, put_on
from generations.services.team import create_team
from tests.conftest import Hang
from tests.support.sandbox import Sandbox

pytestmark = [pytest.mark.db, pytest.mark.django_db(transaction=True)]

Submit = Callable[..., Generation]


def see_through(generation: Generation) -> None:
    for _ in range(20):
        if not run.run_next(generation.pk):
            break
    sizes.drain(20)


def slots_in(album: Album) -> list[int]:
    return [place.image.slot for place in places(album).select_related("image")]


def test_the_pictures_of_a_run_hang_in_its_album_by_their_slots(
    sandbox: Sandbox, alice: User, submit: Submit
) -> None:
    album = album_named(alice, "Coast")
    see_through(submit(alice, n=3, album=album))
    assert slots_in(album) == [0, 1, 2]


def test_a_run_hangs_behind_what_was_there(
    sandbox: Sandbox, alice: User, submit: Submit, hang: Hang
) -> None:
    album, old = album_named(alice, "Coast"), hang(alice)
    put_on(Mark(album), alice, [old.pk])
    generation = submit(alice, n=2, album=album)
    see_through(generation)
    order = [place.image for place in places(album)]
    assert order[0] == old
    assert [image.generation_id for image in order[1:]] == [generation.pk] * 2


def test_pictures_that_come_in_another_order_hang_in_that_of_their_slots(
    alice: User, hang: Hang
) -> None:
    album, run_of = album_named(alice, "Coast"), hang(alice).generation
    images = [_at(hang(alice), run_of, slot) for slot in (2, 0, 1)]
    for image in images:
        hanging.hang(album, [image])
    assert slots_in(album) == [0, 1, 2]
    hanging.hang(album, images)
    assert slots_in(album) == [0, 1, 2]


def _at(image: Image, generation: Generation, slot: int) -> Image:
    image.generation, image.slot = generation, slot
    image.save(update_fields=["generation", "slot"])
    return image


def test_an_album_deleted_meanwhile_lets_the_picture_arrive(
    sandbox: Sandbox, alice: User, submit: Submit
) -> None:
    album = album_named(alice, "Coast")
    generation = submit(alice, album=album)
    delete_album(album)
    see_through(generation)
    assert generation.images.get().is_hidden is False
    assert not AlbumImage.objects.exists()
    assert Generation.objects.get().album_id is None


def test_an_album_of_another_gallery_takes_nothing(
    sandbox: Sandbox, alice: User, submit: Submit
) -> None:
    album = album_named(alice, "Coast")
    generation = submit(alice, album=album)
    Album.objects.update(team=create_team(alice, name="Night shift"))
    see_through(generation)
    assert generation.images.count() == 1
    assert not AlbumImage.objects.exists()


def test_who_asked_may_have_left_the_team_when_the_picture_comes(
    sandbox: Sandbox, alice: User, bob: User, submit: Submit
) -> None:
    team: Team = create_team(alice, name="Night shift")
    Membership.objects.create(team=team, user=bob, role=Role.CONTRIBUTOR)
    album = album_named(alice, "Coast", "night-shift")
    generation = submit(bob, album=album, team=team)
    Membership.objects.filter(user=bob).delete()
    see_through(generation)
    assert slots_in(album) == [0]


def test_what_one_stopped_waiting_for_hangs_once_it_is_kept(
    sandbox: Sandbox, alice: User, submit: Submit
) -> None:
    album = album_named(alice, "Coast")
    generation = submit(alice, album=album)
    attempt = generation.attempts.get()
    generation.attempts.update(is_hidden=True)
    see_through(generation)
    assert attempt.images.get().is_hidden
    assert slots_in(album) == []
    Image.objects.update(is_hidden=False)
    assert slots_in(album) == [0]
