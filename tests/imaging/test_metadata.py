"""What is put into a file and taken out of it, read back with Pillow; its pixels stay."""

import io
import itertools
import xml.etree.ElementTree as ElementTree
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from generations.imaging.header import Damaged
from generations.imaging.metadata import Note, chunks_of, clean, length_of, with_note
from generations.imaging.metadata.note import DIGITAL_SOURCE
from tests.imaging.pictures import encoded, noise, png, png_chunk, quarters, with_exif

NOTE = Note(
    prompt='a <fox> & "two" hares 🦊\nat dusk',
    model="openai/gpt-image-1",
    created="2026-05-04T12:00:00+00:00",
    alt="A fox",
)
EXT = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}"
FORMATS = ["PNG", "JPEG", "WEBP"]
SECRET = b"canary-secret"
OLD_XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">canary-secret</x:xmpmeta>'
DISPLAY_P3_LIKE = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def applied(change, data: bytes, name: str, *rest) -> bytes:
    file = io.BytesIO(data)
    parts = change(file, name.lower(), *rest)
    result = b"".join(chunks_of(file, parts))
    assert len(result) == length_of(parts)
    assert file.getvalue() == data
    return result


def noted(data: bytes, name: str, note: Note = NOTE) -> bytes:
    return applied(with_note, data, name, note)


def cleaned(data: bytes, name: str) -> bytes:
    return applied(clean, data, name)


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def xmp_of(data: bytes) -> ElementTree.Element:
    info = opened(data).info
    packet = info.get("xmp") or info["XML:com.adobe.xmp"].encode()
    return ElementTree.fromstring(packet.decode().replace("\ufeff", ""))  # noqa: S314


def said(data: bytes, name: str) -> str | None:
    return xmp_of(data).findtext(f".//{EXT}{name}")


def with_everything(name: str, image: Image.Image | None = None) -> bytes:
    """A file that says all that its format lets it say."""
    options = {"exif": with_exif(1), "icc_profile": SRGB, "xmp": OLD_XMP}
    if name == "PNG":
        text = PngInfo()
        text.add_text("Comment", SECRET.decode())
        text.add_text("workflow", SECRET.decode() * 50, zip=True)
        text.add_itxt("Title", SECRET.decode())
        text.add_itxt("XML:com.adobe.xmp", OLD_XMP.decode())
        options = {"exif": with_exif(1), "icc_profile": SRGB, "pnginfo": text}
    if name == "JPEG":
        options["comment"] = SECRET
    return encoded(image or noise(90, 60), name, **options) + SECRET


@pytest.mark.parametrize("name", FORMATS)
def test_note_says_who_made_it_from_what(name: str) -> None:
    data = noted(encoded(quarters(), name), name)
    assert said(data, "DigitalSourceType") == DIGITAL_SOURCE
    assert DIGITAL_SOURCE.endswith("/digitalsourcetype/trainedAlgorithmicMedia")
    assert said(data, "AIPromptInformation") == NOTE.prompt
    assert said(data, "AISystemUsed") == NOTE.model
    assert "A fox" in "".join(xmp_of(data).itertext())


def test_note_in_a_png_is_plain_text_too() -> None:
    text = opened(noted(encoded(quarters(), "PNG"), "PNG")).info["parameters"]
    assert text.startswith(NOTE.prompt)
    assert "Model: openai/gpt-image-1" in text


@pytest.mark.parametrize("change", [noted, cleaned])
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L"])
@pytest.mark.parametrize("name", FORMATS)
def test_pixels_are_the_same_bytes(change, name: str, mode: str) -> None:
    image = noise(91, 61).convert(mode)
    if mode == "RGBA":
        image.putalpha(Image.linear_gradient("L").resize(image.size))
    source = image.convert("RGB") if name == "JPEG" and mode == "RGBA" else image
    data = encoded(source, name)
    after = opened(change(data, name))
    assert (after.mode, after.tobytes()) == (opened(data).mode, opened(data).tobytes())


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("WEBP", {"lossless": True}),
        ("JPEG", {"progressive": True}),
        ("JPEG", {"restart_marker_blocks": 3}),
        ("JPEG", {"optimize": True, "quality": 100}),
    ],
)
def test_other_ways_to_pack_pixels(name: str, options) -> None:
    data = encoded(noise(333, 222), name, **options)
    for change in (noted, cleaned):
        assert opened(change(data, name)).tobytes() == opened(data).tobytes()


@pytest.mark.parametrize("name", FORMATS)
def test_stretches_of_the_file_stay_byte_for_byte(name: str) -> None:
    data = encoded(noise(600, 400), name)
    file = io.BytesIO(data)
    parts = with_note(file, name.lower(), NOTE)
    kept = sum(len(part) for part in parts if isinstance(part, range))
    assert kept > len(data) - 64


