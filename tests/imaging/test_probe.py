import struct
from pathlib import Path

import pytest
from PIL import Image

from generations.imaging.header import MAX_SEGMENTS
from generations.imaging.probe import MAX_BYTES, MAX_PIXELS, Probe, probe, sniff
from tests.imaging.pictures import bomb, encoded, gradient, noise, png, png_chunk, with_exif

MIME = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp"}
EXTENSION = {"png": "png", "jpeg": "jpg", "webp": "webp"}


def probed(tmp_path: Path, data: bytes) -> Probe:
    path = tmp_path / "picture"
    path.write_bytes(data)
    return probe(path)


def problem(tmp_path: Path, data: bytes) -> str | None:
    return probed(tmp_path, data).problem


def test_probe_refuses_sides_that_no_png_can_have(tmp_path):
    assert problem(tmp_path, png(2**32 - 1, 1)) == "damaged"
    assert problem(tmp_path, png(0, 1)) == "damaged"


@pytest.mark.parametrize(
    ("name", "format", "options"),
    [
        ("png", "PNG", {}),
        ("jpeg", "JPEG", {}),
        ("jpeg", "JPEG", {"progressive": True}),
        ("jpeg", "JPEG", {"exif": with_exif(6), "icc_profile": b"x" * 200_000}),
        ("webp", "WEBP", {}),
        ("webp", "WEBP", {"lossless": True}),
        ("webp", "WEBP", {"exif": with_exif(6)}),
    ],
)
@pytest.mark.parametrize("size", [(1, 1), (37, 201), (1024, 768)])
def test_probe_reads_the_sides_as_stored(tmp_path, name, format, options, size):
    assert probed(tmp_path, encoded(noise(*size), format, **options)) == Probe(
        name, MIME[name], EXTENSION[name], *size, animated=False, problem=None
    )


@pytest.mark.parametrize(("format", "animated"), [("PNG", True), ("WEBP", True)])
def test_probe_sees_animation(tmp_path, format, animated):
    frames = [gradient(64, 48), noise(64, 48)]
    data = encoded(frames[0], format, save_all=True, append_images=frames[1:], duration=50)
    seen = probed(tmp_path, data)
    assert (seen.width, seen.height, seen.animated, seen.problem) == (64, 48, True, None)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_probe_takes_every_png_mode(tmp_path, mode):
    assert problem(tmp_path, encoded(Image.new(mode, (5, 7)), "PNG")) is None


def test_probe_takes_a_cmyk_jpeg(tmp_path):
    assert problem(tmp_path, encoded(Image.new("CMYK", (5, 7)), "JPEG")) is None


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("gif", encoded(Image.new("P", (9, 9)), "GIF"), "unsupported_format"),
        ("tiff", encoded(Image.new("RGB", (9, 9)), "TIFF"), "unsupported_format"),
        ("bmp", encoded(Image.new("RGB", (9, 9)), "BMP"), "unsupported_format"),
        ("avif", encoded(Image.new("RGB", (9, 9)), "AVIF"), "unsupported_format"),
        ("ico", encoded(Image.new("RGB", (16, 16)), "ICO"), "unsupported_format"),
        ("eps", encoded(Image.new("RGB", (9, 9)), "EPS"), "unsupported_format"),
        ("pdf", encoded(Image.new("RGB", (9, 9)), "PDF"), "not_an_image"),
        ("jp2", encoded(Image.new("RGB", (9, 9)), "JPEG2000"), "unsupported_format"),
        ("svg", b'<svg xmlns="http://www.w3.org/2000/svg"/>', "unsupported_format"),
        ("svg", b'\xef\xbb\xbf\n<?xml version="1.0"?><!-- a --><SVG/>', "unsupported_format"),
        ("html", b"  <!DOCTYPE HTML><title>x</title><svg></svg>", "not_an_image"),
        ("html", b"<script>alert(1)</script>", "not_an_image"),
        ("xml", b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", "not_an_image"),
        ("psd", b"8BPS\0\1" + b"\0" * 40, "unsupported_format"),
        ("jxl", b"\xff\x0a" + b"\0" * 40, "unsupported_format"),
        ("heif", b"\0\0\0\x18ftypheic" + b"\0" * 40, "unsupported_format"),
        ("zip", b"PK\3\4" + b"\0" * 40, "not_an_image"),
        ("", b"", "not_an_image"),
        ("", b"{}", "not_an_image"),
        ("", b"\0" * 500, "not_an_image"),
        ("", b"RIFF\x24\0\0\0WAVEfmt ", "not_an_image"),
        ("", b"\0\0\0\x18ftypmp42" + b"\0" * 40, "not_an_image"),
    ],
)
def test_probe_refuses_by_name(tmp_path, name, data, expected):
    assert probed(tmp_path, data) == Probe(
        name, "application/octet-stream", "bin", 0, 0, animated=False, problem=expected
    )
    assert sniff(data) == (name or None)


