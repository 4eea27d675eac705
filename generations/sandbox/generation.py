"""POST /v1/images/generations: from the order to the last byte of its answer."""

import asyncio
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from generations.sandbox import refusals
from generations.sandbox.answer import Answer, Drawn
from generations.sandbox.chat import ChatAnswer, read_chat
from generations.sandbox.delivery import Delivery, Ended
from generations.sandbox.directives import Wishes, read_wishes
from generations.sandbox.edits import read_edit
from generations.sandbox.exchange import Exchange
from generations.sandbox.frames import BOM, DONE, JUNK, LOOSE_DONE, PING, FrameWriter
from generations.sandbox.keys import check_key
from generations.sandbox.ledger import Call, Ledger
from generations.sandbox.order import Order, read_order
from generations.sandbox.problems import MESSAGES, ApiError
from generations.sandbox.splice import Segments, joined
from generations.sandbox.wire import Gone

PING_SECONDS = 1.0
PIECE_OF_LONG_LINE = b"x" * 1_000_000
EVENTS_PER_WRITE = 1_000
JSON_TYPE = [("content-type", "application/json")]
STREAM_TYPE = [
    ("content-type", "text/event-stream; charset=utf-8"),
    ("cache-control", "no-cache"),
]


async def generate(exchange: Exchange) -> None:
    with billing(exchange) as call:
        check_key(exchange.request)
        order = read_order(exchange.request.body)
        wishes = _wishes(exchange, order)
        await fulfil(Answer(exchange, order, wishes), call)


async def edit(exchange: Exchange) -> None:
    with billing(exchange) as call:
        check_key(exchange.request)
        order, change = read_edit(exchange)
        wishes = _wishes(exchange, order)
        await fulfil(Answer(exchange, order, wishes, change), call)


async def chat(exchange: Exchange) -> None:
    with billing(exchange) as call:
        check_key(exchange.request)
        asked = read_chat(exchange)
        if isinstance(asked, dict):
            call.bill(images=0)
            await exchange.send_json(asked)
            call.end("answered")
            return
        await fulfil(ChatAnswer(exchange, asked, _wishes(exchange, asked)), call)


@contextmanager
def billing(exchange: Exchange) -> Iterator[Call]:
    """The ledger's line of one request, whichever way it ends."""
    call = exchange.house.ledger.open(
        request_id=exchange.request.header("x-request-id"), answered_as=exchange.request_id
    )
    try:
        yield call
    except ApiError:
        call.end("refused")
        raise
    except Gone:
        call.end("lost")
        raise


async def fulfil(answer: Answer, call: Call) -> None:
    """The answer to an order that is in order; the bill is written before it begins."""
    order, wishes = answer.order, answer.wishes
    if refusals.is_billed(wishes):
        call.bill(images=order.n)
    is_refused = refusals.is_refused(wishes)
    is_stream = (order.is_stream or "sse" in wishes) and "json" not in wishes
    delivery = Delivery(answer.exchange, wishes, is_stream=is_stream and not is_refused)
    if is_refused:
        await refusals.refuse(delivery)
    else:
        await Generation(delivery, answer).send()
    call.end("refused" if is_refused else "answered")


def _wishes(exchange: Exchange, order: Order) -> Wishes:
    wishes = read_wishes(order.prompt)
    spared = _is_spared(wishes, exchange.house.ledger, order.prompt)
    return wishes.without_faults() if spared else wishes


def _is_spared(wishes: Wishes, ledger: Ledger, prompt: str) -> bool:
    """Whether the faults ordered don't hit this request."""
    if "times" in wishes:
        return ledger.times_seen(prompt) > wishes.count("times")
    if "until" in wishes:
        return time.time() >= wishes.number("until")
    if "rate" in wishes:
        count, seconds = wishes.text("rate").split("/")
        return ledger.lets_in(int(count), seconds=int(seconds))
    return False


