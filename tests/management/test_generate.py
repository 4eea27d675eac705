"""`manage.py generate`: a prompt in, files out, with nothing else running."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from generations.models import CatalogModel, Image, User
from tests.support.sandbox import Sandbox

pytestmark = [pytest.mark.django_db(transaction=True)]


def generate(prompt: str, out: Path, said: io.StringIO) -> None:
    options: dict[str, Any] = {"user": "alice", "model": "openai/gpt-image-1", "out": out}
    call_command("generate", prompt, stdout=said, stderr=said, **options)


def test_a_picture_is_written_and_its_path_is_told(
    sandbox: Sandbox, painter: CatalogModel, alice: User, tmp_path: Path
) -> None:
    said = io.StringIO()
    generate("a fox [[fixture=500kB]]", tmp_path, said)
    written = Path(said.getvalue().strip())
    assert written.parent == tmp_path
    assert written.stat().st_size == Image.objects.get().size_bytes


def test_a_prompt_that_the_check_blocks_is_told_why(
    sandbox: Sandbox, painter: CatalogModel, alice: User, tmp_path: Path, settings: Any
) -> None:
    settings.MODERATION = "block"
    said = io.StringIO()
    with pytest.raises(CommandError):
        generate("blood and gore", tmp_path, said)
    assert "Blocked by this gallery. Found: violence." in said.getvalue()
    assert sandbox.ledger()["requests"] == 0
