"""Where each object lies. A key is made from our own ids and the bytes' digest, never from a name
that came from outside; the same picture of the same attempt always gets the same key."""

from uuid import UUID

DIGEST_CHARACTERS = 16


def original_key(
    generation_id: UUID | str, attempt_id: UUID | str, index: int, sha256: str, extension: str
) -> str:
    return f"v1/{_stem(generation_id, attempt_id, index, sha256)}.{extension}"


def derived_key(original: str, edge: int) -> str:
    """Beside its original, so that one prefix finds all sizes of a picture."""
    stem, _, _ = original.rpartition(".")
    return f"{stem}-{edge}.webp"


def quarantine_key(
    generation_id: UUID | str, attempt_id: UUID | str, index: int, sha256: str
) -> str:
    """For paid bytes that are no picture: kept, and never served as one."""
    return f"quarantine/{_stem(generation_id, attempt_id, index, sha256)}.bin"


def _stem(generation_id: UUID | str, attempt_id: UUID | str, index: int, sha256: str) -> str:
    return f"{generation_id}/{attempt_id}/{index}-{sha256[:DIGEST_CHARACTERS]}"
