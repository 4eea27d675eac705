"""What comes from outside may be anything: it is left out with a sentence, or cut to fit."""

import json
import os
import stat
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from generations import storage
from generations.management.transfer import sheet, sources
from generations.management.transfer.report import LeftOut
from generations.models import Generation, Image, Tag, User
from tests.imaging.pictures import png
from tests.management.moving import SOME_ID, a_picture, a_sheet, breaches, hung, some_png, zipped

pytestmark = [pytest.mark.db, pytest.mark.django_db, pytest.mark.usefixtures("own_var")]


def test_links_and_pipes_in_a_folder_are_left_alone(tmp_path: Path, alice: User) -> None:
    folder = tmp_path / "loose"
    folder.mkdir()
    secret = a_picture(tmp_path / "secret.png")
    (folder / "link.png").symlink_to(secret)
    (folder / "way.png").symlink_to(tmp_path, target_is_directory=True)
    os.mkfifo(folder / "pipe.png")
    code, said, why = hung(folder, alice)
    assert (code, said) == (1, "0 pictures imported, 3 left out.")
    assert why.splitlines() == [
        "left out: way.png is a link to another folder",
        "left out: link.png is no regular file",
        "left out: pipe.png is no regular file",
    ]


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("../out.png", some_png(), "has a name that leads out of the archive"),
        ("/etc/out.png", some_png(), "has a name that leads out of the archive"),
        ("a\\..\\out.png", some_png(), "has a name that leads out of the archive"),
        ("page.png", b"<html><script>1</script>", "is no picture"),
        ("words.png", b"words", "is no picture"),
        ("film.png", b"GIF89a....", "is no PNG, JPEG or WebP"),
        ("wide.png", png(60_000, 60_000, pixels=b"x"), "has too many pixels"),
        ("torn.png", some_png()[:60], "is damaged"),
        ("empty.png", b"", "is no picture"),
        ("big.png", some_png() + bytes(70_000_000), "is too large"),
        ("\x1b[2J.png", b"?", "is no picture"),
    ],
)
def test_a_hostile_picture_is_left_out_with_a_sentence(
    tmp_path: Path, alice: User, name: str, content: bytes, why: str
) -> None:
    path = zipped(tmp_path / "bad.zip", {name: content, "good.png": some_png()})
    code, said, told_why = hung(path, alice)
    assert (code, said) == (1, "1 picture imported, 1 left out.")
    shown = name.replace("\x1b", "�")
    assert told_why == f"left out: {shown} {why}"
    assert [each.prompt for each in Generation.objects.all()] == ["good"]
    assert list((tmp_path / "spool").glob("*.item-*")) == []
    assert breaches() == []


def test_an_entry_that_lies_about_its_length_is_left_out(tmp_path: Path, alice: User) -> None:
    path = zipped(tmp_path / "bad.zip", {"a.png": some_png() + bytes(100_000)})
    packed = path.read_bytes()
    length = (len(some_png()) + 100_000).to_bytes(4, "little")
    assert packed.count(length) == 2
    path.write_bytes(packed.replace(length, (200).to_bytes(4, "little")))
    assert "can't be read" in hung(path, alice)[2]


def test_a_link_in_an_archive_is_left_out(tmp_path: Path, alice: User) -> None:
    path = tmp_path / "bad.zip"
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo("link.png")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
        archive.writestr("packed.png", some_png(), zipfile.ZIP_LZMA)
    said = hung(path, alice)[2].splitlines()
    assert said[0] == "left out: link.png is no regular file"
    assert said[-1] == "left out: packed.png is packed in a way that isn't opened here"


@pytest.mark.parametrize(
    "changes",
    [
        {"image": 3},
        {"image": {"id": "../../etc", "sha256": "x"}},
        {"generation": {"id": SOME_ID, "created_at": "never"}},
        {"generation": {"id": SOME_ID, "created_at": "1066-10-14T00:00:00Z"}},
        {"gallery": {"tags": [1]}},
        {"gallery": {"tags": "x"}},
        {"request": ["a"]},
        {"attempt": {"sent_at": 12}},
    ],
)
def test_a_sheet_of_wrong_types_is_left_out(
    tmp_path: Path, alice: User, changes: dict[str, Any]
) -> None:
    content = some_png()
    text = json.dumps(a_sheet(content, **changes)).encode()
    path = zipped(tmp_path / "bad.zip", {"a.png": content, "a.json": text})
    code, _, why = hung(path, alice)
    assert code == 1
    assert why.startswith("left out: a.png has a JSON file beside it that")
    assert not Generation.objects.exists()


def test_a_sheet_of_a_gigabyte_or_a_million_brackets_is_left_out(
    tmp_path: Path, alice: User
) -> None:
    head = b'{"schema": "mesh-gallery/provenance/1", "image": '
    files = {"a.png": some_png(1), "a.json": head + bytes(3_000_000)}
    files |= {"b.png": some_png(2), "b.json": head + b"[" * 1_000_000}
    code, said, why = hung(zipped(tmp_path / "bad.zip", files), alice)
    assert (code, said) == (1, "0 pictures imported, 2 left out.")
    assert "a.png is too large" in why
    assert "b.png has a JSON file beside it that can't be read" in why


