"""Pictures that came as addresses: onto this host's disk, before the address expires."""

import hashlib
import os
import time
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from generations.mesh import (
    DownloadBlocked,
    DownloadError,
    DownloadGone,
    DownloadMissing,
    DownloadTooLarge,
    Item,
    download,
)
from generations.models import Attempt
from generations.pipeline import spool
from generations.pipeline.spool import NewItem
from generations.storage.base import Sealed

MAX_BYTES = 64 * 1024 * 1024
PATIENCE = timedelta(hours=24)
WAITS = (0.0, 2.0, 5.0, 10.0, 15.0, 25.0)  # a CDN may lag behind the answer


class NotAPicture(Exception):
    """An item that can't become a picture; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


Fetched = dict[int, Sealed | NotAPicture]  # by item: its file, or why there is none


def fetched(attempt: Attempt, item: Item, new_item: NewItem) -> Sealed | NotAPicture:
    """A copy of the item's file in the spool, downloaded unless an earlier run has done that.

    Raises DownloadError where another try may help.
    """
    kept = spool.fetched_path(attempt.pk, item.index)
    try:
        if not kept.is_file():
            _fetch(item.url or "", new_item, kept)
        return _copy(kept, new_item)
    except NotAPicture as error:
        return error
    except DownloadError:
        if attempt.received_at and attempt.received_at < timezone.now() - PATIENCE:
            return NotAPicture("link_expired")
        raise


def _copy(kept: Path, new_item: NewItem) -> Sealed:
    """The store may have it; what damages the one must not reach the other."""
    digest = hashlib.sha256()
    with kept.open("rb") as whole, new_item() as file:
        while piece := whole.read(spool.PIECE_BYTES):
            digest.update(piece)
            file.write(piece)
    return Sealed(Path(file.name), digest.hexdigest())


def _fetch(url: str, new_item: NewItem, kept: Path) -> None:
    """Download to `kept`; repeats what may pass, for a minute."""
    for wait in WAITS:
        time.sleep(wait)
        try:
            _download(url, new_item).rename(kept)
            spool.sync_directory()
            return
        except DownloadBlocked as error:
            raise NotAPicture("address_blocked") from error
        except DownloadGone as error:
            raise NotAPicture("link_expired") from error
        except DownloadTooLarge as error:
            raise NotAPicture("download_too_large") from error
        except DownloadMissing as error:
            last: DownloadError = error
        except DownloadError as error:
            last = error
    if isinstance(last, DownloadMissing):
        raise NotAPicture("link_expired") from last
    raise last


def _download(url: str, new_item: NewItem) -> Path:
    with new_item() as file:
        download(
            url,
            sink=file.write,
            trusted_origin=settings.MESH_API_BASE_URL,
            allowed_hosts=settings.MESH_IMAGE_HOSTS,
            max_bytes=MAX_BYTES,
        )
        file.flush()
        os.fsync(file.fileno())
    return Path(file.name)
