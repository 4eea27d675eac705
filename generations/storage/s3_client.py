"""boto3 kept in one place: a client made late, once per process, and its errors in our words."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from generations.storage.base import (
    KeyTaken,
    Missing,
    OutOfRange,
    StoreError,
    StoreUnavailable,
    WrongChecksum,
)
from generations.storage.signing import Credentials

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
CONNECT_SECONDS = 5
READ_SECONDS = 30
# A health check is asked every few seconds and must not wait for a store that is away.
QUICK_SECONDS = 2
CONNECTIONS = 64


@dataclass(frozen=True, slots=True)
class S3Settings:
    """Empty keys: whatever boto3 finds by itself, such as the machine's role."""

    bucket: str
    endpoint_url: str = ""
    public_endpoint_url: str = ""
    region: str = "us-east-1"
    access_key_id: str = field(default="", repr=False)
    secret_access_key: str = field(default="", repr=False)


class Conflicted(StoreError):
    """Two writers at once; whoever asks again learns which one won."""


class Failing(StoreUnavailable):
    """It answered with a fault of its own; the next time it may not."""


class Unsupported(StoreError):
    """The store does not know this request."""


CODES: dict[str, type[StoreError]] = {
    "NoSuchKey": Missing,
    "PreconditionFailed": KeyTaken,
    "ConditionalRequestConflict": Conflicted,
    "OperationAborted": Conflicted,
    "InvalidRange": OutOfRange,
    "BadDigest": WrongChecksum,
    "InvalidDigest": WrongChecksum,
    "XAmzContentChecksumMismatch": WrongChecksum,
    "XAmzContentSHA256Mismatch": WrongChecksum,
    "NotImplemented": Unsupported,
}
# HEAD answers have no body, so the code is only the status.
STATUSES: dict[int, type[StoreError]] = {
    404: Missing,
    409: Conflicted,
    412: KeyTaken,
    416: OutOfRange,
    501: Unsupported,
}


class Clients:
    """The shared clients of this process. A fork makes its own: sockets can't be shared."""

    def __init__(self, where: S3Settings) -> None:
        self._where = where
        self._lock = threading.Lock()
        self._made: dict[str, Any] = {}
        self._pid = 0

    @property
    def data(self) -> Any:
        return self._made_once("data")

    @property
    def quick(self) -> Any:
        return self._made_once("quick")

    def credentials(self) -> Credentials:
        if self._where.access_key_id:
            return Credentials(self._where.access_key_id, self._where.secret_access_key)
        with translated():
            found = self._made_once("session").get_credentials()
            if found is None:
                raise StoreUnavailable("There are no keys for the picture store.")
            frozen = found.get_frozen_credentials()  # renews temporary ones
        return Credentials(frozen.access_key, frozen.secret_key, frozen.token or "")

    def _made_once(self, name: str) -> Any:
        with self._lock:
            if self._pid != os.getpid():
                self._made, self._pid = {}, os.getpid()
            if name not in self._made:
                self._made[name] = self._make(name)
            return self._made[name]

    def _make(self, name: str) -> Any:
        import boto3  # 0.3 s and 30 MB, so not before the first use

        if name == "session":
            return boto3.session.Session()
        with translated():
            return boto3.session.Session().client(
                "s3",
                endpoint_url=self._where.endpoint_url or None,
                region_name=self._where.region or "us-east-1",
                aws_access_key_id=self._where.access_key_id or None,
                aws_secret_access_key=self._where.secret_access_key or None,
                config=self._config(is_quick=name == "quick"),
            )

    def _config(self, *, is_quick: bool) -> Any:
        from botocore.config import Config

        host = urlsplit(self._where.endpoint_url).hostname
        return Config(
            signature_version="s3v4",
            s3={"addressing_style": "path"},
            max_pool_connections=CONNECTIONS,
            connect_timeout=QUICK_SECONDS if is_quick else CONNECT_SECONDS,
            read_timeout=QUICK_SECONDS if is_quick else READ_SECONDS,
            retries={"mode": "standard", "total_max_attempts": 1 if is_quick else 3},
            # We send our own SHA-256; the newer default checksums are unknown to many stores.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            # A proxy from the environment can't reach our own loopback.
            proxies={} if host in LOOPBACK else None,
        )


@contextmanager
def translated() -> Iterator[None]:
    """What boto3 raises, as one of ours."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        raise _in_our_words(error.response) from error
    except BotoCoreError as error:
        raise StoreUnavailable(
            f"The picture store can't be reached ({type(error).__name__})."
        ) from error


def _in_our_words(response: Any) -> StoreError:
    code = str(response.get("Error", {}).get("Code", ""))
    status = int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if code == "NoSuchBucket":
        return StoreUnavailable("The picture store has no such bucket.")
    if status in {401, 403}:
        return StoreUnavailable("The picture store refused our key.")
    if kind := CODES.get(code) or STATUSES.get(status):
        return kind(code)
    failed = Failing if status >= 500 else StoreUnavailable
    return failed(f"The picture store answered with an error ({status}).")
