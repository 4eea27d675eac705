"""A download in a test: names are looked up here, and every public address leads to loopback."""

import ssl
from collections.abc import Sequence

from generations.mesh import Downloaded, Limits, download
from tests.mesh.server import CERTIFICATE, whole
from tests.mesh.streams import PICTURE

PUBLIC = "93.184.216.34"
HOST = "pictures.example"
URL = f"https://{HOST}/a.png?sig=1"
QUICK = Limits(connect_seconds=1, first_byte_seconds=1, silence_seconds=1, deadline_seconds=0.5)
TLS = ssl.create_default_context(cafile=CERTIFICATE)


class Resolver:
    """Answers in turn, the last one for ever; counts the look-ups."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, int]] = []

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append((host, port))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def fetched(
    url: str,
    *,
    trusted_origin: str = "",
    allowed_hosts: Sequence[str] = (),
    max_bytes: int = 10_000_000,
    limits: Limits = QUICK,
    resolver: Resolver | None = None,
) -> tuple[Downloaded, bytes]:
    body: list[bytes] = []
    found = download(
        url,
        sink=body.append,
        trusted_origin=trusted_origin,
        allowed_hosts=allowed_hosts,
        max_bytes=max_bytes,
        limits=limits,
        resolver=resolver,
        ssl_context=TLS,
    )
    return found, b"".join(body)


def picture(*headers: str) -> bytes:
    return whole(PICTURE, *headers, kind="image/png")
