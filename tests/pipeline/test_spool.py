"""What one host keeps of its answers while they are worked on."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings

from generations import storage
from generations.models import Generation, User
from generations.pipeline import run, sizes, spool
from generations.storage.base import Sealed
from tests.support.sandbox import Sandbox


def sealed(new_item: spool.NewItem, content: bytes) -> Sealed:
    with new_item() as file:
        file.write(content)
    return Sealed(Path(file.name), hashlib.sha256(content).hexdigest())


def test_two_runs_over_one_answer_write_to_files_of_their_own() -> None:
    store, attempt_id = storage.get_store(), uuid4()
    with spool.items_of(attempt_id) as one, spool.items_of(attempt_id) as other:
        first, second = sealed(one, b"first"), sealed(other, b"second, and longer")
        store.put_new("v1/a", first, sha256=first.sha256, content_type="image/png")
        store.put_new("v1/b", second, sha256=second.sha256, content_type="image/png")
        sealed(one, b"third")
    assert b"".join(store.open("v1/a").chunks) == b"first"
    assert b"".join(store.open("v1/b").chunks) == b"second, and longer"
    assert list(spool.directory().iterdir()) == []


def test_items_are_their_owners_alone() -> None:
    with spool.items_of(uuid4()) as new_item:
        assert sealed(new_item, b"new").path.stat().st_mode & 0o777 == 0o600


def test_item_that_has_moved_on_is_not_removed(tmp_path: Path) -> None:
    with spool.items_of(uuid4()) as new_item:
        sealed(new_item, b"kept").path.rename(tmp_path / "kept")
    assert (tmp_path / "kept").read_bytes() == b"kept"


@pytest.mark.db
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("wish", "names"),
    [("", ["done"]), ("[[as=url]]", ["done", "fetched-0"])],
    ids=["sent along", "by address"],
)
def test_answer_alone_stays_once_its_pictures_are_stored(
    sandbox: Sandbox, alice: User, submit: Callable[..., Generation], wish: str, names: list[str]
) -> None:
    attempt = submit(alice, prompt=f"a fox {wish}").attempts.get()
    run.run_next()
    sizes.drain(20)
    left = [path.name for path in spool.directory().iterdir() if path.name != "sent.journal"]
    assert sorted(left) == [f"{attempt.pk}.{name}" for name in names]
    stored = [path for path in Path(settings.PICTURES_DIR).rglob("*") if path.is_file()]
    assert len(stored) == 4
    assert {path.stat().st_nlink for path in stored} == {1}
