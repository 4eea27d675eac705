"""Which colour profiles and EXIF blocks say something that the pixels need."""

import struct

from generations.imaging.header import Damaged
from generations.imaging.orientation import ORIENTATION, SHORT, UPRIGHT, read_orientation

SRGB = (b"sRGB", "sRGB".encode("utf-16-be"))


def is_needless(profile: bytes) -> bool:
    """An sRGB profile says what is taken for granted without one."""
    return any(name in profile for name in SRGB)


def turn_alone(exif: bytes) -> bytes:
    """A TIFF block that says which way is up and nothing else; empty where the picture stands."""
    try:
        turn = read_orientation(exif)
    except IndexError as error:
        raise Damaged("a broken EXIF block") from error
    if turn == UPRIGHT:
        return b""
    entry = struct.pack(">HHIHH", ORIENTATION, SHORT, 1, turn, 0)
    return b"MM\0*" + struct.pack(">IH", 8, 1) + entry + struct.pack(">I", 0)
