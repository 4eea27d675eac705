"""One request on its connection, and the rooms of the house it may use."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from generations.sandbox.ledger import Ledger
from generations.sandbox.problems import ApiError
from generations.sandbox.storeroom import Storeroom
from generations.sandbox.studio import Studio
from generations.sandbox.wire import Channel, Connection, Request

Headers = Sequence[tuple[str, str]]


@dataclass
class House:
    """What all requests share."""

    studio: Studio
    speed: float = 1.0
    ledger: Ledger = field(default_factory=Ledger)
    storeroom: Storeroom = field(default_factory=Storeroom)

    def seconds(self, usual: float) -> float:
        """How long something usually takes, at our speed; at 0 as little as possible."""
        return usual / self.speed if self.speed > 0 else 0.0


@dataclass
class Exchange:
    house: House
    connection: Connection
    request: Request
    request_id: str = field(default_factory=lambda: f"req_{secrets.token_hex(12)}")
    ends_connection: bool = False

    @property
    def origin(self) -> str:
        """How the caller reaches us."""
        return f"http://{self.request.header('host') or '127.0.0.1'}"

    async def send_json(self, value: Any, *, status: int = 200, headers: Headers = ()) -> None:
        body = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
        typed = [("content-type", "application/json"), *headers]
        await self.send_bytes(body, status=status, headers=typed)

    async def send_error(self, error: ApiError, *, headers: Headers = ()) -> None:
        body = error.body(self.request_id)
        await self.send_json(body, status=error.status, headers=headers)

    async def send_bytes(self, body: bytes, *, status: int = 200, headers: Headers = ()) -> None:
        channel = Channel(self.connection, framing="length")
        length = ("content-length", str(len(body)))
        own = [("x-request-id", self.request_id), length, ("connection", self.connection_header)]
        await channel.send_head(status, [*headers, *own])
        if self.request.method != "HEAD":
            await channel.send([body])

    @property
    def connection_header(self) -> str:
        return "keep-alive" if self.request.keeps_alive and not self.ends_connection else "close"
