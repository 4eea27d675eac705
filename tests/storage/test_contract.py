"""What every store must do: each test runs on files and on a real S3 server."""

import hashlib
import os
import threading
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from generations.storage.base import (
    BadKey,
    KeyTaken,
    Missing,
    ObjectInfo,
    OutOfRange,
    Sealed,
    WrongChecksum,
)

KEY = "v1/generation/attempt/0-0123456789abcdef.png"


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def put(store, content: bytes, *, key: str = KEY, sha256: str = "") -> bool:
    return store.put_new(key, content, sha256=sha256 or digest(content), content_type="image/png")


def read(store, key: str = KEY, **span) -> bytes:
    return b"".join(store.open(key, **span).chunks)


def test_put_new_writes_bytes_and_a_file(store, tmp_path):
    assert put(store, b"some bytes") is True
    source = tmp_path / "source"
    source.write_bytes(b"from a file")
    assert store.put_new(
        "v1/b/c/d.png", source, sha256=digest(b"from a file"), content_type="image/png"
    )
    assert read(store) == b"some bytes"
    assert read(store, "v1/b/c/d.png") == b"from a file"
    assert source.read_bytes() == b"from a file"


def test_put_new_takes_a_sealed_file_once(store, tmp_path):
    source = tmp_path / "source"
    source.write_bytes(b"sealed")
    sealed = Sealed(source, digest(b"sealed"))
    assert store.put_new(KEY, sealed, sha256=sealed.sha256, content_type="image/png") is True
    assert store.put_new(KEY, sealed, sha256=sealed.sha256, content_type="image/png") is False
    source.unlink()
    assert read(store) == b"sealed"
    assert store.head(KEY) == ObjectInfo(size=6, sha256=digest(b"sealed"))


def test_put_new_of_a_sealed_file_over_other_bytes_changes_nothing(store, tmp_path):
    put(store, b"first")
    source = tmp_path / "source"
    source.write_bytes(b"second")
    sealed = Sealed(source, digest(b"second"))
    with pytest.raises(KeyTaken):
        store.put_new(KEY, sealed, sha256=sealed.sha256, content_type="image/png")
    assert read(store) == b"first"
    assert source.read_bytes() == b"second"


def test_put_new_of_a_file_sealed_with_another_digest_stores_nothing(store, tmp_path):
    source = tmp_path / "source"
    source.write_bytes(b"bytes")
    with pytest.raises(WrongChecksum):
        store.put_new(
            KEY, Sealed(source, digest(b"bytes")), sha256=digest(b"other"), content_type="image/png"
        )
    assert list(store.keys()) == []


def test_put_new_twice_with_the_same_bytes_writes_once(store):
    assert put(store, b"same") is True
    assert put(store, b"same") is False
    assert read(store) == b"same"


def test_put_new_over_other_bytes_changes_nothing(store):
    put(store, b"first")
    with pytest.raises(KeyTaken):
        put(store, b"second")
    assert read(store) == b"first"


def test_put_new_with_a_wrong_checksum_stores_nothing(store):
    with pytest.raises(WrongChecksum):
        put(store, b"damaged on the way", sha256=digest(b"as it was sent"))
    assert store.head(KEY) is None
    assert list(store.keys()) == []


@pytest.mark.parametrize("sha256", ["", "0" * 63, "A" * 64, "z" * 64, "0" * 65])
def test_put_new_with_something_else_than_a_digest_is_refused(store, sha256):
    with pytest.raises(WrongChecksum):
        store.put_new(KEY, b"bytes", sha256=sha256, content_type="image/png")


def test_put_new_of_a_missing_source_is_not_the_stores_fault(store, tmp_path):
    with pytest.raises(FileNotFoundError):
        store.put_new(KEY, tmp_path / "gone", sha256=digest(b""), content_type="image/png")


def test_sixteen_writers_of_different_bytes_have_one_winner(store):
    contents = [f"writer {number}".encode() * 1000 for number in range(16)]
    start = threading.Barrier(16)

    def write(content: bytes) -> bool:
        start.wait()
        try:
            return put(store, content)
        except KeyTaken:
            return False

    with ThreadPoolExecutor(16) as pool:
        won = list(pool.map(write, contents))
    assert won.count(True) == 1
    assert read(store) == contents[won.index(True)]


def test_sixteen_writers_of_the_same_bytes_all_succeed(store):
    start = threading.Barrier(16)

    def write(_: int) -> bool:
        start.wait()
        return put(store, b"the same picture")

    with ThreadPoolExecutor(16) as pool:
        won = list(pool.map(write, range(16)))
    assert won.count(True) == 1
    assert read(store) == b"the same picture"


def test_open_tells_size_and_length(store):
    put(store, b"0123456789")
    whole = store.open(KEY)
    assert (whole.size, whole.length, b"".join(whole.chunks)) == (10, 10, b"0123456789")
    part = store.open(KEY, start=2, length=3)
    assert (part.size, part.length, b"".join(part.chunks)) == (10, 3, b"234")


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        ({"start": 0, "length": 1}, b"0"),
        ({"start": 9}, b"9"),
        ({"start": 9, "length": 1}, b"9"),
        ({"start": 7, "length": 100}, b"789"),
        ({"start": 3}, b"3456789"),
        ({"start": 3, "length": 0}, b""),
    ],
)
def test_open_brings_exactly_the_range(store, span, expected):
    put(store, b"0123456789")
    assert read(store, **span) == expected


