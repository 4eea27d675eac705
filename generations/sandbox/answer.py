"""The pictures of one order, and the JSON they are handed over in."""

import asyncio
import secrets
import time
from dataclasses import dataclass
from typing import Any

from generations.sandbox.directives import Wishes
from generations.sandbox.exchange import Exchange
from generations.sandbox.nasty import nasty_revised, spoil
from generations.sandbox.order import Order
from generations.sandbox.retouch import Change
from generations.sandbox.splice import Splicer
from generations.sandbox.storeroom import Whims
from generations.sandbox.studio import Job, Picture
from generations.sandbox.wording import revised_prompt, usage

MAX_SEED = 2**31
PRIVATE_ADDRESS = "http://10.0.0.7/pictures/1.png"
UNITS = {"kB": 1000, "MB": 1_000_000}
ODD_FILES = (
    *("svg", "gif", "tiff", "html_image", "truncated_image", "bomb", "huge_dims", "animated"),
    *("cmyk", "deep", "exif", "polyglot"),
)
PREVIEW_SHRINKS = 4
BROKEN_BASE64 = "iVBORw0KGgo!!!not base64!!!"


@dataclass(frozen=True, slots=True)
class Drawn:
    picture: Picture
    seed: int


class Answer:
    """What one order gets back. Drawing begins with `draw`; the rest is words."""

    def __init__(
        self, exchange: Exchange, order: Order, wishes: Wishes, change: Change | None = None
    ) -> None:
        self.exchange = exchange
        self.order = order
        self.wishes = wishes
        self._change = change
        self.model_id = order.model.id
        self.splicer = Splicer()
        self.id = f"img-{secrets.token_hex(12)}"
        self.created = int(time.time())
        self.count = _count(order, wishes)
        first = secrets.randbelow(MAX_SEED) if order.seed is None else order.seed
        self._preview_seed = first
        fresh = order.seed is None
        self._seeds = [
            secrets.randbelow(MAX_SEED) if fresh and slot else (first + slot) % MAX_SEED
            for slot in range(self.count)
        ]

    async def draw(self) -> list[Drawn]:
        return list(await asyncio.gather(*(self._draw(seed) for seed in self._seeds)))

    async def _draw(self, seed: int) -> Drawn:
        studio = self.exchange.house.studio
        if "fixture" in self.wishes:
            return Drawn(await studio.fixture(_bytes_of(self.wishes.text("fixture"))), seed)
        return Drawn(await studio.draw(self._job(seed, self._size())), seed)

    async def draw_preview(self) -> Picture:
        width, height = self._size()
        small = (max(16, width // PREVIEW_SHRINKS), max(16, height // PREVIEW_SHRINKS))
        return await self.exchange.house.studio.draw(self._job(self._preview_seed, small))

    def _job(self, seed: int, size: tuple[int, int]) -> Job:
        order = self.order
        return Job(
            prompt=self.wishes.prompt,
            seed=seed,
            size=size,
            format=self.wishes.text("format") or order.output_format or order.model.default_format,
            compression=order.compression,
            is_transparent=order.background == "transparent",
            odd=_odd(self.wishes),
            is_unsafe="unsafe" in self.wishes,
            change=self._change,
        )

    def _size(self) -> tuple[int, int]:
        if "size" not in self.wishes:
            return self.order.size
        width, _, height = self.wishes.text("size").partition("x")
        return min(int(width), 2048), min(int(height), 2048)

    def payload(self, drawn: list[Drawn]) -> dict[str, Any]:
        """The body of a JSON answer."""
        items = [self._item(one) for one in drawn]
        return spoil({"created": self.created, "data": items} | self._extras(), self.wishes)

    def processing(self) -> dict[str, Any]:
        return self._chunk() | {"model": self.order.model.id, "data": [], "status": "processing"}

    def preview(self, picture: Picture, index: int) -> dict[str, Any]:
        shown = {"b64_json": self.splicer.stand_in(picture.encoded)}
        said = {"status": "partial", "partial_image_index": index, "data": [shown]}
        return self._chunk() | {"model": self.order.model.id} | said

    def result(self, drawn: list[Drawn]) -> dict[str, Any]:
        """The chunk of a stream that carries the pictures."""
        items = [self._item(one) for one in drawn]
        return spoil(self._chunk() | {"data": items} | self._extras(), self.wishes)

    def _chunk(self) -> dict[str, Any]:
        return {"id": self.id, "object": "image.chunk", "created": self.created}

    def _extras(self) -> dict[str, Any]:
        order = self.order
        found: dict[str, Any] = {}
        if order.model.gives == "data":
            found["background"] = "opaque" if order.background == "auto" else order.background
            found["output_format"] = order.output_format or order.model.default_format
            found["quality"] = "medium" if order.quality == "auto" else order.quality
            found["size"] = f"{order.size[0]}x{order.size[1]}"
        if order.model.has_usage:
            found["usage"] = usage(order, prompt=self.wishes.prompt, count=self.count)
        return found

    def _item(self, drawn: Drawn) -> dict[str, Any]:
        item = self._where(drawn.picture)
        if self.order.model.revises:
            item["revised_prompt"] = revised_prompt(self.wishes.prompt, seed=drawn.seed)
        if "revised" in self.wishes:
            item["revised_prompt"] = nasty_revised(self.wishes.text("revised"))
        return {name: value for name, value in item.items() if value}

    def _where(self, picture: Picture) -> dict[str, str]:
        wishes = self.wishes
        if "noitem" in wishes:
            return {}
        if "badb64" in wishes:
            return {"b64_json": BROKEN_BASE64}
        if "url" in wishes:
            return {"url": wishes.text("url")}
        if "url_private" in wishes:
            return {"url": PRIVATE_ADDRESS}
        how = self._how()
        if how == "b64":
            return {"b64_json": self.splicer.stand_in(picture.encoded)}
        if how == "data":
            opening = f"data:{picture.mime};base64,".encode()
            return {"url": self.splicer.stand_in(opening, picture.encoded)}
        path = self.exchange.house.storeroom.keep(picture, _whims(wishes))
        return {"url": self.exchange.origin + path}

    def _how(self) -> str:
        if "as" in self.wishes:
            return self.wishes.text("as")
        if any(name.startswith("url_") for name in self.wishes.values):
            return "url"
        return "b64" if self.order.response_format == "b64_json" else self.order.model.gives


def _count(order: Order, wishes: Wishes) -> int:
    if "empty" in wishes or "error_frame" in wishes:
        return 0
    if "fewer" in wishes:
        return order.n - 1
    return order.n + min(wishes.count("more"), 40)


def _odd(wishes: Wishes) -> str:
    kind = next((name for name in ODD_FILES if name in wishes), "")
    return f"animated={wishes.text('animated')}" if kind == "animated" else kind


def _bytes_of(text: str) -> int:
    return round(float(text[:-2]) * UNITS[text[-2:]])


def _whims(wishes: Wishes) -> Whims:
    whims = Whims(
        not_found=wishes.count("url_404"),
        failing=wishes.count("url_500"),
        resetting=wishes.count("url_rst"),
        expired_status=wishes.count("url_expired"),
        redirect=wishes.text("url_redirect"),
        seconds=wishes.number("url_slow"),
        hangs="url_hang" in wishes,
    )
    if "url_expires" in wishes:
        whims.life_seconds = wishes.number("url_expires")
    return whims
