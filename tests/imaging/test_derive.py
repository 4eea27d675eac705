"""What comes out: sizes, colours, modes, turns. The child's own troubles are in test_child.py."""

import hashlib
import io
import struct
import zlib

import pytest
from PIL import Image, ImageCms, ImageStat

from generations.imaging.derive import Undecodable
from generations.imaging.probe import probe
from tests.imaging.pictures import (
    bomb,
    encoded,
    gradient,
    noise,
    png,
    png_chunk,
    quarters,
    saved,
    with_exif,
)


@pytest.fixture
def derive(deriver, tmp_path):
    def derive(original, **options):
        path = tmp_path / "original"
        if isinstance(original, bytes):
            path.write_bytes(original)
        else:
            saved(original, path)
        return deriver.derive(path, **options)

    return derive


def preview(derived, edge=320) -> Image.Image:
    webp = next(file.webp for file in derived.files if file.edge == edge)
    with Image.open(io.BytesIO(webp), formats=["WEBP"]) as image:
        image.load()
    return image


def pixel(derived, x: float, y: float, mode: str = "RGB") -> tuple[int, ...]:
    """Colour at a place given in parts of width and height."""
    image = preview(derived).convert(mode)
    return image.getpixel((int(x * (image.width - 1)), int(y * (image.height - 1))))


def close_to(color, expected, tolerance=12) -> bool:
    return all(abs(a - b) <= tolerance for a, b in zip(color, expected, strict=True))


def problem(derive, original) -> str:
    with pytest.raises(Undecodable) as caught:
        derive(original)
    return caught.value.problem


def test_derive_makes_both_sizes(derive, tmp_path):
    derived = derive(noise(1024, 768))
    assert (derived.width, derived.height) == (1024, 768)
    assert [(one.edge, one.width, one.height) for one in derived.files] == [
        (320, 320, 240),
        (640, 640, 480),
    ]
    for file in derived.files:
        assert file.sha256 == hashlib.sha256(file.webp).hexdigest()
        written = tmp_path / f"{file.edge}.webp"
        written.write_bytes(file.webp)
        seen = probe(written)
        assert (seen.format, seen.width, seen.height) == ("webp", file.width, file.height)


def test_derive_makes_the_edges_asked_for_in_their_order(derive):
    derived = derive(noise(2000, 1000), edges=(1600, 320, 640))
    assert [(one.edge, one.width, one.height) for one in derived.files] == [
        (1600, 1600, 800),
        (320, 320, 160),
        (640, 640, 320),
    ]


def test_derive_never_enlarges(derive):
    derived = derive(noise(200, 100))
    assert [(one.width, one.height) for one in derived.files] == [(200, 100), (200, 100)]
    assert derived.files[0].sha256 == derived.files[1].sha256
    derived = derive(noise(400, 100))
    assert [(one.width, one.height) for one in derived.files] == [(320, 80), (400, 100)]


def test_derive_twice_gives_the_same_bytes(derive):
    original = encoded(quarters(), "PNG")
    assert derive(original) == derive(original)


def test_the_original_is_untouched(derive, tmp_path):
    data = encoded(noise(700, 500), "PNG") + b"tail"
    derive(data)
    assert (tmp_path / "original").read_bytes() == data


def test_the_preview_looks_like_the_original(derive):
    original = gradient(1000, 800)
    derived = derive(original)
    for edge, size in ((320, (320, 256)), (640, (640, 512))):
        expected = original.resize(size, Image.Resampling.LANCZOS)
        image = preview(derived, edge).convert("RGB")
        mean = sum(
            abs(a - b) for a, b in zip(image.tobytes(), expected.tobytes(), strict=True)
        ) / len(image.tobytes())
        assert mean < 2


@pytest.mark.parametrize("size", [(1, 1), (1, 30_000), (30_000, 1), (16, 16), (17, 5000)])
def test_extreme_shapes_stay_sane(derive, size):
    derived = derive(Image.new("RGB", size, "#336699"))
    assert (derived.width, derived.height) == size
    for file in derived.files:
        assert file.width <= file.edge
        assert file.height <= 4 * file.edge
    assert len(derived.placeholder) <= 200
    assert close_to(bytes.fromhex(derived.color[1:]), (0x33, 0x66, 0x99), tolerance=3)


