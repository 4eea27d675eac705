"""Exports and imports as somebody at the terminal has them, and what they are made of."""

import hashlib
import io
import zipfile
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from PIL import Image as Pillow
from PIL.PngImagePlugin import PngInfo

from generations.models import User
from generations.queries import audit
from tests.imaging.pictures import gradient

SOME_ID = "00000000-0000-4000-8000-000000000002"


def told(name: str, *arguments: object) -> tuple[int, str, str]:
    """Exit code, what was said at the end, and what was said of single pictures."""
    out, err = StringIO(), StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command(name, *map(str, arguments), stdout=out, stderr=err)
    return int(ended.value.code or 0), out.getvalue().strip(), err.getvalue().strip()


def hung(path: Path, user: User) -> tuple[int, str, str]:
    return told("import", path, "--user", user.username)


def breaches() -> list[str]:
    results = audit.audit(audit.Options())
    return [f"{each.id}: {each.examples}" for each in results if not each.is_good]


def a_picture(path: Path, width: int = 40, height: int = 30, **texts: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    info = PngInfo()
    for keyword, text in texts.items():
        info.add_text(keyword, text)
    gradient(width, height).save(path, "PNG", pnginfo=info)
    return path


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def some_png(seed: int = 0) -> bytes:
    out = io.BytesIO()
    Pillow.new("RGB", (20, 20), (seed % 256, 3, 4)).save(out, "PNG")
    return out.getvalue()


def a_sheet(content: bytes, **changes: Any) -> dict[str, Any]:
    said: dict[str, Any] = {
        "schema": "mesh-gallery/provenance/1",
        "image": {
            "id": "00000000-0000-4000-8000-000000000001",
            "sha256": hashlib.sha256(content).hexdigest(),
        },
        "generation": {
            "id": SOME_ID,
            "created_at": "2026-01-02T03:04:05Z",
        },
        "request": {"prompt": "an owl"},
    }
    return said | changes
