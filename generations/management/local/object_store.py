"""The private S3 server of `run --with-s3`, its keys and its bucket."""

from dataclasses import dataclass, field
from pathlib import Path

from generations.management.local.private_files import kept_secret
from generations.management.local.seaweedfs import Seaweed

BUCKET = "meshgallery"
ACCESS_KEY = "meshgallery"


@dataclass
class ObjectStore:
    var_dir: Path
    server: Seaweed = field(init=False)
    secret_key: str = field(init=False)

    def __post_init__(self) -> None:
        self.secret_key = kept_secret(self.var_dir / "s3_secret_key", length=30)
        self.server = Seaweed(self.var_dir / "seaweedfs", ACCESS_KEY, self.secret_key)

    def start(self) -> dict[str, str]:
        """The settings with which the application reaches it."""
        url = self.server.start()
        make_bucket(url, self.secret_key)
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


def make_bucket(url: str, secret_key: str) -> None:
    import boto3  # 0.3 s that a start without --with-s3 needn't spend
    from botocore.config import Config
    from botocore.exceptions import ClientError

    client = boto3.client(
        "s3",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=secret_key,
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
    )
    try:
        client.head_bucket(Bucket=BUCKET)
    except ClientError:
        client.create_bucket(Bucket=BUCKET)