class Generation:
    """Drawing and answering at the same time, as a real one does."""

    def __init__(self, delivery: Delivery, answer: Answer) -> None:
        self._delivery = delivery
        self._wishes = delivery.wishes
        self._order = answer.order
        self._answer = answer
        self._clock = asyncio.get_running_loop()
        self._start = self._clock.time()
        self._seconds = self._takes()
        self._frames = FrameWriter(delivery.wishes, self._answer.splicer)

    def _takes(self) -> float:
        if "slow" in self._wishes:
            return self._wishes.number("slow")
        least, most = self._order.model.seconds
        usual = random.uniform(least, most)  # noqa: S311 how long it takes is no secret
        return self._delivery.exchange.house.seconds(usual)

    async def send(self) -> None:
        drawing = asyncio.create_task(self._answer.draw())
        try:
            if self._delivery.breaks_at("request"):
                await self._sleep_until(self._wishes.number("slow"))
            if self._delivery.is_stream:
                await self._stream(drawing)
            else:
                await self._send_json(drawing)
        finally:
            drawing.cancel()

    async def _send_json(self, drawing: asyncio.Task[list[Drawn]]) -> None:
        await self._delivery.reach("request")
        await self._sleep_until(self._seconds)
        if "error_frame" in self._wishes:
            body = self._answer.splicer.segments(self._error())
        else:
            body = self._answer.splicer.segments(self._answer.payload(await drawing))
        await self._delivery.send_whole(self._maybe_malformed(body), headers=JSON_TYPE)

    async def _stream(self, drawing: asyncio.Task[list[Drawn]]) -> None:
        delivery = self._delivery
        await delivery.open(headers=STREAM_TYPE)
        await self._send_opening()
        await delivery.reach("processing")
        await self._keep_alive(drawing)
        if "error_frame" in self._wishes:
            await self._send(self._frames.frame(self._error(), kind="error"))
        else:
            result = self._frames.frame(self._answer.result(await drawing), kind="completed")
            await delivery.send(self._maybe_malformed(result))
            await delivery.reach("after_image")
        await self._send_ending(drawing)
        await delivery.finish()

    async def _send_opening(self) -> None:
        if "bom" in self._wishes:
            await self._send([BOM])
        if "done_first" in self._wishes:
            await self._send(self._frames.raw(DONE))
        for _ in range(self._wishes.count("events") // EVENTS_PER_WRITE):
            await self._send(self._frames.raw(b"data:\n\n" * EVENTS_PER_WRITE))
        await self._send(self._frames.frame(self._answer.processing(), kind="processing"))
        await self._send_junk()
        if "long_line" in self._wishes:
            await self._send([b"data: "])
            for _ in range(self._wishes.count("long_line")):
                await self._send([PIECE_OF_LONG_LINE])
            self._delivery.exchange.connection.close()
            raise Ended

    async def _send_junk(self) -> None:
        if "junk" in self._wishes:
            await self._send([JUNK])

    async def _keep_alive(self, drawing: asyncio.Task[list[Drawn]]) -> None:
        """Pings, and previews in between, until it is time and the pictures are there."""
        if "pings" in self._wishes:
            await self._ping_for_ever(max(self._wishes.number("pings"), 0.001))
        previews = self._order.previews
        for index in range(previews):
            preview = asyncio.ensure_future(self._answer.draw_preview())
            await self._ping_until(self._seconds * (index + 1) / (previews + 1), preview)
            shown = self._answer.preview(await preview, index)
            await self._send(self._frames.frame(shown, kind="partial_image"))
        await self._ping_until(self._seconds, drawing)
        await self._send_junk()

    async def _ping_until(self, offset: float, work: "asyncio.Future[Any]") -> None:
        """Until `offset` seconds from the start, or the work's end if that is later."""
        while True:
            left = self._start + offset - self._clock.time()
            if left <= 0 and work.done():
                return
            if left > 0:
                await asyncio.sleep(min(left, PING_SECONDS))
            else:
                await asyncio.wait([work], timeout=PING_SECONDS)
            if self._start + offset - self._clock.time() > 0 or not work.done():
                await self._send(self._frames.raw(PING))

    async def _ping_for_ever(self, interval: float) -> None:
        while True:
            await self._send(self._frames.raw(PING))
            await asyncio.sleep(interval)

    async def _send_ending(self, drawing: asyncio.Task[list[Drawn]]) -> None:
        if self._wishes.text("cut") == "no_done":
            return
        done = LOOSE_DONE * 2 if "done_twice" in self._wishes else DONE
        await self._send(self._frames.raw(done))
        if "after_done" in self._wishes:
            again = self._answer.result(await drawing)
            await self._send(self._frames.frame(again, kind="completed"))

    async def _send(self, body: Segments) -> None:
        await self._delivery.send(body, breaks=False)

    async def _sleep_until(self, offset: float) -> None:
        await asyncio.sleep(max(0.0, self._start + offset - self._clock.time()))

    def _error(self) -> dict[str, object]:
        code = self._wishes.text("error_frame")
        wait = refusals.wait_in_body(self._wishes)
        error = ApiError(500, MESSAGES[500], code=code, retry_after_seconds=wait)
        return refusals.error_body(error, self._delivery)

    def _maybe_malformed(self, body: Segments) -> Segments:
        """Broken where the pictures begin, so that nothing after it can be read."""
        if "malformed" not in self._wishes:
            return body
        return [joined(body).replace(b'"data": ', b'"data" ', 1)]
