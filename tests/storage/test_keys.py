from uuid import UUID

from generations.storage.base import checked_key, disposition, safe_filename
from generations.storage.keys import derived_key, original_key, quarantine_key

GENERATION = UUID("11111111-2222-3333-4444-555555555555")
ATTEMPT = UUID("aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee")
SHA256 = "0123456789abcdef" * 4


def test_original_key():
    key = original_key(GENERATION, ATTEMPT, 3, SHA256, "png")
    assert key == f"v1/{GENERATION}/{ATTEMPT}/3-0123456789abcdef.png"
    assert checked_key(key) == key


def test_derived_key():
    original = original_key(GENERATION, ATTEMPT, 0, SHA256, "jpg")
    assert derived_key(original, 640) == f"v1/{GENERATION}/{ATTEMPT}/0-0123456789abcdef-640.webp"
    assert checked_key(derived_key(original, 320))


def test_quarantine_key():
    key = quarantine_key(GENERATION, ATTEMPT, 0, SHA256)
    assert key == f"quarantine/{GENERATION}/{ATTEMPT}/0-0123456789abcdef.bin"
    assert checked_key(key) == key


def test_a_file_name_cannot_leave_its_header():
    assert safe_filename('../a"b;\r\nSet-Cookie: x.png') == "a-b-Set-Cookie-x.png"
    assert safe_filename("…") == ""
    assert disposition("…", attachment=True) == "attachment"
    assert disposition("mesh-1.png", attachment=False) == 'inline; filename="mesh-1.png"'
    assert len(safe_filename("a" * 500)) == 100
