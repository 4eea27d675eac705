"""What `doctor` looks at: each part answers with what it is, or with its fault and a cure."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

from generations.management.local import prepare, redis_server
from generations.mesh import MeshError, ModerationRequest
from generations.pipeline import spool, upstream
from generations.storage import get_store
from generations.storage.base import StoreUnavailable


@dataclass(frozen=True)
class Finding:
    part: str
    text: str
    cure: str = ""
    """What to do about it; empty when there is nothing wrong."""

    @property
    def is_fault(self) -> bool:
        return bool(self.cure)


def database() -> Finding:
    kind = connection.vendor
    if prepare.why_no_database():
        return Finding(
            "database",
            f"{kind} doesn't answer",
            "Start it, or mend DATABASE_URL: name, user, host.",
        )
    lacking = prepare.pending_migrations()
    if lacking:
        missing = f"{kind} answers, but {lacking} migrations are missing"
        return Finding("database", missing, "Run manage.py migrate.")
    return Finding("database", f"{kind} answers, all migrations are applied")


def broker() -> Finding:
    if not settings.REDIS_URL:
        return Finding(
            "broker",
            "no Redis is set and none was started",
            "Start manage.py run, or set REDIS_URL.",
        )
    where = place(settings.REDIS_URL)
    if not redis_server.answers(settings.REDIS_URL):
        return Finding(
            "broker",
            f"Redis at {where} doesn't answer",
            "Start manage.py run, or a Redis there; mind the password in REDIS_URL.",
        )
    return Finding("broker", f"Redis at {where} answers")


def storage() -> Finding:
    try:
        get_store().check()
    except StoreUnavailable as error:
        return Finding("storage", error.sentence, storage_cure())
    if settings.S3_BUCKET:
        return Finding("storage", f"the bucket {settings.S3_BUCKET} can be used")
    return Finding("storage", f"files under {settings.PICTURES_DIR}")


def storage_cure() -> str:
    if settings.S3_BUCKET:
        return "Check S3_ENDPOINT_URL, S3_BUCKET, S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY."
    return "Give this user the right to write there, or set VAR_DIR to another folder."


def provider() -> Finding:
    where = "the sandbox" if settings.ON_SANDBOX else place(settings.MESH_API_BASE_URL)
    try:
        models = upstream.client().models.list()
    except MeshError as error:
        return Finding(
            "upstream", f"{where} gave no list of models ({error.code})", cure_for(error)
        )
    return Finding("upstream", f"{where} takes the key and lists {len(models)} models")


def moderation() -> Finding:
    if settings.MODERATION == "off":
        return Finding("moderation", "off: prompts and pictures are not checked")
    finds = {"flag": "reviewers see what it finds", "block": "what it finds is held back"}
    try:
        upstream.client().moderations.check(ModerationRequest("a fox in the snow"))
    except MeshError as error:
        waits = {"flag": "everything goes on unchecked", "block": "nothing is sent"}
        said = f"it gives no verdict ({error.code}), and so {waits[settings.MODERATION]}"
        return Finding("moderation", said, f"{cure_for(error)} Or set MODERATION=off.")
    return Finding("moderation", f"it gives verdicts; {finds[settings.MODERATION]}")


def cure_for(error: MeshError) -> str:
    if error.status in {401, 403}:
        return "Put a valid key into MESH_API_KEY."
    if settings.ON_SANDBOX:
        return "Start manage.py run, which starts the sandbox, or set MESH_API_KEY."
    return "Check MESH_API_BASE_URL and this machine's way to the internet."


def spool_room() -> Finding:
    folder = Path(settings.SPOOL_DIR)
    try:
        free = shutil.disk_usage(spool.directory()).free
    except OSError as error:
        return Finding("spool", f"{folder}: {error.strerror}", "Make it writable, or set VAR_DIR.")
    text = f"{free / 2**30:.1f} GB are free for answers under {folder}"
    if free < spool.FREE_BYTES_FLOOR:
        floor = spool.FREE_BYTES_FLOOR // 2**20
        return Finding("spool", text, f"Free space: below {floor} MB nothing is sent.")
    return Finding("spool", text)


def static_files() -> Finding:
    root = Path(settings.STATIC_ROOT)
    if settings.DEBUG or (root / "staticfiles.json").is_file():
        return Finding("static", "styles and scripts are in place")
    return Finding("static", f"{root} is empty", "Run manage.py collectstatic --no-input.")


def place(url: str) -> str:
    """Host and port alone: the rest may hold a password."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.hostname}{port}" if parts.hostname else parts.path


EXAMINATIONS: tuple[Callable[[], Finding], ...] = (
    database,
    broker,
    storage,
    provider,
    moderation,
    spool_room,
    static_files,
)