@pytest.mark.parametrize(
    "original", [noise(1024, 1024), noise(30, 1000), quarters(), gradient(64, 64, "RGBA")]
)
def test_placeholder_is_tiny(derive, original):
    placeholder = derive(original).placeholder
    assert len(placeholder) <= 200
    with Image.open(io.BytesIO(placeholder), formats=["WEBP"]) as tiny:
        assert max(tiny.size) <= 16
        assert abs(tiny.width / tiny.height - original.width / original.height) < 0.1


def test_placeholder_with_noisy_transparency_is_tiny_too(derive):
    original = noise(512, 512).convert("RGBA")
    original.putalpha(noise(512, 512, seed=2).convert("L").resize((8, 8)).resize((512, 512), 0))
    assert len(derive(original).placeholder) <= 200


def test_color_is_the_one_most_of_it_has(derive):
    image = Image.new("RGB", (600, 400), "#c81e1e")
    image.paste("#1e1ec8", (0, 0, 200, 400))
    assert close_to(bytes.fromhex(derive(image).color[1:]), (0xC8, 0x1E, 0x1E), tolerance=6)


def test_color_leaves_out_what_cannot_be_seen(derive):
    image = Image.new("RGBA", (600, 400), (0, 255, 0, 0))
    image.paste((200, 100, 50, 255), (0, 0, 100, 400))
    assert close_to(bytes.fromhex(derive(image).color[1:]), (200, 100, 50), tolerance=6)
    assert derive(Image.new("RGBA", (60, 40), (9, 9, 9, 0))).color == "#808080"


@pytest.mark.parametrize("format", ["JPEG", "WEBP", "PNG"])
@pytest.mark.parametrize(
    ("turn", "corners"),
    [
        (1, ["red", "lime", "blue", "white"]),
        (2, ["lime", "red", "white", "blue"]),
        (3, ["white", "blue", "lime", "red"]),
        (4, ["blue", "white", "red", "lime"]),
        (5, ["red", "blue", "lime", "white"]),
        (6, ["blue", "red", "white", "lime"]),
        (7, ["white", "lime", "blue", "red"]),
        (8, ["lime", "white", "red", "blue"]),
    ],
)
def test_orientation_is_applied_once(derive, format, turn, corners):
    derived = derive(encoded(quarters(), format, exif=with_exif(turn)))
    sideways = turn >= 5
    assert (derived.width, derived.height) == ((200, 400) if sideways else (400, 200))
    assert preview(derived).size == ((200, 400) if sideways else (320, 160))
    rgb = {
        "red": (255, 0, 0),
        "lime": (0, 255, 0),
        "blue": (0, 0, 255),
        "white": (255, 255, 255),
    }
    places = [(0.1, 0.1), (0.9, 0.1), (0.1, 0.9), (0.9, 0.9)]
    seen = [pixel(derived, *place) for place in places]
    assert all(close_to(a, rgb[b], 25) for a, b in zip(seen, corners, strict=True)), seen


def test_a_big_turned_jpeg_is_shrunk_while_decoding_to_the_right_size(derive):
    data = encoded(quarters(4003, 3001), "JPEG", exif=with_exif(6))
    derived = derive(data)
    assert (derived.width, derived.height) == (3001, 4003)
    assert [(one.width, one.height) for one in derived.files] == [(320, 427), (640, 854)]
    assert close_to(pixel(derived, 0.1, 0.1), (0, 0, 255), 25)


def test_previews_carry_no_metadata(derive):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    original = encoded(
        quarters(), "JPEG", exif=with_exif(6), icc_profile=profile, comment=b"secret", xmp=b"<x/>"
    )
    derived = derive(original)
    for edge in (320, 640):
        assert not {"exif", "xmp", "icc_profile", "comment"} & preview(derived, edge).info.keys()
    content = derived.files[0].webp + derived.placeholder
    for mark in (b"EXIF", b"XMP ", b"ICCP", b"secret"):
        assert mark not in content


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "CMYK", "YCbCr"])
@pytest.mark.parametrize("format", ["PNG", "JPEG"])
def test_opaque_modes_become_rgb(derive, mode, format):
    if (mode, format) in {("P", "JPEG"), ("CMYK", "PNG"), ("YCbCr", "PNG")}:
        return
    derived = derive(encoded(gradient(640, 320).convert(mode), format))
    assert preview(derived).mode == "RGB"
    left, right = pixel(derived, 0.02, 0.5), pixel(derived, 0.98, 0.5)
    assert sum(left) < 120 < 650 < sum(right)


