"""Where pictures lie: one store, files or S3, chosen by the settings. Keys are made in `keys`."""

import threading
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from generations.storage.base import Store
from generations.storage.files import FileStore
from generations.storage.s3 import S3Settings, S3Store

_lock = threading.Lock()


def get_store() -> Store:
    """The store of the present settings, shared by all threads; other settings get another."""
    with _lock:
        if settings.S3_BUCKET:
            return _s3_store(
                S3Settings(
                    bucket=settings.S3_BUCKET,
                    endpoint_url=settings.S3_ENDPOINT_URL,
                    public_endpoint_url=settings.S3_PUBLIC_ENDPOINT_URL,
                    region=settings.S3_REGION,
                    access_key_id=settings.S3_ACCESS_KEY_ID,
                    secret_access_key=settings.S3_SECRET_ACCESS_KEY,
                )
            )
        return _file_store(Path(settings.PICTURES_DIR))


def reset_store() -> None:
    """Forgets the shared instances, and with them their connections."""
    _s3_store.cache_clear()
    _file_store.cache_clear()


@lru_cache(maxsize=4)
def _s3_store(where: S3Settings) -> S3Store:
    return S3Store(where)


@lru_cache(maxsize=4)
def _file_store(root: Path) -> FileStore:
    return FileStore(root)
