"""A gallery with one of everything, in which the audit finds nothing."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from generations import lifecycle, storage
from generations.models import Attempt, Generation, Image, User
from generations.pipeline import run, sizes
from tests.support.sandbox import Sandbox

Submit = Callable[..., Generation]
AN_HOUR = 3600


@pytest.fixture(autouse=True)
def own_var(settings: Any, tmp_path: Path) -> Path:
    """The logs of this machine are no part of a test."""
    settings.VAR_DIR = tmp_path
    return tmp_path


@pytest.fixture
def waiting(alice: User, submit: Submit) -> Attempt:
    return submit(alice).attempts.get()


@pytest.fixture
def unknown(alice: User, submit: Submit) -> Attempt:
    """Sent, and its answer was lost."""
    generation = submit(alice)
    attempt = lifecycle.claim("a worker that died", generation=generation.pk)
    assert attempt
    lifecycle.mark_sending(attempt)
    lifecycle.declare_unknown(attempt, code="worker_lost")
    return attempt


@pytest.fixture
def kept(sandbox: Sandbox, alice: User, submit: Submit) -> Image:
    """A picture with all its sizes, stored an hour ago."""
    attempt = submit(alice).attempts.get()
    run.run_next(attempt.generation_id)
    sizes.drain(20)
    attempt.refresh_from_db()
    assert (attempt.state, attempt.code) == ("stored", "")
    for path in pictures():
        make_old(path)
    return Image.objects.get()


def pictures() -> list[Path]:
    """What the file store holds."""
    root = storage.get_store()._root  # type: ignore[attr-defined]
    return [path for path in root.rglob("v1/**/*") if path.is_file()]


def path_of(key: str) -> Path:
    return Path(storage.get_store()._root / key)  # type: ignore[attr-defined]


def make_old(path: Path) -> None:
    then = time.time() - AN_HOUR
    os.utime(path, (then, then))


@pytest.fixture
def breaches(capsys: pytest.CaptureFixture[str]) -> Callable[..., dict[str, list[str]]]:
    """What `manage.py audit` reports as broken: by promise, the examples."""

    def found(*arguments: str) -> dict[str, list[str]]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            call_command("audit", "--json", *arguments)
        results = json.loads(capsys.readouterr().out)
        broken = {each["id"]: each["examples"] for each in results if each["status"] == "breach"}
        assert ended.value.code == int(
            any(each["status"] in ("breach", "failed") for each in results)
        )
        return broken

    return found
