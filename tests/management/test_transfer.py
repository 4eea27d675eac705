"""Out of one gallery and into another: nothing lost, nothing twice."""

import json
import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from PIL import Image as Pillow

from generations import storage
from generations.models import (
    Album,
    AlbumImage,
    Attempt,
    Favorite,
    Generation,
    Image,
    ImageTag,
    LedgerEntry,
    Tag,
    User,
)
from generations.pipeline import run, sizes
from tests.imaging.pictures import gradient, quarters
from tests.management.moving import (
    a_picture,
    a_sheet,
    breaches,
    hung,
    some_png,
    told,
    zipped,
)

pytestmark = [pytest.mark.db, pytest.mark.django_db, pytest.mark.usefixtures("own_var")]

Submit = Callable[..., Generation]


@pytest.fixture
def kept(transactional_db: None, sandbox: Any, alice: User, submit: Submit) -> Image:
    """A picture as it really comes, with everything its owner can make of it."""
    generation = submit(alice, "a fox [[fixture=500kB]]", n=2)
    for _ in range(2):
        run.run_next(generation.pk)
    sizes.drain(20)
    image, other = Image.objects.order_by("slot")
    Image.objects.filter(pk=image.pk).update(alt_text="A red fox", revised_prompt="a fox, red")
    Favorite.objects.create(user=alice, image=image, sort_key=image.sort_key)
    tag = Tag.objects.create(owner=alice, name="Best of")
    ImageTag.objects.create(tag=tag, image=image, sort_key=image.sort_key)
    album = Album.objects.create(owner=alice, name="Foxes", description="Red ones", cover=other)
    for position, each in ((7, other), (9, image)):
        AlbumImage.objects.create(
            album=album, image=each, position=position, sort_key=each.sort_key
        )
    return Image.objects.get(pk=image.pk)


@pytest.mark.parametrize("name", ["export", "export.zip"])
def test_a_gallery_moves_with_all_that_was_made_of_it(
    tmp_path: Path, kept: Image, bob: User, name: str
) -> None:
    place = tmp_path / name
    assert told("export", place, "--user", "alice") == (0, "2 pictures exported.", "")
    assert hung(place, bob) == (0, "2 pictures imported.", "")
    moved = Image.objects.get(owner=bob, slot=kept.slot)
    columns = (
        *("sha256", "size_bytes", "mime", "extension", "width", "height", "edges", "color"),
        *("revised_prompt", "alt_text", "model_id", "quality", "shape", "slot", "sort_key"),
        *("is_hidden", "trashed_at", "created_at", "problem"),
    )
    for column in columns:
        assert getattr(moved, column) == getattr(kept, column), column
    assert moved.sizes_done
    for prefix in ("", "-320", "-640", "-1600"):
        info = storage.get_store().head(f"{moved.key.rpartition('.')[0]}{prefix}.webp")
        assert info if prefix else storage.get_store().head(moved.key)
    was, now = kept.generation, moved.generation
    for column in ("prompt", "model_id", "n", "size", "quality", "created_at", "parameters"):
        assert getattr(now, column) == getattr(was, column), column
    assert now.imported_at is not None
    assert now.images.count() == 2
    assert Favorite.objects.get(user=bob).image == moved
    assert moved.image_tags.get().tag.name == "Best of"
    album = Album.objects.get(owner=bob)
    assert (album.name, album.description) == ("Foxes", "Red ones")
    order = album.album_images.order_by("position").values_list("image__slot", "position")
    assert list(order) == [(1, 7), (0, 9)]
    assert album.cover == Image.objects.get(owner=bob, slot=1)
    assert not LedgerEntry.objects.filter(attempt__owner=bob).exists()
    for path in (tmp_path / "pictures").rglob("*.*"):
        os.utime(path, (time.time() - 3600,) * 2)
    assert breaches() == []