@pytest.mark.parametrize("start", [10, 11, 10**12])
def test_open_past_the_end_is_out_of_range(store, start):
    put(store, b"0123456789")
    with pytest.raises(OutOfRange):
        store.open(KEY, start=start)
    with pytest.raises(OutOfRange):
        store.open(KEY, start=start, length=5)


def test_open_with_a_negative_start_is_a_mistake(store):
    put(store, b"0123456789")
    with pytest.raises(ValueError, match="count from 0"):
        store.open(KEY, start=-3)


def test_an_empty_object_can_be_read(store):
    put(store, b"")
    assert read(store) == b""
    assert store.head(KEY) == ObjectInfo(size=0, sha256=digest(b""))


@pytest.mark.parametrize("span", [{}, {"start": 3}, {"start": 3, "length": 0}])
def test_open_without_an_object_says_missing_at_once(store, span):
    with pytest.raises(Missing):
        store.open(KEY, **span)


def test_open_of_a_folder_says_missing(store):
    put(store, b"bytes")
    with pytest.raises(Missing):
        store.open("v1/generation")


def test_head_tells_size_and_digest(store):
    assert store.head(KEY) is None
    put(store, b"some bytes")
    assert store.head(KEY) == ObjectInfo(size=10, sha256=digest(b"some bytes"))


def test_delete_may_be_repeated(store):
    put(store, b"bytes")
    store.delete(KEY)
    store.delete(KEY)
    assert store.head(KEY) is None
    assert put(store, b"other bytes") is True


def test_keys_come_by_prefix(store):
    names = ["v1/a-b/1.png", "v1/a/2-320.webp", "v1/a/2.png", "v1/b/1.png", "w/1.png"]
    for name in reversed(names):
        put(store, name.encode(), key=name)
    assert sorted(store.keys()) == sorted(names)
    assert sorted(store.keys("v1/a/")) == ["v1/a/2-320.webp", "v1/a/2.png"]
    assert sorted(store.keys("v1/a")) == ["v1/a-b/1.png", "v1/a/2-320.webp", "v1/a/2.png"]
    assert list(store.keys("v1/a/2.")) == ["v1/a/2.png"]
    assert list(store.keys("nothing/here")) == []


def test_listing_tells_size_and_age_and_sorts_pictures(store):
    names = [f"v1/{uuid4()}/{uuid4()}/{end}" for end in ("10-ab-320.webp", "10-ab.png", "2-cd.png")]
    names += [names[0].replace("320", "640"), names[1].replace("10-ab", "1-cd")]
    for name in names:
        put(store, name.encode(), key=name)
    found = list(store.listing("v1/"))
    assert [each.key for each in found] == sorted(names)
    assert [each.size for each in found] == [len(name) for name in sorted(names)]
    now = datetime.now(UTC)
    assert all(abs((now - each.changed_at).total_seconds()) < 60 for each in found)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/etc/passwd",
        "..",
        "../outside",
        "v1/../../outside",
        "v1/./a",
        "v1//a",
        "v1/a/",
        "v1/.hidden",
        ".incoming/draft",
        "v1\\a",
        "v1/a\0b",
        "v1/a\nb",
        "v1/a b",
        "v1/%2e%2e/a",
        "v1/ä",
        "v1/" + "a" * 201,
        "/".join(["a" * 100] * 6),
        "v1/a\n",
    ],
)
def test_a_key_that_is_not_ours_is_refused_everywhere(store, key):
    with pytest.raises(BadKey):
        put(store, b"bytes", key=key)
    for method in (store.open, store.head, store.delete):
        with pytest.raises(BadKey):
            method(key)
    with pytest.raises(BadKey):
        store.signed_url(key, seconds=60, content_type="image/png") or store.open(key)


@pytest.mark.parametrize("prefix", ["../", "/", "v1//", "v1/../", "\0"])
def test_a_prefix_that_is_not_ours_is_refused(store, prefix):
    with pytest.raises(BadKey):
        store.keys(prefix)


def test_a_big_object_is_never_whole_in_memory(store, tmp_path):
    size = 48 * 1024 * 1024
    source = tmp_path / "big"
    content = os.urandom(1024 * 1024)
    source.write_bytes(content * 48)
    sha256 = hashlib.sha256(content * 48).hexdigest()
    put(store, b"warm", key="v1/warm")  # what a first request loads is not the object's doing
    read(store, "v1/warm")
    tracemalloc.start()
    assert store.put_new(KEY, source, sha256=sha256, content_type="image/png")
    seen = hashlib.sha256()
    for chunk in store.open(KEY).chunks:
        seen.update(chunk)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert seen.hexdigest() == sha256
    assert store.head(KEY) == ObjectInfo(size=size, sha256=sha256)
    assert peak < 8 * 1024 * 1024


def test_an_object_that_is_not_read_to_the_end_can_be_closed(store):
    put(store, os.urandom(3_000_000))
    for _ in range(100):  # more than there are connections
        opened = store.open(KEY)
        next(opened.chunks)
        opened.close()
    assert len(read(store)) == 3_000_000


def test_check_passes_and_leaves_nothing(store):
    store.check()
    assert list(store.keys()) == []