def test_what_a_sheet_says_is_cut_to_fit(tmp_path: Path, alice: User) -> None:
    content = some_png()
    wild = a_sheet(
        content,
        request={"prompt": "p\0" + "x" * 99_999, "model": "m" * 999, "n": 1, "seed": 10**40},
        response={"settings": {"a": {"b": 1}, "c": "d" * 9999}, "usage": {"total_tokens": 5}},
        gallery={
            "tags": ["t" * 99, "", "T" * 99, *map(str, range(300))],
            "albums": [{"name": "a" * 200, "position": 2**90}, {"name": "b", "position": 5}],
        },
    )
    wild["image"] |= {"slot": 99, "alt_text": "y" * 9999}
    wild["generation"] |= {"pictures": 10_000}
    path = zipped(
        tmp_path / "wild.zip", {"a.png": content, "a.png.json": json.dumps(wild).encode()}
    )
    assert hung(path, alice)[:2] == (0, "1 picture imported.")
    image = Image.objects.get()
    assert (len(image.generation.prompt), len(image.model_id), image.slot) == (20_000, 200, 15)
    assert (image.generation.n, len(image.alt_text)) == (10, 500)
    assert image.image_tags.count() <= 200
    assert [each.album.name for each in image.album_images.all()] == ["b"]
    assert breaches() == []


def test_what_is_left_out_leaves_nothing_in_the_store(tmp_path: Path, alice: User) -> None:
    Tag.objects.bulk_create([Tag(owner=alice, name=f"tag {number}") for number in range(1000)])
    content = some_png()
    said = a_sheet(content, gallery={"tags": ["one too many"]})
    path = zipped(tmp_path / "a.zip", {"a.png": content, "a.json": json.dumps(said).encode()})
    with pytest.raises(SystemExit):
        call_command("import", str(path), "--user", "alice")
    assert not Image.objects.exists()
    assert list(storage.get_store().keys()) == []


@pytest.mark.parametrize("content", [b"", b"PK\3\4", b"words"])
def test_what_is_no_archive_is_refused(tmp_path: Path, alice: User, content: bytes) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(content)
    with pytest.raises(CommandError, match="is no ZIP file that can be read"):
        call_command("import", str(path), "--user", "alice")
    with pytest.raises(CommandError, match="There is no folder and no ZIP file"):
        call_command("import", str(tmp_path / "y.zip"), "--user", "alice")
    with pytest.raises(CommandError, match="no user “nobody”"):
        call_command("import", str(path), "--user", "nobody")


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(data=st.data())
def test_no_damaged_archive_stops_an_import(tmp_path: Path, data: st.DataObject) -> None:
    """Every byte of an archive may be anything: entries are read, or left out one by one."""
    packed = bytearray(
        zipped(tmp_path / "a.zip", {"a.png": some_png(), "b.json": b"{}"}).read_bytes()
    )
    for _ in range(data.draw(st.integers(1, 6))):
        packed[data.draw(st.integers(0, len(packed) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "b.zip"
    path.write_bytes(packed)
    try:
        source = sources.open_source(path)
    except sources.NoSource:
        return
    for entry in source.pictures(lambda name, why: None):
        try:
            assert len(b"".join(entry.pieces())) < 100_000
        except LeftOut:
            continue
    source.close()


def test_a_file_without_a_name_is_passed_over(tmp_path: Path) -> None:
    """Some zeros where the name stands: zipfile asks for the last letter of nothing."""
    packed = zipped(tmp_path / "a.zip", {"a.png": some_png(), "=": b""}).read_bytes()
    path = tmp_path / "b.zip"
    path.write_bytes(packed.replace(b"=", b"\0"))
    source = sources.open_source(path)
    assert [entry.name for entry in source.pictures(lambda name, why: None)] == ["a.png"]
    source.close()


def test_an_archive_of_a_later_version_is_refused_with_a_sentence(tmp_path: Path) -> None:
    packed = bytearray(zipped(tmp_path / "a.zip", {"a.png": some_png()}).read_bytes())
    packed[packed.index(b"PK\x01\x02") + 6] = 99  # the version needed to open it: 9.9
    path = tmp_path / "b.zip"
    path.write_bytes(packed)
    with pytest.raises(sources.NoSource, match="is no ZIP file that can be read"):
        sources.open_source(path)


odd = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=20)
    | st.lists(st.text(), max_size=2)
)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "image": st.dictionaries(st.sampled_from(["slot", "alt_text"]), odd),
            "generation": st.dictionaries(st.sampled_from(["pictures", "batch_id"]), odd),
            "request": st.dictionaries(st.sampled_from(["prompt", "n", "seed", "size", "x"]), odd),
            "response": st.dictionaries(st.sampled_from(["revised_prompt", "usage"]), odd),
            "gallery": st.dictionaries(st.sampled_from(["tags", "albums", "is_hidden"]), odd),
        },
    )
)
def test_no_sheet_gets_past_its_bounds(changes: dict[str, Any]) -> None:
    said = a_sheet(b"x")
    for name, values in changes.items():
        said[name] = said.get(name, {}) | values
    try:
        origin = sheet.origin_from_sheet(json.dumps(said).encode())
    except LeftOut:
        return
    assert 1 <= origin.n <= 10
    assert 0 <= origin.slot < 16
    assert len(origin.size) <= 20
    assert all(isinstance(each, str | int | float) for each in (origin.parameters or {}).values())
