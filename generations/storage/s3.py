"""Pictures in a bucket of any S3-compatible store."""

import base64
import hashlib
import secrets
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, BinaryIO

from generations.storage.base import (
    CHUNK_BYTES,
    KeyTaken,
    Listed,
    Missing,
    ObjectInfo,
    OutOfRange,
    Source,
    StoredObject,
    StoreUnavailable,
    checked_digest,
    checked_key,
    checked_prefix,
    disposition,
    length_within,
    opened,
)
from generations.storage.s3_client import (
    Clients,
    Conflicted,
    Failing,
    S3Settings,
    Unsupported,
    translated,
)
from generations.storage.signing import Place, signed_get

# Where a store doesn't hand its checksums back, this tells what we sent.
DIGEST_METADATA = "sha256"
TRIES = 6
PAUSE_SECONDS = 0.05


class S3Store:
    """One bucket. Objects are written once, with their SHA-256 checked by the store itself."""

    def __init__(self, where: S3Settings) -> None:
        self.where = where
        self._bucket = where.bucket
        self._region = where.region or "us-east-1"
        self._clients = Clients(where)
        endpoint = where.public_endpoint_url or where.endpoint_url
        self._public = Place(
            endpoint or f"https://s3.{self._region}.amazonaws.com", self._bucket, self._region
        )
        self._can_refuse = True

    def put_new(self, key: str, source: Source, *, sha256: str, content_type: str) -> bool:
        checked_key(key)
        checked_digest(sha256)
        with opened(source) as body:
            for attempt in range(TRIES):
                try:
                    is_new = self._put(key, body, sha256=sha256, content_type=content_type)
                except Failing:
                    # boto3 asks again too, but not after a hundred failures of any requests.
                    if attempt + 1 == TRIES:
                        raise
                    is_new = None
                if is_new is not None:
                    return is_new
                time.sleep(PAUSE_SECONDS * 2**attempt)
        raise StoreUnavailable("The picture store can't decide between several writers.")

    def _put(self, key: str, body: BinaryIO, *, sha256: str, content_type: str) -> bool | None:
        """As `put_new`; None when two writers are at it at once, and neither is done."""
        if self._is_written(key, body, sha256=sha256, content_type=content_type):
            return True
        there = self._digest_of(key)
        if there and there != sha256:
            raise KeyTaken("other bytes are under this key")
        return False if there else None

    def open(self, key: str, *, start: int = 0, length: int | None = None) -> StoredObject:
        if start == 0 and length is None:
            return self._opened(key, {})
        if length == 0 or start < 0:
            return self._nothing(key, start=start, length=length)
        last = "" if length is None else str(start + length - 1)
        try:
            return self._opened(key, {"Range": f"bytes={start}-{last}"})
        except OutOfRange:
            return self._nothing(key, start=start, length=length)

    def head(self, key: str) -> ObjectInfo | None:
        try:
            with translated():
                answer = self._clients.data.head_object(
                    Bucket=self._bucket, Key=checked_key(key), ChecksumMode="ENABLED"
                )
        except Missing:
            return None
        return ObjectInfo(size=int(answer["ContentLength"]), sha256=_digest_in(answer))

    def delete(self, key: str) -> None:
        with translated():
            self._clients.data.delete_object(Bucket=self._bucket, Key=checked_key(key))

    def listing(self, prefix: str = "") -> Iterator[Listed]:
        return self._listing(checked_prefix(prefix))

    def keys(self, prefix: str = "") -> Iterator[str]:
        return (found.key for found in self.listing(prefix))

    def _listing(self, prefix: str) -> Iterator[Listed]:
        with translated():
            pages = self._clients.data.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self._bucket, Prefix=prefix):
                for found in page.get("Contents", ()):
                    yield Listed(str(found["Key"]), int(found["Size"]), found["LastModified"])

    def signed_url(
        self,
        key: str,
        *,
        seconds: int,
        content_type: str,
        filename: str = "",
        attachment: bool = False,
    ) -> str:
        return signed_get(
            self._public,
            checked_key(key),
            credentials=self._clients.credentials(),
            seconds=seconds,
            now=datetime.now(UTC),
            response={
                "response-content-type": content_type,
                "response-content-disposition": disposition(filename, attachment=attachment),
            },
        )

    def check(self) -> None:
        """Reaches the bucket with our key, in one quick request that leaves nothing behind."""
        try:
            with translated():
                self._clients.quick.head_bucket(Bucket=self._bucket)
        except Missing as error:
            raise StoreUnavailable("The picture store has no such bucket.") from error

    def ensure_bucket(self) -> None:
        """Makes the bucket if it isn't there; for a store of our own."""
        try:
            with translated():
                self._clients.data.head_bucket(Bucket=self._bucket)
            return
        except Missing:
            pass
        with translated():
            self._clients.data.create_bucket(Bucket=self._bucket, **self._placement())

    def refuses_to_replace(self) -> bool:
        """Whether the store keeps `If-None-Match`: some ignore it and overwrite. Writes twice."""
        key = f"check/{secrets.token_hex(8)}"
        try:
            for content in (b"first", b"second"):
                digest = hashlib.sha256(content).hexdigest()
                self.put_new(key, content, sha256=digest, content_type="text/plain")
        except KeyTaken:
            return self._can_refuse
        finally:
            self.delete(key)
        return False

    def _placement(self) -> dict[str, Any]:
        if self._region == "us-east-1":  # the only one that may not be named
            return {}
        return {"CreateBucketConfiguration": {"LocationConstraint": self._region}}

    def _is_written(self, key: str, body: BinaryIO, *, sha256: str, content_type: str) -> bool:
        """False: something is there, or another writer is at it."""
        if not self._can_refuse and self.head(key):
            return False
        body.seek(0)
        try:
            with translated():
                self._clients.data.put_object(
                    Bucket=self._bucket,
                    Key=key,
                    Body=body,
                    ContentType=content_type,
                    ChecksumSHA256=base64.b64encode(bytes.fromhex(sha256)).decode(),
                    Metadata={DIGEST_METADATA: sha256},
                    **({"IfNoneMatch": "*"} if self._can_refuse else {}),
                )
        except (KeyTaken, Conflicted):
            return False
        except Unsupported as error:
            if not self._can_refuse:
                raise StoreUnavailable("The picture store doesn't take our checksums.") from error
            # Looking first is safe enough: a key holds the attempt's id and the bytes' digest.
            self._can_refuse = False
            return self._is_written(key, body, sha256=sha256, content_type=content_type)
        return True

    def _digest_of(self, key: str) -> str | None:
        """None if nothing is there. Reads the object where the store knows no digest."""
        info = self.head(key)
        if info is None or info.sha256:
            return info.sha256 if info else None
        digest = hashlib.sha256()
        for chunk in self.open(key).chunks:
            digest.update(chunk)
        return digest.hexdigest()

    def _opened(self, key: str, extra: dict[str, str]) -> StoredObject:
        with translated():
            answer = self._clients.data.get_object(
                Bucket=self._bucket, Key=checked_key(key), **extra
            )
        length = int(answer["ContentLength"])
        size = int(answer.get("ContentRange", f"/{length}").rpartition("/")[2])
        return StoredObject(size=size, length=length, chunks=_chunks(answer["Body"], length))

    def _nothing(self, key: str, *, start: int, length: int | None) -> StoredObject:
        """No bytes of an object that is there; raises where the range is outside it."""
        info = self.head(key)
        if info is None:
            raise Missing("no such object")
        length_within(info.size, start=start, length=length)
        return StoredObject(size=info.size, length=0, chunks=iter(()))


def _chunks(body: Any, wanted: int) -> Iterator[bytes]:
    """Gives the connection back when read to the end, drops it otherwise."""
    try:
        with translated():
            for chunk in body.iter_chunks(CHUNK_BYTES):
                wanted -= len(chunk)
                yield chunk
        if wanted:
            raise StoreUnavailable("The picture store stopped in the middle of a picture.")
    finally:
        body.close()


def _digest_in(answer: Any) -> str | None:
    checksum = answer.get("ChecksumSHA256", "")
    if checksum and "-" not in checksum:  # with a dash it is made from parts
        return base64.b64decode(checksum).hex()
    noted = answer.get("Metadata", {}).get(DIGEST_METADATA)
    return str(noted) if noted else None
