"""What the objects of one answer say, gathered as they come."""

from collections.abc import Mapping
from typing import Any

from generations.mesh.errors import EmptyAnswer, MeshError
from generations.mesh.items import created_from, is_partial, item_from, usage_from
from generations.mesh.refusals import error_from_frame
from generations.mesh.text import clean_token
from generations.mesh.types import Answer, AnswerHead, ImageEvent, Item, Usage

MAX_ITEMS = 20  # ten may be asked for; what comes beyond twice that is not an answer
MAX_PREVIEWS = 10


def is_error_status(status: int) -> bool:
    return not 200 <= status < 300


class Findings:
    def __init__(self, head: AnswerHead) -> None:
        self.head = head
        self.items: list[Item] = []
        self.previews: list[Item] = []
        self.usage: Usage | None = None
        self.created: int | None = None
        self.words: dict[str, str] = {}
        self.request_id = head.request_id
        self.error: MeshError | None = None
        self.error_body: object = None
        self.flags: set[str] = set()

    def add(self, body: Mapping[str, Any], *, event: str = "") -> list[ImageEvent]:
        self._read_words(body)
        self.read_usage(body)
        if body.get("error") or "error" in (event, body.get("type")):
            self._read_error(body)
            return []
        raw_items = _raw_items(body)
        if is_partial(body, event):
            previews = [item_from(raw, len(self.items)) for raw in raw_items]
            return [self._preview(item) for item in previews] or [ImageEvent("processing")]
        self._add_items(raw_items)
        return [] if self.items else [ImageEvent("processing")]

    def answer(self, error: MeshError | None) -> Answer:
        if self.items and not any(item.is_usable for item in self.items) and error is None:
            code = self.items[0].problem or "no_picture"
            error = EmptyAnswer(code, status=self.head.status, request_id=self.request_id)
        return Answer(
            items=tuple(self.items),
            previews=tuple(self.previews),
            usage=self.usage,
            created=self.created,
            request_id=self.request_id,
            error=error,
            flags=frozenset(self.flags),
            **self.words,
        )

    def read_usage(self, body: Mapping[str, Any]) -> None:
        usage, is_odd = usage_from(body.get("usage"))
        self.usage = usage or self.usage
        self.flags |= {"usage_odd"} if is_odd else set()

    def _read_error(self, body: Mapping[str, Any]) -> None:
        self.error_body = self.error_body or body
        if self.items:
            self.flags.add("error_after_image")
        elif self.error is None and not is_error_status(self.head.status):
            self.error = error_from_frame(self.head, body, work_began=bool(self.previews))

    def _read_words(self, body: Mapping[str, Any]) -> None:
        if body.get("created") is not None:
            created = created_from(body["created"])
            self.created = created or self.created
            self.flags |= {"created_odd"} if created is None else set()
        for name in ("model", "background", "output_format", "quality", "size"):
            word = clean_token(body.get(name))
            if word:
                self.words[name] = word
        self.request_id = self.request_id or clean_token(body.get("request_id"))

    def _preview(self, item: Item) -> ImageEvent:
        self.previews = [*self.previews, item][-MAX_PREVIEWS:]
        return ImageEvent("partial", preview=item)

    def _add_items(self, raw_items: list[object]) -> None:
        earlier = {(item.content, item.url) for item in self.items if item.is_usable}
        for raw in raw_items:
            if len(self.items) >= MAX_ITEMS:
                self.flags.add("items_dropped")
                return
            item = item_from(raw, len(self.items))
            if (item.content, item.url) in earlier:  # a final frame that says it all once more
                self.flags.add("repeated_item")
            else:
                self.items.append(item)


def _raw_items(body: Mapping[str, Any]) -> list[object]:
    data = body.get("data")
    if isinstance(data, list):
        return data
    if isinstance(data, Mapping):
        return [data]
    # OpenAI's own events carry the picture in the frame itself.
    return [body] if body.get("b64_json") or body.get("url") else []