def test_the_run_of_a_picture_is_told_on(tmp_path: Path, kept: Image, bob: User) -> None:
    told("export", tmp_path / "out", "--user", "alice")
    hung(tmp_path / "out", bob)
    was, now = kept.attempt, Attempt.objects.get(owner=bob, first_slot=kept.slot)
    for column in ("request_id", "usage", "answered", "state"):
        assert getattr(now, column) == getattr(was, column), column
    for column in ("sent_at", "received_at", "finished_at"):
        difference = getattr(now, column) - getattr(was, column)
        assert abs(difference.total_seconds()) < 0.002, column
    assert (now.reserved_micros, now.cost_micros) == (None, None)


@pytest.mark.parametrize("name", ["export", "export.zip"])
def test_twice_is_nothing_twice(tmp_path: Path, kept: Image, bob: User, name: str) -> None:
    place = tmp_path / name
    told("export", place, "--user", "alice")
    again = "2 pictures exported" if name.endswith("zip") else "0 pictures exported, 2 were there"
    assert again in told("export", place, "--user", "alice")[1]
    assert hung(place, bob)[1] == "2 pictures imported."
    assert hung(place, bob)[1] == "0 pictures imported, 2 were there already."
    assert hung(place, kept.owner)[1] == "0 pictures imported, 2 were there already."
    assert Image.objects.count() == 4


