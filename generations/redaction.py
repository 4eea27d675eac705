"""What a log may hold: no secrets, no pictures, no line that somebody else began."""

import logging
import re
from types import TracebackType

GONE = "[redacted]"
MOST = 20_000
_NAMES = "key|token|secret|password|passwd|signature|sig|credential|sessionid"

# In this order: without long runs the later ones can't take long.
_PATTERNS = (
    (re.compile(r"data:[\w.+/-]{0,60};base64,[\w+/=%-]*", re.A), f"data:{GONE}"),
    (re.compile(r"[\w+/-]{200,}={0,2}", re.A), GONE),
    (re.compile(r"(/s/)[^\s/?\"'<>]+"), rf"\1{GONE}"),  # a share link's
    (re.compile(r"(https?://[^\s?\"'<>]*)\?[^\s\"'<>]+"), rf"\1?{GONE}"),
    (re.compile(r"(\w://)[^\s/@\"']*:[^\s/@\"']*@", re.A), rf"\1{GONE}@"),
    (
        re.compile(r"\b((?:proxy-)?authorization|(?:set-)?cookie)(['\"]?\s*[:=]\s*)[^\r\n]+", re.I),
        rf"\1\2{GONE}",
    ),
    (re.compile(r"\b(bearer|basic)\s+[\w.~+/=-]{6,}", re.I | re.A), rf"\1 {GONE}"),
    (re.compile(r"\brsk_[\w-]+", re.A), GONE),
    (re.compile(r"\b(x-amz-[\w-]+=)[^&\s\"']+", re.I | re.A), rf"\1{GONE}"),
    (
        re.compile(
            rf"\b([\w-]*(?:{_NAMES})[\w-]*['\"]?\s*[:=]\s*)(?:'[^']*'|\"[^\"]*\"|[^\s'\"&,;)}}\]]+)",
            re.I | re.A,
        ),
        rf"\1{GONE}",
    ),
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def redacted(text: str, secrets: tuple[str, ...] = ()) -> str:
    """Without what lets anybody in, and without what was drawn."""
    for secret in secrets:
        text = text.replace(secret, GONE)
    text = text if len(text) <= MOST else f"{text[:MOST]} …"
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    return text


def one_line(text: str) -> str:
    """Nobody writes a line of their own into the log."""
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


class Redacting(logging.Formatter):
    """One line a record; the lines of a traceback stand behind a margin."""

    def __init__(self, fmt: str, *, secrets: tuple[str, ...] = ()) -> None:
        super().__init__(fmt)
        self._secrets = tuple(secret for secret in secrets if len(secret) >= 8)

    def formatMessage(self, record: logging.LogRecord) -> str:
        return one_line(redacted(super().formatMessage(record), self._secrets))

    def formatException(
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None]
        | tuple[None, None, None],
    ) -> str:
        lines = redacted(super().formatException(ei), self._secrets).split("\n")
        return "\n".join(f"  {one_line(line)}" for line in lines)
