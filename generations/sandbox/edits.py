"""POST /v1/images/edits: one picture in, changed pictures out."""

import re
from typing import Any

from generations.sandbox.exchange import Exchange
from generations.sandbox.fields import (
    Complaint,
    Field,
    anything,
    check_fields,
    is_text,
    one_of,
    read_body,
    whole_number,
)
from generations.sandbox.order import FIELDS as ORDER_FIELDS
from generations.sandbox.order import Order, find_model, order_from
from generations.sandbox.problems import ApiError
from generations.sandbox.retouch import Change, read_given

OPERATIONS = ("edit", "inpaint", "outpaint", "mix", "reframe", "upscale", "remove_background")
NEEDS_PROMPT = frozenset({"edit", "outpaint", "mix"})
FACTOR = re.compile(r"x?([1-4](?:\.\d+)?)x?\Z")


def is_picture(value: Any) -> tuple[str, str, dict[str, Any]] | None:
    if isinstance(value, str) or (isinstance(value, dict) and isinstance(value.get("url"), str)):
        return None
    return "string_type", "Input should be a valid string", {}


def are_pictures(value: Any) -> tuple[str, str, dict[str, Any]] | None:
    if not isinstance(value, list):
        return "list_type", "Input should be a valid list", {}
    return next((wrong for one in value if (wrong := is_picture(one))), None)


FIELDS = {
    "model": Field(is_text, is_required=True, is_nullable=False),
    "image": Field(is_picture, is_required=True, is_nullable=False),
    "prompt": Field(is_text, default=""),
    "operation": Field(one_of(*OPERATIONS), default="edit"),
    "mask": Field(is_picture),
    "reference_images": Field(are_pictures),
    "n": Field(whole_number(least=1, most=10), default=1),
    "size": Field(is_text, default="auto"),
    "response_format": Field(one_of("url", "b64_json"), default="url"),
    "background": Field(is_text),
    "upscale_factor": Field(is_text),
    "quality_tier": Field(is_text),
    "aspect_ratio": Field(is_text),
    "resolution": Field(is_text),
    "expand_factor": Field(anything),
    "mask_feather": Field(whole_number(least=0, most=1000)),
}


def read_edit(exchange: Exchange) -> tuple[Order, Change]:
    """Raises the 422 of the framework or the provider's 400."""
    values = check_fields(read_body(exchange.request.body), FIELDS)
    model, operation = find_model(values["model"]), values["operation"]
    if not model.can_edit:
        raise ApiError(501, f"{model.id} does not support {operation}.")
    if operation in NEEDS_PROMPT and not values["prompt"].strip():
        raise ApiError(400, f"A prompt is required to {operation}.", details=_field("prompt"))
    for extra in (values["mask"], *(values["reference_images"] or [])):
        if extra is not None:
            read_given(extra)
    change = Change(read_given(values["image"]), operation, _factor(values["upscale_factor"]))
    usual = {name: field.default for name, field in ORDER_FIELDS.items()}
    wanted = {name: values[name] for name in ("model", "n", "size", "response_format")}
    wanted |= {name: values[name] for name in ("aspect_ratio", "resolution")}
    prompt = values["prompt"].strip() or operation.replace("_", " ")
    return order_from(usual | wanted | {"prompt": prompt}), change


def _factor(said: str | None) -> float:
    if said is None:
        return 2.0
    match = FACTOR.match(said.lower())
    if match is None:
        raise ApiError(400, f"'{said[:20]}' is no factor.", details=_field("upscale_factor"))
    return float(match[1])


def _field(name: str) -> list[Complaint]:
    return [{"field": name}]
