"""A changed file as a list: bytes that are new, and stretches of the old file."""

from collections.abc import Iterator
from typing import BinaryIO

from generations.imaging.header import Damaged

CHUNK_BYTES = 256 * 1024
MAX_PIECES = 200_000  # of one file; more is an attack on patience
Parts = list[bytes | range]


def length_of(parts: Parts) -> int:
    return sum(len(part) for part in parts)


def chunks_of(file: BinaryIO, parts: Parts) -> Iterator[bytes]:
    """The changed file, a quarter of a megabyte at a time."""
    for part in parts:
        if isinstance(part, bytes):
            yield part
            continue
        file.seek(part.start)
        left = len(part)
        while left:
            data = file.read(min(left, CHUNK_BYTES))
            if not data:
                raise Damaged("became shorter while it was read")
            left -= len(data)
            yield data


def read_at(file: BinaryIO, at: int, size: int) -> bytes:
    file.seek(at)
    data = file.read(size)
    if len(data) < size:
        raise Damaged("ends too early")
    return data


def end_of(file: BinaryIO) -> int:
    return file.seek(0, 2)
