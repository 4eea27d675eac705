"""Values that no careful provider would send."""

from typing import Any

from generations.sandbox.directives import Wishes

HTML_WORDS = '<b onclick="alert(1)">A fox</b><script>alert(1)</script> &amp; <img src=x onerror=a>'
BIDI_WORDS = "A fox \u202egnp.exe\u202c in \u2067snow\u2069\u200b"
HUGE_CHARS = 5_000_000
HUGE_MESSAGE_CHARS = 1_000_000
REVISED = {
    "html": HTML_WORDS,
    "nul": "A fox\x00 in\x07 snow\x1b[31m",
    "huge": "A very long fox. ",
    "bidi": BIDI_WORDS,
    "none": "",
}
USAGE: dict[str, Any] = {
    "negative": {"prompt_tokens": -5, "completion_tokens": -1056, "total_tokens": -1061},
    "huge": {"prompt_tokens": 10**30, "completion_tokens": 10**30, "total_tokens": 2 * 10**30},
    "float": {"prompt_tokens": 12.5, "completion_tokens": 1056.25, "total_tokens": 1068.75},
    "text": {"prompt_tokens": "12", "completion_tokens": "many", "total_tokens": None},
    "none": None,
}


def nasty_revised(kind: str) -> str:
    text = REVISED[kind]
    return text * (HUGE_CHARS // len(text)) if kind == "huge" else text


def nasty_error(kind: str, said: dict[str, Any]) -> Any:
    """What stands under `error` instead of the usual object."""
    shapes: dict[str, Any] = {
        "string": said["message"],
        "list": [said, said],
        "nested": {"error": {"error": said}},
        "html": said | {"message": HTML_WORDS},
        "huge": said | {"message": "x" * HUGE_MESSAGE_CHARS},
        "bidi": said | {"message": BIDI_WORDS},
    }
    return shapes[kind]


def spoil(payload: dict[str, Any], wishes: Wishes) -> dict[str, Any]:
    """The answer's fields, with those that a directive spoils."""
    spoiled = dict(payload)
    if "usage" in wishes:
        spoiled.pop("usage", None)
        if (usage := USAGE[wishes.text("usage")]) is not None:
            spoiled["usage"] = usage
    if "created" in wishes:
        spoiled["created"] = int(wishes.text("created"))
    if "no_data" in wishes:
        del spoiled["data"]
    return spoiled
