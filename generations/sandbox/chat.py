"""POST /v1/chat/completions: pictures from picture models, a set phrase from the others."""

import secrets
import time
from typing import Any

from generations.sandbox.answer import Answer, Drawn
from generations.sandbox.catalogue import BY_ID, ImageModel
from generations.sandbox.exchange import Exchange
from generations.sandbox.fields import Field, check_fields, is_mapping, is_text, read_body
from generations.sandbox.order import FIELDS as ORDER_FIELDS
from generations.sandbox.order import Order, order_from
from generations.sandbox.problems import ApiError
from generations.sandbox.wording import CHARS_PER_TOKEN

CHAT_SIZE = "1024x1024"
OPTIONS = ("n", "size", "quality", "response_format")
IMAGE_FIELDS = {name: ORDER_FIELDS[name] for name in OPTIONS}
SET_PHRASE = "This is the sandbox: it draws pictures, but it has nothing to say."


def are_messages(value: Any) -> tuple[str, str, dict[str, Any]] | None:
    if not isinstance(value, list) or not value:
        return "list_type", "Input should be a valid list", {}
    if all(isinstance(one, dict) and "role" in one and "content" in one for one in value):
        return None
    return "model_attributes_type", "Every message needs a role and content", {}


FIELDS = {
    "model": Field(is_text, is_required=True, is_nullable=False),
    "messages": Field(are_messages, is_required=True, is_nullable=False),
    "image": Field(is_mapping, default={}),
}


class ChatAnswer(Answer):
    """The same pictures in the message of a chat."""

    def payload(self, drawn: list[Drawn]) -> dict[str, Any]:
        plain = super().payload(drawn)
        images = [
            {"type": "image_url", "image_url": {"url": _address(item)}}
            for item in plain.get("data", [])
        ]
        words = " ".join(item.get("revised_prompt", "") for item in plain.get("data", []))
        message = {"role": "assistant", "content": words.strip(), "images": images}
        return completion(self.model_id, message, usage=plain.get("usage"))


def completion(
    model_id: str, message: dict[str, Any], *, usage: dict[str, Any] | None
) -> dict[str, Any]:
    said: dict[str, Any] = {
        "id": f"chatcmpl-{secrets.token_hex(12)}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": model_id,
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
    }
    return said | ({"usage": usage} if usage else {})


def read_chat(exchange: Exchange) -> Order | dict[str, Any]:
    """An order for pictures, or the whole answer where the model makes none."""
    values = check_fields(read_body(exchange.request.body), FIELDS)
    prompt = last_words(values["messages"])
    model = BY_ID.get(values["model"])
    if model is None:
        message = f"The model '{values['model'][:100]}' does not exist."
        raise ApiError(404, message, code="model_not_found")
    if not isinstance(model, ImageModel):
        return _set_phrase(model.id, prompt)
    usual = {name: field.default for name, field in ORDER_FIELDS.items()}
    wanted = check_fields(values["image"], IMAGE_FIELDS)
    if "size" not in values["image"] and CHAT_SIZE in model.sizes:
        wanted["size"] = CHAT_SIZE
    return order_from(usual | wanted | {"model": model.id, "prompt": prompt})


def last_words(messages: list[dict[str, Any]]) -> str:
    """The text of the last message of a person's."""
    content = next((m["content"] for m in reversed(messages) if m["role"] == "user"), "")
    if isinstance(content, str):
        return content
    parts = [part for part in content if isinstance(part, dict) and part.get("type") == "text"]
    return " ".join(str(part.get("text", "")) for part in parts)


def _set_phrase(model_id: str, prompt: str) -> dict[str, Any]:
    asked, said = (-(-len(text) // CHARS_PER_TOKEN) for text in (prompt, SET_PHRASE))
    counts = {"prompt_tokens": asked, "completion_tokens": said, "total_tokens": asked + said}
    message = {"role": "assistant", "content": SET_PHRASE}
    return completion(model_id, message, usage=counts)


def _address(item: dict[str, Any]) -> str:
    encoded = item.get("b64_json")
    return f"data:image/png;base64,{encoded}" if encoded else str(item.get("url", ""))
