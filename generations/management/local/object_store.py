"""The private S3 server of `run --with-s3`, its keys and its bucket."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from generations.management.local.private_files import kept_secret
from generations.management.local.seaweedfs import Seaweed
from generations.storage.s3 import S3Settings, S3Store

BUCKET = "meshgallery"
ACCESS_KEY = "meshgallery"


@dataclass
class ObjectStore:
    var_dir: Path
    launching: Callable[[], AbstractContextManager[None]] = nullcontext
    server: Seaweed = field(init=False)
    secret_key: str = field(init=False)

    def __post_init__(self) -> None:
        self.secret_key = kept_secret(self.var_dir / "s3_secret_key", length=30)
        self.server = Seaweed(
            self.var_dir / "seaweedfs", ACCESS_KEY, self.secret_key, launching=self.launching
        )

    def start(self) -> dict[str, str]:
        """The settings with which the application reaches it."""
        url = self.server.start()
        S3Store(
            S3Settings(
                bucket=BUCKET,
                endpoint_url=url,
                public_endpoint_url=url,
                region="us-east-1",
                access_key_id=ACCESS_KEY,
                secret_access_key=self.secret_key,
            )
        ).ensure_bucket()
        return {
            "S3_BUCKET": BUCKET,
            "S3_ENDPOINT_URL": url,
            "S3_PUBLIC_ENDPOINT_URL": url,
            "S3_ACCESS_KEY_ID": ACCESS_KEY,
            "S3_SECRET_ACCESS_KEY": self.secret_key,
        }

    @property
    def is_running(self) -> bool:
        return self.server.is_running

    def stop(self) -> None:
        self.server.stop()
