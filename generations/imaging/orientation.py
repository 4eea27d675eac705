"""The EXIF orientation, read from the raw block: one tag, no pointers followed, so no loops."""

ORIENTATION = 0x0112
SHORT = 3
UPRIGHT = 1
SIDEWAYS = frozenset({5, 6, 7, 8})


def read_orientation(exif: bytes) -> int:
    """1 to 8 as TIFF 6.0 numbers them; 1 where the block is absent, broken or says nonsense."""
    tiff = exif.removeprefix(b"Exif\0\0")
    order = {b"II*\0": "little", b"MM\0*": "big"}.get(tiff[:4])
    if order is None:
        return UPRIGHT

    def number(at: int, size: int) -> int:
        return int.from_bytes(tiff[at : at + size], "little" if order == "little" else "big")

    first = number(4, 4)
    for entry in range(first + 2, first + 2 + 12 * number(first, 2), 12):
        if entry + 12 > len(tiff):
            break
        if number(entry, 2) == ORIENTATION and number(entry + 2, 2) == SHORT:
            value = number(entry + 8, 2)
            return value if 1 <= value <= 8 else UPRIGHT
    return UPRIGHT