@pytest.mark.parametrize("name", FORMATS)
def test_clean_says_nothing_at_all(name: str) -> None:
    data = with_everything(name)
    after = cleaned(data, name)
    assert SECRET in data
    for word in (SECRET, b"GPS", b"Exif", b"xmp", b"ICC", b"iCCP", b"eXIf", b"zTXt", b"sRGB"):
        assert word not in after
    unknown = set(opened(after).info) - {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert unknown <= {"loop", "background", "timestamp", "duration"}
    assert opened(after).tobytes() == opened(data).tobytes()


@pytest.mark.parametrize("name", FORMATS)
def test_clean_of_the_clean_changes_nothing(name: str) -> None:
    once = cleaned(with_everything(name), name)
    assert cleaned(once, name) == once


@pytest.mark.parametrize("turn", range(2, 9))
@pytest.mark.parametrize("name", FORMATS)
def test_clean_keeps_which_way_is_up_and_forgets_where(name: str, turn: int) -> None:
    after = opened(cleaned(encoded(quarters(), name, exif=with_exif(turn)), name))
    assert dict(after.getexif()) == {0x0112: turn}


@pytest.mark.parametrize("name", FORMATS)
def test_clean_keeps_a_profile_that_the_colours_need(name: str) -> None:
    data = encoded(quarters(), name, icc_profile=DISPLAY_P3_LIKE)
    assert opened(cleaned(data, name)).info["icc_profile"] == DISPLAY_P3_LIKE
    data = encoded(quarters(), name, icc_profile=SRGB)
    assert "icc_profile" not in opened(cleaned(data, name)).info


@pytest.mark.parametrize("name", FORMATS)
def test_note_replaces_an_older_packet_and_leaves_the_rest(name: str) -> None:
    after = noted(with_everything(name), name)
    assert said(after, "AISystemUsed") == NOTE.model
    assert OLD_XMP not in after
    info = opened(after).info
    assert info["icc_profile"] == SRGB
    assert opened(after).getexif()[0x0112] == 1
    again = noted(after, name)
    assert again == after


@pytest.mark.parametrize("name", FORMATS)
def test_note_breaks_a_seal_and_so_takes_it_away(name: str) -> None:
    data = encoded(quarters(), name)
    if name == "PNG":
        data = data[:33] + png_chunk(b"caBX", b"jumb-seal") + data[33:]
    elif name == "JPEG":
        data = data[:2] + b"\xff\xeb\x00\x0bjumb-seal" + data[2:]
    else:
        data = encoded(quarters(), name, exif=with_exif(1)) + b"C2PA\x09\0\0\0jumb-seal\0"
        data = b"RIFF" + (len(data) - 8).to_bytes(4, "little") + data[8:]
    assert b"jumb-seal" not in noted(data, name)
    assert b"jumb-seal" not in cleaned(data, name)


def test_an_animation_stays_one() -> None:
    frames = [noise(40, 30, seed=number) for number in range(3)]
    for name in ("PNG", "WEBP"):
        data = encoded(frames[0], name, save_all=True, append_images=frames[1:], duration=90)
        for change in (noted, cleaned):
            assert opened(change(data, name)).n_frames == 3


def test_a_jpeg_thumbnail_goes() -> None:
    data = encoded(quarters(), "JPEG")
    thumb = b"JFIF\0\x01\x02\0\0\x01\0\x01\x01\x01" + b"\xaa\xbb\xcc"
    data = data[:2] + b"\xff\xe0" + (len(thumb) + 2).to_bytes(2, "big") + thumb + data[20:]
    assert b"\xaa\xbb\xcc" not in cleaned(data, "JPEG")[:40]


def test_fill_bytes_before_a_marker_are_allowed() -> None:
    data = encoded(quarters(), "JPEG", comment=SECRET)
    at = data.index(b"\xff\xfe")
    data = data[:at] + b"\xff\xff\xff" + data[at:]
    assert SECRET not in cleaned(data, "JPEG")
    assert said(noted(data, "JPEG"), "AISystemUsed") == NOTE.model


def test_a_very_long_prompt_still_fits() -> None:
    note = Note(prompt="&" * 100_000, model="m")
    for name in FORMATS:
        data = noted(encoded(quarters(), name), name, note)
        assert said(data, "AIPromptInformation") == "&" * 8000


@given(st.text(max_size=60), st.text(max_size=20))
def test_any_words_can_be_written_and_read(prompt: str, model: str) -> None:
    note = Note(
        prompt=prompt.encode("utf-8", "ignore").decode(),
        model=model.encode("utf-8", "ignore").decode(),
    )
    for name in FORMATS:
        found = said(noted(encoded(quarters(8, 8), name), name, note), "AIPromptInformation") or ""
        kept = [
            each
            for each in note.prompt
            if each in "\t\n" or (each >= " " and each not in "\ufffe\uffff")
        ]
        assert found == "".join(kept)


@pytest.mark.parametrize("change", [noted, cleaned])
@pytest.mark.parametrize("name", FORMATS)
def test_a_file_that_breaks_off_is_damaged(change, name: str) -> None:
    data = encoded(noise(60, 40), name)
    for length in itertools.chain(range(0, 120), range(120, len(data) - 2, 97)):
        with pytest.raises(Damaged):
            change(data[:length], name)


@given(st.data())
def test_a_hostile_file_is_damaged_or_done(data) -> None:
    name = data.draw(st.sampled_from(FORMATS))
    file = bytearray(with_everything(name, quarters(16, 16)))
    for at, value in data.draw(
        st.lists(st.tuples(st.integers(0, len(file) - 1), st.integers(0, 255)), max_size=8)
    ):
        file[at] = value
    for change in (noted, cleaned):
        try:
            change(bytes(file), name)
        except Damaged:
            continue


def test_a_profile_that_unpacks_without_end_is_not_unpacked() -> None:
    packed = b"bomb\0\0" + zlib.compress(bytes(64 * 1024 * 1024), 9)
    data = png(4, 4, pixels=zlib.compress(bytes(13 * 4)), extra=png_chunk(b"iCCP", packed))
    assert packed in cleaned(data, "PNG")
