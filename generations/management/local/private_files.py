"""Secrets that `run` makes once and keeps in files only their owner can read."""

import os
import secrets
from pathlib import Path


def write_private(path: Path, text: str) -> None:
    """Replace the file's text in one step; nobody else can read it at any moment."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
    draft.replace(path)


def kept_secret(path: Path, *, length: int) -> str:
    """The secret in the file, made now if there is none."""
    if path.is_file() and (kept := path.read_text().strip()):
        return kept
    made = secrets.token_urlsafe(length)
    write_private(path, made + "\n")
    return made
