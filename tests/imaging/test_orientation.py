import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generations.imaging.orientation import read_orientation
from tests.imaging.pictures import with_exif


def block(order: str, *entries: tuple[int, int, int]) -> bytes:
    mark = b"II*\0" if order == "<" else b"MM\0*"
    body = b"".join(
        struct.pack(f"{order}HHIHxx", tag, kind, 1, value) for tag, kind, value in entries
    )
    return b"Exif\0\0" + mark + struct.pack(f"{order}IH", 8, len(entries)) + body


@pytest.mark.parametrize("turn", range(1, 9))
def test_pillows_own_blocks_are_read(turn):
    assert read_orientation(with_exif(turn)) == turn


@pytest.mark.parametrize("order", ["<", ">"])
def test_both_byte_orders_and_other_tags_before_it(order):
    assert read_orientation(block(order, (0x010F, 2, 7), (0x0112, 3, 8))) == 8
    assert read_orientation(block(order, (0x0112, 3, 6)).removeprefix(b"Exif\0\0")) == 6


@pytest.mark.parametrize(
    "exif",
    [
        b"",
        b"Exif\0\0",
        b"Exif\0\0II*\0",
        block("<", (0x0112, 3, 0)),
        block("<", (0x0112, 3, 9)),
        block("<", (0x0112, 4, 6)),
        block("<", (0x0112, 3, 6))[:-3],
        b"Exif\0\0II*\0\xff\xff\xff\xff\xff\xff",
        b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + b"\0" * 20,
    ],
)
def test_nonsense_is_upright(exif):
    assert read_orientation(exif) == 1


@given(st.binary(max_size=200))
def test_any_bytes_give_an_orientation(data):
    assert read_orientation(b"II*\0" + data) in range(1, 9)
