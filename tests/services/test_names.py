"""Tags, albums and searches by name: the same in two tabs, doubled, deleted meanwhile."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from generations.errors import Conflict
from generations.models import Album, ImageTag, SavedSearch, Tag, User
from generations.queries.names import named
from generations.services.album import album_named, delete_album
from generations.services.searches import save_search
from generations.services.sorting import Mark, put_on
from generations.services.tag import rename_tag, tag_named
from tests.conftest import Hang

pytestmark = [pytest.mark.db, pytest.mark.django_db(transaction=True)]
ROUNDS = range(5)


def at_once(*works: Callable[[], object]) -> list[Exception]:
    """What goes wrong when all begin in the same moment, apart from refusals with a sentence."""
    start, errors = threading.Barrier(len(works)), list[Exception]()

    def work_one(work: Callable[[], object]) -> None:
        try:
            start.wait()
            work()
        except Conflict:
            pass
        except Exception as error:  # noqa: BLE001  # the test tells which
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work_one, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def test_the_same_search_saved_eight_times_at_once_is_one(alice: User) -> None:
    for number in ROUNDS:
        save = [lambda: save_search(alice, name="Foxes", query="q=fox")] * 8
        assert at_once(*save) == []
        assert SavedSearch.objects.count() == 1, number
        SavedSearch.objects.all().delete()


def test_a_tag_merged_while_pictures_get_it(alice: User, hang: Hang) -> None:
    pictures = [hang(alice).pk for _ in range(30)]
    for number in ROUNDS:
        sea, ocean = tag_named(alice, f"sea {number}"), tag_named(alice, f"ocean {number}")
        put_on(Mark(sea), alice, pictures)
        errors = at_once(
            lambda sea=sea, name=ocean.name: rename_tag(Tag.objects.get(pk=sea.pk), name),
            lambda ocean=ocean: put_on(Mark(ocean), alice, pictures),
            lambda sea=sea: put_on(Mark(sea), alice, pictures),
        )
        assert errors == []
        assert list(Tag.objects.filter(name__endswith=str(number))) == [ocean]
        assert ImageTag.objects.filter(tag=ocean).count() == 30


def test_two_tags_get_the_same_name_at_once(alice: User) -> None:
    for number in ROUNDS:
        tags = [tag_named(alice, f"{word} {number}") for word in ("sea", "ocean")]
        name = f"water {number}"
        assert at_once(*(lambda tag=tag, name=name: rename_tag(tag, name) for tag in tags)) == []
        assert Tag.objects.filter(name__endswith=str(number)).get().name == name


def test_an_album_deleted_while_pictures_come_in(alice: User, hang: Hang) -> None:
    pictures = [hang(alice).pk for _ in range(30)]
    for _ in ROUNDS:
        album = album_named(alice, "Coast")
        errors = at_once(
            lambda album=album: put_on(Mark(album), alice, pictures),
            lambda pk=album.pk: delete_album(Album.objects.get(pk=pk)),
            lambda album=album: put_on(Mark(album), alice, pictures[::-1]),
        )
        assert errors == []
        assert not Album.objects.exists()


def test_a_name_is_found_by_the_letters_that_make_it_unique(alice: User) -> None:
    """The Ohm sign's small letter is the omega, whose capital it isn't: `iexact` missed it."""
    tag = Tag.objects.create(owner=alice, name="sea")
    assert named(Tag.objects.all(), "SEA").get() == tag
    assert "UPPER" not in str(named(Tag.objects.all(), "SEA").query)


def test_a_tag_named_like_one_that_is_being_deleted(alice: User) -> None:
    sea, ocean = tag_named(alice, "sea"), tag_named(alice, "ocean")
    asked = []

    def look(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        asked.append(sql)
        if len(asked) == 2:
            execute("DELETE FROM generations_tag WHERE name = 'ocean'", [], False, context)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(look), pytest.raises(Conflict):
        rename_tag(sea, ocean.name)
    assert Tag.objects.get() == sea
