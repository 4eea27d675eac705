"""Words from outside, made fit to store and to show."""

import html
import re
import unicodedata

MESSAGE_CHARS = 500
REVISED_PROMPT_CHARS = 20_000
TOKEN_CHARS = 200

_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_UNSEEN_BLOCKS = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)", re.I | re.S)
_INLINE_TAGS = re.compile(r"</?(?:a|b|code|em|i|span|strong|u)\b[^<>]*>", re.I)
_TAGS = re.compile(r"</?[a-zA-Z!][^<>]*>")
_KEYS = re.compile(r"\b(?:rsk_|sk-)[\w*.-]{4,}|(?<=Bearer )\S+")
_NOT_TOKEN = re.compile(r"[^\x21-\x7e]")


def clean_text(value: object, *, max_chars: int) -> str:
    """Text that a database takes: no control characters but tab and newline, no lone surrogates."""
    if not isinstance(value, str):
        return ""
    text = value[: max_chars * 2].replace("\r\n", "\n").replace("\r", "\n")
    return _UNPRINTABLE.sub("", text)[:max_chars]


def clean_revised_prompt(value: object) -> str:
    return clean_text(value, max_chars=REVISED_PROMPT_CHARS)


def clean_message(value: object) -> str:
    """The provider's words on one line: no markup, no direction tricks, nothing like a key."""
    if not isinstance(value, str):
        return ""
    text = value[: MESSAGE_CHARS * 20]
    text = _without_markup(html.unescape(_without_markup(text)))
    text = _BIDI.sub("", _KEYS.sub("[key]", text))
    text = "".join(" " if unicodedata.category(char) in _BLANK else char for char in text)
    return " ".join(_UNPRINTABLE.sub("", text).split())[:MESSAGE_CHARS].strip()


_BLANK = frozenset({"Cc", "Zl", "Zp", "Zs"})


def clean_token(value: object, *, max_chars: int = TOKEN_CHARS) -> str:
    """An identifier from a header or a body: printable ASCII, cut."""
    if not isinstance(value, str):
        return ""
    return _NOT_TOKEN.sub("", value[: max_chars * 4])[:max_chars]


def _without_markup(text: str) -> str:
    # Many stray "<script" make the search for their end quadratic: the cut before bounds it.
    return _TAGS.sub(" ", _INLINE_TAGS.sub("", _UNSEEN_BLOCKS.sub(" ", text)))