def test_probe_goes_by_content_not_by_name(tmp_path):
    path = tmp_path / "picture.png"
    path.write_bytes(encoded(noise(8, 8), "JPEG"))
    assert probe(path).mime == "image/jpeg"


def test_probe_refuses_too_many_pixels_from_the_header_alone(tmp_path):
    seen = probed(tmp_path, png(50_000, 50_000))
    assert (seen.width, seen.height, seen.problem) == (50_000, 50_000, "too_many_pixels")
    assert problem(tmp_path, bomb(13_000)) == "too_many_pixels"
    assert problem(tmp_path, png(2**31 - 1, 2**31 - 1)) == "too_many_pixels"


def test_probe_takes_exactly_the_cap(tmp_path):
    assert MAX_PIXELS == 40_000_000
    assert problem(tmp_path, png(8_000, 5_000)) is None
    assert problem(tmp_path, png(8_000, 5_001)) == "too_many_pixels"


def test_probe_refuses_too_many_bytes(tmp_path):
    path = tmp_path / "picture"
    path.write_bytes(encoded(noise(8, 8), "PNG"))
    with path.open("r+b") as file:
        file.truncate(MAX_BYTES)
    assert probe(path).problem is None
    with path.open("r+b") as file:
        file.truncate(MAX_BYTES + 1)
    assert probe(path).problem == "too_large"


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_a_header_cut_anywhere_is_damaged(tmp_path, format):
    data = encoded(noise(64, 64), format)
    whole = probed(tmp_path, data)
    seen = {problem(tmp_path, data[:length]) for length in range(12, 24)}
    assert seen == {"damaged"}
    assert whole.problem is None


@pytest.mark.parametrize(
    "data",
    [
        png(0, 10),
        png(10, 0),
        b"\x89PNG\r\n\x1a\n" + png_chunk(b"tEXt", b"first") + png(4, 4)[8:],
        b"\xff\xd8\xff\xd9" + b"\0" * 60,
        b"\xff\xd8\xff\xe0\0\0" + b"\0" * 60,
        b"\xff\xd8\xff\xda\0\x0c" + b"\0" * 60,
        b"\xff\xd8" + b"\xff" * 10_000,
        b"RIFF\x30\0\0\0WEBPJUNK" + b"\0" * 60,
        b"RIFF\x30\0\0\0WEBPVP8 \x20\0\0\0" + b"\0" * 60,
        b"\xff\xd8\xff\xc0\0\x11\x08" + struct.pack(">HH", 0, 10) + b"\0" * 60,
    ],
    ids=range(10),
)
def test_a_header_against_the_rules_is_damaged(tmp_path, data):
    assert problem(tmp_path, data) == "damaged"


def test_a_million_empty_parts_do_not_take_long(tmp_path):
    many = MAX_SEGMENTS + 10
    assert problem(tmp_path, png(4, 4, extra=png_chunk(b"tEXt", b"") * many)) == "damaged"
    assert problem(tmp_path, b"\xff\xd8" + b"\xff\xfe\0\2" * many) == "damaged"


def test_probe_of_a_missing_file_raises(tmp_path):
    with pytest.raises(FileNotFoundError):
        probe(tmp_path / "gone")


def test_probing_never_loads_a_picture_library(tmp_path):
    import subprocess
    import sys

    path = tmp_path / "picture"
    path.write_bytes(encoded(noise(8, 8), "PNG"))
    code = (
        "import sys, pathlib; from generations.imaging.probe import probe;"
        f"import generations.imaging.derive; probe(pathlib.Path({str(path)!r}));"
        "print([name for name in ('PIL', 'django') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