def test_an_import_that_broke_off_is_gone_on_with(
    tmp_path: Path, kept: Image, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    told("export", tmp_path / "out", "--user", "alice")
    real, calls = sizes.derive_all, []

    def dies_at_the_second(path: Path, problem: str | None) -> Any:
        calls.append(path)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(path, problem)

    monkeypatch.setattr(sizes, "derive_all", dies_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        call_command("import", str(tmp_path / "out"), "--user", "bob")
    monkeypatch.undo()
    assert Image.objects.filter(owner=bob).count() == 1
    out = hung(tmp_path / "out", bob)[1]
    assert out == "1 picture imported, 1 were there already."
    assert Generation.objects.filter(owner=bob).count() == 1


def test_an_album_alone(tmp_path: Path, kept: Image, bob: User) -> None:
    AlbumImage.objects.exclude(image=kept).delete()
    assert told("export", tmp_path / "out", "--user", "alice", "--album", "foxes")[1] == (
        "1 picture exported."
    )
    hung(tmp_path / "out", bob)
    assert Image.objects.get(owner=bob).sha256 == kept.sha256
    assert breaches() == []  # a run of which half came along
    with pytest.raises(CommandError, match="no album “Owls”"):
        call_command("export", str(tmp_path / "x"), "--user", "alice", "--album", "Owls")


def test_trash_stays_behind_unless_asked_for(tmp_path: Path, kept: Image, bob: User) -> None:
    Image.objects.filter(pk=kept.pk).update(trashed_at=timezone.now())
    assert told("export", tmp_path / "a", "--user", "alice")[1] == "1 picture exported."
    assert told("export", tmp_path / "b", "--user", "alice", "--trash")[1] == "2 pictures exported."
    hung(tmp_path / "b", bob)
    assert Image.objects.filter(owner=bob, trashed_at=None).count() == 1


def test_other_bytes_than_told_are_left_out(tmp_path: Path, kept: Image, bob: User) -> None:
    told("export", tmp_path / "out", "--user", "alice")
    picture = next((tmp_path / "out").rglob(kept.filename))
    picture.write_bytes(picture.read_bytes() + b"?")
    code, said, why = hung(tmp_path / "out", bob)
    assert (code, said) == (1, "1 picture imported, 1 left out.")
    assert why.endswith(f"{kept.filename} has other bytes than its JSON file says")


def test_what_lost_its_bytes_is_told_and_left_out(tmp_path: Path, kept: Image) -> None:
    store = storage.get_store()
    store.delete(kept.key)
    code, said, why = told("export", tmp_path / "out.zip", "--user", "alice")
    assert (code, said) == (1, "1 picture exported, 1 left out.")
    assert why == f"left out: {kept.pk} has lost its original (see manage.py audit)"


def test_a_folder_of_pictures_from_other_programs(tmp_path: Path, alice: User) -> None:
    folder = tmp_path / "loose"
    text = "an owl\nNegative prompt: day\nSteps: 20, Sampler: Euler, Seed: 7, Model: dreamer"
    a_picture(folder / "a" / "00001.png", parameters=text)
    exif = Pillow.Exif()
    exif[0x010E], exif[0x0132] = "Two swans", "2023:07:01 18:30:00"
    quarters().save(folder / "b.jpg", exif=exif)
    named = folder / "a_red-fox.webp"
    gradient(64, 48).save(named)
    os.utime(named, (1_600_000_000, 1_600_000_000))
    (folder / "readme.txt").write_text("no picture, and nobody says it is")
    (folder / "film.mp4").write_bytes(b"\0\0\0\x18ftypisom")
    (folder / ".hidden.png").write_bytes(some_png())
    code, said, why = hung(folder, alice)
    assert (code, said) == (1, "3 pictures imported, 1 left out.")
    assert why == "left out: film.mp4 isn't called a PNG, JPEG or WebP"
    rows = Generation.objects.order_by("created_at").values_list("prompt", "model_id", "n")
    by_prompt = {prompt: (model, n) for prompt, model, n in rows}
    assert by_prompt == {"an owl": ("dreamer", 1), "Two swans": ("", 1), "a red fox": ("", 1)}
    owl = Generation.objects.get(prompt="an owl")
    assert owl.parameters == {
        **{"negative_prompt": "day", "steps": "20", "sampler": "Euler", "seed": "7"}
    }
    assert owl.attempts.get().answered == {"program": "A1111"}
    swans = Generation.objects.get(prompt="Two swans")
    assert swans.created_at == datetime(2023, 7, 1, 18, 30, tzinfo=UTC)
    fox = Generation.objects.get(prompt="a red fox")
    assert fox.created_at == datetime.fromtimestamp(1_600_000_000, UTC)
    assert breaches() == []
    assert hung(folder, alice)[1] == "0 pictures imported, 3 were there already, 1 left out."


def test_the_same_bytes_under_two_names_are_one_picture(tmp_path: Path, alice: User) -> None:
    for name in ("one", "two"):
        (tmp_path / "loose" / name).mkdir(parents=True)
        (tmp_path / "loose" / name / "x.png").write_bytes(some_png())
    assert hung(tmp_path / "loose", alice)[1] == "1 picture imported, 1 were there already."


def test_somebody_elses_json_beside_a_picture_is_no_sheet(tmp_path: Path, alice: User) -> None:
    a_picture(tmp_path / "loose" / "fox.png")
    (tmp_path / "loose" / "fox.json").write_text('{"caption": "a dog"}')
    assert hung(tmp_path / "loose", alice)[0] == 0
    assert Generation.objects.get().prompt == "fox"


def test_tags_that_exist_in_another_case_are_taken(tmp_path: Path, alice: User) -> None:
    tag = Tag.objects.create(owner=alice, name="Best")
    content = some_png()
    said = a_sheet(content, gallery={"tags": ["best", "BEST"]})
    files = {"a.png": content, "a.json": json.dumps(said).encode()}
    hung(zipped(tmp_path / "a.zip", files), alice)
    assert Image.objects.get().image_tags.get().tag == tag


def test_names_come_on_one_line(tmp_path: Path, alice: User) -> None:
    content = some_png()
    marks = {"tags": ["red\nfox"], "albums": [{"name": " Coast\r\n\u202eX: y "}]}
    files = {"a.png": content, "a.json": json.dumps(a_sheet(content, gallery=marks)).encode()}
    hung(zipped(tmp_path / "a.zip", files), alice)
    assert Tag.objects.get().name == "red fox"
    assert Album.objects.get().name == "Coast X: y"


def test_an_export_that_fails_leaves_no_half_archive(
    tmp_path: Path, kept: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> Iterator[bytes]:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("generations.management.transfer.exporting._pieces", full)
    with pytest.raises(CommandError, match="No space left"):
        call_command("export", str(tmp_path / "out" / "x.zip"), "--user", "alice")
    assert list((tmp_path / "out").iterdir()) == []
