"""What becomes of pictures that were thrown away: gone in time, and nothing of theirs stays."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from unittest.mock import Mock

import pytest
from django.utils import timezone

from generations import policy, storage
from generations.models import Attempt, Generation, Image, User
from generations.pipeline import housekeeping, run, sizes
from generations.queries.gallery import cards_of
from generations.services.image import delete_images, restore_images, trash_images
from tests.conftest import Hang
from tests.support.sandbox import Sandbox

pytestmark = [pytest.mark.db, pytest.mark.django_db(transaction=True)]

Submit = Callable[..., Generation]


def test_trash_is_emptied_after_thirty_days(sandbox: Sandbox, alice: User, submit: Submit) -> None:
    run.run_next(submit(alice).pk)
    sizes.drain(20)
    Image.objects.update(trashed_at=timezone.now() - timedelta(days=29))
    housekeeping.empty_trash()
    assert Image.objects.count() == 1
    Image.objects.update(trashed_at=timezone.now() - timedelta(days=31))
    housekeeping.empty_trash()
    assert Image.objects.count() == 0
    assert list(storage.get_store().keys()) == []


def test_deleted_for_good_goes_at_the_next_turn(
    sandbox: Sandbox, alice: User, submit: Submit
) -> None:
    run.run_next(submit(alice).pk)
    sizes.drain(20)
    image = Image.objects.get()
    trash_images(alice, [image.pk])
    assert delete_images(alice, [image.pk]).done == 1
    assert restore_images(alice, [image.pk]).missing == 1
    housekeeping.empty_trash()
    assert (Image.objects.count(), list(storage.get_store().keys())) == (0, [])
    assert Attempt.objects.get().state == "stored"  # what it cost stays in the books


def test_picture_whose_sizes_are_being_made_waits_in_the_trash(
    sandbox: Sandbox, alice: User, submit: Submit
) -> None:
    run.run_next(submit(alice).pk)
    sizes.drain(20)
    Image.objects.update(trashed_at=policy.GIVEN_UP, sizes_done=False)
    housekeeping.empty_trash()
    assert Image.objects.count() == 1
    Attempt.objects.update(finished_at=timezone.now() - timedelta(minutes=11))
    housekeeping.empty_trash()
    assert Image.objects.count() == 0


def test_picture_deleted_for_good_leaves_no_failed_tile(alice: User, hang: Hang) -> None:
    """Of three pictures asked for in one call one came, and has gone: two tiles say what failed."""
    image = hang(alice, sizes_done=True)
    Generation.objects.update(n=3)
    Attempt.objects.update(slot_count=3, is_vacant=True)
    Image.objects.update(trashed_at=policy.GIVEN_UP)
    housekeeping.empty_trash()
    assert not Image.objects.exists()
    assert [card.slot for card in cards_of(image.generation, alice)] == [1, 2]


def test_objects_that_many_pictures_share_stay(alice: User, hang: Hang) -> None:
    store = storage.get_store()
    digest = hashlib.sha256(b"shared").hexdigest()
    store.put_new("seed/0.png", b"shared", sha256=digest, content_type="image/png")
    image = hang(alice)
    Image.objects.update(key="seed/0.png", trashed_at=policy.GIVEN_UP, sizes_done=True)
    housekeeping.empty_trash()
    assert not Image.objects.filter(pk=image.pk).exists()
    assert list(store.keys()) == ["seed/0.png"]


def test_emptying_that_was_cut_off_goes_on(
    sandbox: Sandbox, alice: User, submit: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    run.run_next(submit(alice).pk)
    sizes.drain(20)
    Image.objects.update(trashed_at=policy.GIVEN_UP)
    with monkeypatch.context() as patched:
        patched.setattr(Image, "delete", Mock(side_effect=OSError("killed")))
        with pytest.raises(OSError, match="killed"):
            housekeeping.empty_trash()
    assert (Image.objects.count(), list(storage.get_store().keys())) == (1, [])
    housekeeping.empty_trash()
    assert Image.objects.count() == 0