def test_sixteen_bit_grey_keeps_its_tones(derive):
    row = struct.pack("<300H", *[0] * 100, *[0x8000] * 100, *[0xFFFF] * 100)
    derived = derive(Image.frombytes("I;16", (300, 100), row * 100))
    seen = [pixel(derived, x, 0.5)[0] for x in (0.15, 0.5, 0.85)]
    assert close_to(seen, (0, 128, 255), tolerance=3)


def test_sixteen_bit_color_keeps_its_tones(derive):
    row = b"\0" + b"\xff\xff\x80\x00\x00\x00" * 8
    derived = derive(png(8, 8, depth=16, pixels=zlib.compress(row * 8)))
    assert close_to(pixel(derived, 0.5, 0.5), (255, 128, 0), tolerance=4)


def transparent_examples():
    palette = Image.new("P", (400, 400), 0)
    palette.putpalette([255, 0, 0, 0, 0, 255])
    palette.paste(1, (200, 0, 400, 400))
    yield "P", encoded(palette, "PNG", transparency=1)
    grey = Image.new("L", (400, 400), 76)
    grey.paste(3, (200, 0, 400, 400))
    yield "L+tRNS", encoded(grey, "PNG", transparency=3)
    keyed = Image.new("RGB", (400, 400), "red")
    keyed.paste("blue", (200, 0, 400, 400))
    yield "RGB+tRNS", encoded(keyed, "PNG", transparency=(0, 0, 255))
    for mode in ("LA", "RGBA"):
        image = Image.new("RGBA", (400, 400), (255, 0, 0, 255))
        image.paste((0, 0, 255, 0), (200, 0, 400, 400))
        yield mode, encoded(image.convert(mode), "PNG")
    yield "WEBP", encoded(image, "WEBP", lossless=True)


@pytest.mark.parametrize(
    "data", [pytest.param(data, id=name) for name, data in transparent_examples()]
)
def test_transparency_is_kept(derive, data):
    derived = derive(data)
    assert preview(derived).mode == "RGBA"
    assert pixel(derived, 0.2, 0.5, "RGBA")[3] == 255
    assert pixel(derived, 0.8, 0.5, "RGBA")[3] == 0


def test_transparency_does_not_bleed_into_the_edges(derive):
    image = Image.new("RGBA", (1000, 1000), (0, 255, 0, 0))
    image.paste((255, 0, 0, 255), (0, 0, 515, 1000))
    row = preview(derive(image)).convert("RGBA")
    seen = [row.getpixel((x, 160)) for x in range(150, 175)]
    assert all(green < 60 for _, green, _, alpha in seen if alpha > 40)


def test_needless_alpha_is_dropped(derive):
    assert preview(derive(noise(500, 500).convert("RGBA"))).mode == "RGB"


@pytest.mark.parametrize("format", ["PNG", "WEBP"])
def test_animations_give_their_first_frame(derive, format):
    frames = [Image.new("RGB", (400, 300), color) for color in ("red", "lime", "blue")]
    derived = derive(
        encoded(frames[0], format, save_all=True, append_images=frames[1:], duration=80)
    )
    assert close_to(pixel(derived, 0.5, 0.5), (255, 0, 0))
    assert not getattr(preview(derived), "is_animated", False)


