"""Codes of the hour are those of RFC 6238, and a QR code reads as it was written."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generations import qr, totp

SECRET = b"12345678901234567890"
# RFC 6238, appendix B, SHA-1; the last six of its eight digits.
RFC = {
    59: "287082",
    1111111109: "081804",
    1111111111: "050471",
    1234567890: "005924",
    2000000000: "279037",
    20000000000: "353130",
}


@pytest.mark.parametrize(("seconds", "code"), RFC.items())
def test_codes_are_the_standards(seconds: int, code: str) -> None:
    assert totp.code_at(SECRET, totp.counter_at(seconds)) == code


@pytest.mark.parametrize(("late", "is_taken"), [(-2, 0), (-1, 1), (0, 1), (1, 1), (2, 0)])
def test_one_step_early_or_late_is_taken(late: int, is_taken: int) -> None:
    code = totp.code_at(SECRET, 1000 - late)
    found = totp.counter_of(SECRET, code, seconds=1000 * 30 + 15)
    assert found == (1000 - late if is_taken else None)


@pytest.mark.parametrize("code", ["", "000", "٢٨٧٠٨٢", "28708２", "287082 ", "x" * 5000])
def test_what_is_no_code_is_none(code: str) -> None:
    assert totp.counter_of(SECRET, code, seconds=59) is None


@given(st.text(max_size=150))
def test_any_name_fits_into_the_picture(name: str) -> None:
    address = totp.address_of(SECRET, name=name.encode("utf-8", "ignore").decode())
    assert len(address.encode()) <= qr.MOST_BYTES
    assert f"?secret={totp.as_text(SECRET)}&issuer=Mesh%20Gallery" in address


def read(rows: qr.Grid) -> str:
    """As a phone does: the format, the way, the blocks, the text. Checks every check byte."""
    places = qr._format_places()
    first, second = ([rows[y][x] for y, x in half] for half in (places[:15], places[15:]))
    assert first == second
    told = sum(bit << at for at, bit in enumerate(first)) ^ 0x5412
    level, mask = told >> 13, qr._MASKS[told >> 10 & 7]
    assert level == qr._LEVEL
    _, fixed = qr._patterns()
    bits = [rows[y][x] ^ mask(y, x) for y, x in qr._way(fixed)]
    words = [
        int("".join("01"[bit] for bit in bits[at : at + 8]), 2) for at in range(0, len(bits), 8)
    ]
    blocks: list[list[int]] = [[] for _ in qr._BLOCKS]
    rest = iter(words)
    for index in range(max(qr._BLOCKS)):
        for block, size in zip(blocks, qr._BLOCKS, strict=True):
            if index < size:
                block.append(next(rest))
    for _ in range(qr._CHECK_BYTES):
        for block in blocks:
            block.append(next(rest))
    for block in blocks:
        for power in qr._powers()[0][: qr._CHECK_BYTES]:
            value = 0
            for word in block:
                value = qr._times(value, power) ^ word
            assert value == 0
    data = bytes(
        word for block, size in zip(blocks, qr._BLOCKS, strict=True) for word in block[:size]
    )
    stream = "".join(f"{byte:08b}" for byte in data)
    length = int(stream[4:12], 2)
    assert stream[:4] == "0100"
    return int(stream[12 : 12 + 8 * length] or "0", 2).to_bytes(length, "big").decode()


@given(st.text(max_size=36))
def test_picture_reads_as_it_was_written(text: str) -> None:
    text = text.encode("utf-8", "ignore").decode()
    assert read(qr.qr_rows(text)) == text


def test_picture_is_the_one_that_others_draw() -> None:
    """The same modules as another program draws for this text with this mask."""
    base, fixed = qr._patterns()
    bits = list(qr._interleaved(qr._codewords(b"otpauth://totp/Mesh%20Gallery:alice")))
    rows = qr._drawn(base, fixed, bits, 3)
    drawn = "\n".join("".join(" #"[dark] for dark in row) for row in rows)
    assert hashlib.sha256(drawn.encode()).hexdigest() == DRAWN


DRAWN = "5e92da458a4dbf67d2dd5a6e722b720a6780e5f8b37b4decc68a404491335f8a"


def test_path_draws_every_dark_module_once() -> None:
    rows = qr.qr_rows("x")
    path = qr.svg_path(rows)
    widths = [int(part.split("h")[1].split("v")[0]) for part in path.split("M")[1:]]
    assert sum(widths) == sum(map(sum, rows))


def test_what_is_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="153 bytes"):
        qr.qr_rows("x" * 153)
