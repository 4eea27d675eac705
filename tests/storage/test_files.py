import hashlib
import os
import stat
import tempfile
import time
from pathlib import Path

import pytest

from generations.errors import Unavailable
from generations.storage.base import Missing, Sealed, StoreUnavailable
from generations.storage.files import FileStore
from tests.support import memory

KEY = "v1/generation/attempt/0-0123456789abcdef.png"
CONTENT = b"a picture"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
FOLDERS = (memory.FOLDER, Path("/var/tmp"))  # noqa: S108


@pytest.fixture
def root(tmp_path):
    return tmp_path / "pictures"


@pytest.fixture
def files(root):
    return FileStore(root)


def put(files, key=KEY):
    return files.put_new(key, CONTENT, sha256=SHA256, content_type="image/png")


def test_everything_is_its_owners_alone(files, root):
    before = os.umask(0)
    try:
        put(files)
    finally:
        os.umask(before)
    assert stat.S_IMODE((root / KEY).stat().st_mode) == 0o600
    for folder in (root, root / "v1", (root / KEY).parent, root / ".incoming"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_put_leaves_one_file_and_no_draft(files, root):
    put(files)
    put(files)
    assert [path for path in root.rglob("*") if path.is_file()] == [root / KEY]
    assert (root / KEY).stat().st_nlink == 1


@pytest.fixture
def sealed(tmp_path):
    source = tmp_path / "item"
    source.write_bytes(CONTENT)
    source.chmod(0o644)
    return Sealed(source, SHA256)


def test_a_sealed_file_becomes_the_object_itself(files, root, sealed):
    assert files.put_new(KEY, sealed, sha256=SHA256, content_type="image/png") is True
    assert (root / KEY).samefile(sealed.path)
    assert stat.S_IMODE((root / KEY).stat().st_mode) == 0o600
    sealed.path.unlink()
    assert [path for path in root.rglob("*") if path.is_file()] == [root / KEY]
    assert (root / KEY).read_bytes() == CONTENT


def test_a_sealed_file_of_another_file_system_is_copied(files, root):
    device = root.parent.stat().st_dev
    foreign = [folder for folder in FOLDERS if folder.is_dir() and folder.stat().st_dev != device]
    with tempfile.NamedTemporaryFile(dir=foreign[0]) as elsewhere:
        elsewhere.write(CONTENT)
        elsewhere.flush()
        sealed = Sealed(Path(elsewhere.name), SHA256)
        assert files.put_new(KEY, sealed, sha256=SHA256, content_type="image/png") is True
        assert sealed.path.stat().st_nlink == 1
    assert (root / KEY).read_bytes() == CONTENT
    assert list((root / ".incoming").iterdir()) == []


def test_a_sealed_file_on_a_full_disk_is_not_stored(files, root, sealed, monkeypatch):
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreUnavailable, match="No space left on device"):
        files.put_new(KEY, sealed, sha256=SHA256, content_type="image/png")
    assert not (root / KEY).exists()
    assert sealed.path.read_bytes() == CONTENT


def test_an_interrupted_put_is_not_seen_and_swept_a_day_later(files, root):
    put(files)
    old, young = root / ".incoming" / "old", root / ".incoming" / "young"
    for draft in (old, young):
        draft.write_bytes(b"half")
    os.utime(old, (time.time() - 90_000,) * 2)
    assert list(files.keys()) == [KEY]
    put(files, "v1/other")
    assert not old.exists()
    assert young.exists()


def test_delete_removes_folders_that_are_empty_now(files, root):
    put(files)
    put(files, "v1/generation/other/1.png")
    files.delete(KEY)
    assert not (root / "v1/generation/attempt").exists()
    assert (root / "v1/generation/other/1.png").exists()
    files.delete("v1/generation/other/1.png")
    assert not (root / "v1").exists()
    assert root.is_dir()


def test_a_link_that_leads_outside_is_not_followed(files, root, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("not yours")
    put(files)
    (root / "v1/link").symlink_to(secret)
    with pytest.raises(StoreUnavailable):
        files.open("v1/link")
    assert list(files.keys()) == [KEY]


def test_a_named_pipe_does_not_hold_the_reader(files, root):
    put(files)
    os.mkfifo(root / "v1/pipe")
    with pytest.raises(Missing):
        files.open("v1/pipe")


def test_a_root_that_is_a_file_is_unavailable_with_a_sentence(tmp_path):
    (tmp_path / "file").touch()
    files = FileStore(tmp_path / "file")
    for attempt in (files.check, lambda: put(files)):
        with pytest.raises(StoreUnavailable) as caught:
            attempt()
        assert caught.value.sentence == "The picture folder can't be used: Not a directory."
        assert isinstance(caught.value, Unavailable)
        assert caught.value.status == 503


def test_a_full_disk_is_unavailable_and_leaves_nothing(files, root, monkeypatch):
    put(files, "v1/before")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreUnavailable, match="No space left on device"):
        put(files)
    assert [path for path in root.rglob("*") if path.is_file()] == [root / "v1/before"]


def test_head_tells_what_is_on_the_disk_now(files, root):
    put(files)
    (root / KEY).write_bytes(b"rotten")
    assert files.head(KEY).sha256 == hashlib.sha256(b"rotten").hexdigest()


def test_a_file_that_shrinks_while_read_is_noticed(files, root):
    big = os.urandom(1_000_000)
    files.put_new(KEY, big, sha256=hashlib.sha256(big).hexdigest(), content_type="image/png")
    chunks = files.open(KEY).chunks
    next(chunks)
    os.truncate(root / KEY, 10)
    with pytest.raises(StoreUnavailable, match="shorter"):
        list(chunks)


def test_signed_url_is_none(files):
    assert files.signed_url(KEY, seconds=60, content_type="image/png") is None