def swapped_profile() -> bytes:
    """sRGB with its red and green primaries exchanged."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, green = data.index(b"rXYZ", 128), data.index(b"gXYZ", 128)
    data[red : red + 4], data[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(data).replace(b"s\0R\0G\0B", b"t\0e\0s\0t").replace(b"sRGB b", b"test b")


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_color_profile_is_applied(derive, mode):
    image = Image.new("RGBA", (300, 300), (255, 0, 0, 255))
    if mode == "RGBA":
        image.paste((255, 0, 0, 0), (150, 0, 300, 300))
    data = encoded(image.convert(mode), "PNG", icc_profile=swapped_profile())
    derived = derive(data)
    assert close_to(pixel(derived, 0.2, 0.5), (0, 255, 0), tolerance=20)
    assert preview(derived).mode == mode


@pytest.mark.parametrize(
    "profile",
    [b"junk", b"\0" * 4000, b"acsp" * 5000, swapped_profile()[:300], b"x" * 5_000_000],
    ids=["junk", "zeros", "signature", "cut", "huge"],
)
def test_a_broken_profile_is_left_out(derive, profile):
    derived = derive(encoded(Image.new("RGB", (300, 300), "red"), "JPEG", icc_profile=profile))
    assert close_to(pixel(derived, 0.5, 0.5), (255, 0, 0))


def test_a_profile_for_other_inks_is_left_out(derive):
    data = encoded(Image.new("L", (300, 300), 128), "PNG", icc_profile=swapped_profile())
    assert close_to(pixel(derive(data), 0.5, 0.5), (128, 128, 128))


def test_a_long_text_beside_the_picture_does_no_harm(derive):
    text = png_chunk(b"tEXt", b"workflow\0" + b"x" * 3_000_000)
    data = encoded(Image.new("RGB", (300, 300), "red"), "PNG")
    derived = derive(data[:33] + text + data[33:])
    assert close_to(pixel(derived, 0.5, 0.5), (255, 0, 0))


@pytest.mark.parametrize("tail", [b"<html><script>alert(1)</script>", b"PK\3\4" * 100])
@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_a_second_file_behind_the_picture_is_not_carried_over(derive, format, tail):
    derived = derive(encoded(noise(400, 400), format) + tail)
    for file in derived.files:
        assert tail not in file.webp


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_half_a_picture_is_damaged(derive, format):
    data = encoded(noise(400, 400), format)[: 200_000 if format == "PNG" else 40_000]
    assert problem(derive, data) == "damaged"


def test_a_png_with_broken_pixels_is_damaged(derive):
    assert problem(derive, png(8, 8, pixels=b"no zlib")) == "damaged"
    assert problem(derive, png(8, 8)) == "damaged"


def test_a_header_that_lies_about_the_pixels_is_damaged(derive):
    data = bytearray(encoded(noise(64, 64), "WEBP", exif=with_exif(1)))
    data[24:27] = (4000).to_bytes(3, "little")  # the canvas, no longer the frame's
    assert problem(derive, bytes(data)) == "damaged"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "not_an_image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "unsupported_format"),
        (encoded(Image.new("P", (9, 9)), "GIF"), "unsupported_format"),
        (encoded(Image.new("RGB", (9, 9)), "TIFF"), "unsupported_format"),
        (b"<html></html>", "not_an_image"),
        (png(50_000, 50_000), "too_many_pixels"),
    ],
    ids=["empty", "svg", "gif", "tiff", "html", "50000"],
)
def test_what_probe_refuses_is_not_derived(derive, data, expected):
    assert problem(derive, data) == expected


def test_a_bomb_is_not_derived(derive):
    assert problem(derive, bomb(13_000)) == "too_many_pixels"


def test_the_largest_allowed_picture_is_derived(derive):
    derived = derive(bomb(6_300))
    assert [(one.width, one.height) for one in derived.files] == [(320, 320), (640, 640)]
    assert ImageStat.Stat(preview(derived).convert("L")).extrema == [(0, 0)]


@pytest.mark.parametrize("edges", [(), (0,), (320, -1)])
def test_no_width_is_the_callers_mistake_not_the_pictures(derive, edges):
    with pytest.raises(ValueError, match="at least one"):
        derive(noise(8, 8), edges=edges)


def test_a_missing_original_raises(deriver, tmp_path):
    with pytest.raises(FileNotFoundError):
        deriver.derive(tmp_path / "gone")


def test_any_path_will_do(deriver, tmp_path):
    original = tmp_path / 'a "b"\n\udcff ü.bin'
    original.write_bytes(encoded(quarters(), "PNG"))
    assert deriver.derive(original).files[0].width == 320
