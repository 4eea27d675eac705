"""Which codes are taken, and what a phone is given."""

import xml.etree.ElementTree as ElementTree

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generations import totp

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # RFC 6238, appendix B, as base32
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
    assert totp.counter_of(SECRET, code, seconds=seconds) == seconds // totp.STEP_SECONDS


@pytest.mark.parametrize(("late", "is_taken"), [(-2, 0), (-1, 1), (0, 1), (1, 1), (2, 0)])
def test_one_step_early_or_late_is_taken(late: int, is_taken: int) -> None:
    code = pyotp.TOTP(SECRET).generate_otp(1000 - late)
    found = totp.counter_of(SECRET, code, seconds=1000 * 30 + 15)
    assert found == (1000 - late if is_taken else None)


@pytest.mark.parametrize("code", ["", "000", "٢٨٧٠٨٢", "28708２", "287082 ", "x" * 5000])
def test_what_is_no_code_is_none(code: str) -> None:
    assert totp.counter_of(SECRET, code, seconds=59) is None


@given(st.text(max_size=150))
def test_any_name_fits_into_the_picture(name: str) -> None:
    address = totp.address_of(SECRET, name=name.encode("utf-8", "ignore").decode() or "x")
    assert f"secret={SECRET}&issuer=Mesh%20Gallery" in address
    picture = ElementTree.fromstring(totp.picture_of(address))  # noqa: S314  # our own
    assert picture.tag == "svg"
    assert {part.tag for part in picture} == {"path"}
    assert not any("style" in part.attrib for part in picture.iter())
