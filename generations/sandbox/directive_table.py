"""Every directive the sandbox knows. docs/sandbox.md prints this table; a test compares them."""

import re
from dataclasses import dataclass

NUMBER = r"\d{1,9}(\.\d{1,6})?"
COUNT = r"\d{1,7}"
SIZE = r"[1-9]\d{0,3}x[1-9]\d{0,3}"
BYTES = r"\d{1,3}(\.\d{1,3})?(kB|MB)"
ANY = r"[^\]]+"
PLACES = "request|head|processing|half|after_image|body"

DRAWN = "none: a wish about the picture"
SCRIPT = "none: steers the other directives"
WAIT = "rate limit and its wait"
LOST = "answer lost on the way"
SSE = "odd but readable stream"
ITEM = "answered, nothing usable"
FILE = "file that is no plain picture"
LINK = "picture's address fails"
ODD = "sloppy or hostile answer"


@dataclass(frozen=True, slots=True)
class Directive:
    name: str
    effect: str
    event: str
    pattern: str = ""
    """What may stand after `=`; empty when nothing may."""
    usual: str = ""
    """What it means without a value."""
    is_fault: bool = True
    """Faults stop when `times`, `until` or `rate` say so; wishes about the picture don't."""

    def takes(self, value: str) -> bool:
        return bool(self.pattern) and re.fullmatch(self.pattern, value) is not None

    @property
    def choices(self) -> list[str]:
        """The values, where they can be listed."""
        return self.pattern.split("|") if re.fullmatch(r"\w+(\|\w+)+", self.pattern) else []

    def written(self) -> str:
        return f"[[{self.name}={self.usual}]]" if self.usual else f"[[{self.name}]]"


def wish(name: str, effect: str, *, pattern: str, usual: str) -> Directive:
    return Directive(name, effect, DRAWN, pattern, usual, is_fault=False)


WISHES = (
    wish("slow", "takes exactly so many seconds, whatever `--speed` is", pattern=NUMBER, usual="5"),
    wish(
        "fixture",
        "sends a ready 1024 × 1024 PNG of about that size, always the same bytes, drawing nothing",
        pattern=BYTES,
        usual="1.5MB",
    ),
    wish("size", "draws other pixels than asked for", pattern=SIZE, usual="640x480"),
    wish("format", "sends another format than asked for", pattern="png|jpeg|webp", usual="webp"),
    Directive(
        "unsafe",
        "marks two corners of the picture, by which the moderation endpoint flags it",
        DRAWN,
        is_fault=False,
    ),
    wish(
        "as",
        "hands the picture over in this way, whatever was asked",
        pattern="url|data|b64",
        usual="url",
    ),
)

SCRIPTS = (
    Directive(
        "times",
        "the faults hit the first so many requests with this very prompt; later ones succeed",
        SCRIPT,
        COUNT,
        "1",
    ),
    Directive(
        "until",
        "the faults hit until that moment, in Unix seconds; later requests succeed",
        SCRIPT,
        r"\d{1,10}(\.\d{1,6})?",
        "0",
    ),
    Directive(
        "rate",
        "the faults hit what goes beyond so many requests in so many seconds,"
        " all prompts with this directive counted together",
        SCRIPT,
        r"\d{1,4}/\d{1,4}",
        "5/60",
    ),
    Directive("billed", "counts the request as billed (1) or not (0)", SCRIPT, "0|1", "1"),
)

REFUSALS = (
    Directive(
        "status", "answers this status with its usual code", "that status", r"[2-5]\d\d", "429"
    ),
    Directive("code", "sets the `code` of the error", "that status", ANY, "rate_limit_exceeded"),
    Directive("detail", 'sends the error as `{"detail": "text"}`', "that status"),
    Directive(
        "error",
        "sends `error` as something else than an object, or with such a message",
        ODD,
        "string|list|nested|html|huge|bidi",
        "string",
    ),
    Directive(
        "blocked",
        "refuses the prompt with `content_policy_violation`, as 400 or 422",
        "moderation",
        "400|422",
        "400",
    ),
    Directive(
        "moderation",
        "the moderation endpoint answers this prompt so: with a status, `odd`ly, or never (`hang`)",
        "moderation fails",
        r"[2-5]\d\d|odd|hang",
        "503",
    ),
    Directive("retry_after", "adds a `Retry-After` header with this text", WAIT, ANY, "3"),
    Directive(
        "retry_after_body", "adds `error.retry_after_seconds`", WAIT, r"-?\d{1,12}|text", "3"
    ),
    Directive(
        "retry_after_date",
        "adds `Retry-After` as a date so many seconds on",
        WAIT,
        r"-?\d{1,9}",
        "3",
    ),
    Directive(
        "html", "sends a page of HTML, as a proxy or captive portal would", "wrong content type"
    ),
    Directive(
        "redirect", "answers 307 to this address", "3xx on the POST", ANY, "http://127.0.0.1:9/"
    ),
    Directive(
        "error_frame",
        "sends an error frame with this code after the first chunk (in JSON: as the body of a 200)",
        "error under status 200",
        r"[a-z0-9_]+",
        "upstream_error",
    ),
)

TRANSPORT = (
    Directive("cut", "closes the connection at that place", LOST, PLACES + "|no_done", "half"),
    Directive("rst", "resets the connection at that place", LOST, PLACES, "request"),
    Directive(
        "hang", "falls silent at that place and keeps the connection", LOST, PLACES, "request"
    ),
    Directive("drip", "sends the body at so many bytes a second", LOST, NUMBER, "1"),
    Directive("drip_head", "sends head and body at so many bytes a second", LOST, NUMBER, "1"),
    Directive("pings", "sends pings at this interval for ever", LOST, NUMBER, "1"),
    Directive("short", "declares 1,000 bytes more than it sends", LOST),
    Directive("two_lengths", "sends two different `Content-Length` headers", LOST),
    Directive("nolength", "declares no length and ends by closing", "end of body not marked"),
    Directive("huge_header", "adds a header of so many kB", ODD, COUNT, "100"),
    Directive("big_request_id", "sends a request id of 10 kB", ODD),
    Directive(
        "gzip",
        "compresses the body though nobody asked; `bomb`: 200 MB of zeros",
        "unasked content encoding",
        "yes|bomb",
        "yes",
    ),
)

STREAMS = (
    Directive("json", "answers JSON though a stream was asked for", "other form than asked"),
    Directive("sse", "answers a stream though JSON was asked for", "other form than asked"),
    Directive("crlf", "ends lines with CR LF", SSE),
    Directive("cr", "ends lines with CR", SSE),
    Directive("mixed", "ends lines with LF, CR LF and CR in turn", SSE),
    Directive("split", "sends tiny packets that cut frames, lines and characters", SSE),
    Directive("noblank", "writes `data:` without the blank", SSE),
    Directive("multiline", "spreads each frame over several `data:` lines", SSE),
    Directive("bom", "begins with a byte order mark", SSE),
    Directive("event", "adds `event:`, `id:` and `retry:` lines", SSE),
    Directive("junk", "sends junk frames between the good ones", "junk between frames"),
    Directive("done_first", "sends `[DONE]` before everything else", "stream ended, no picture"),
    Directive("done_twice", "sends `[DONE]` twice, with blanks around it", SSE),
    Directive("after_done", "sends another picture after `[DONE]`", "data after the end"),
    Directive("long_line", "sends a line of so many MB that never ends", LOST, COUNT, "64"),
    Directive("events", "sends so many empty events first", SSE, COUNT, "100000"),
)

ANSWERS = (
    Directive("malformed", "breaks the JSON of the answer", "malformed JSON"),
    Directive("empty", "answers with no pictures, `data: []`", ITEM),
    Directive("no_data", "leaves `data` out", ITEM),
    Directive("fewer", "sends one picture less than asked for", "fewer items than n"),
    Directive(
        "more", "sends so many pictures more than asked for", "more items than n", COUNT, "1"
    ),
    Directive("noitem", "sends items with neither address nor bytes", ITEM),
    Directive("badb64", "sends base64 that can't be decoded", ITEM),
    Directive(
        "usage",
        "reports such a usage",
        "cost missing or absurd",
        "negative|huge|float|text|none",
        "negative",
    ),
    Directive(
        "revised",
        "rewrites the prompt into something nasty; `none` leaves it out",
        ODD,
        "html|nul|huge|bidi|none",
        "html",
    ),
    Directive("created", "sets `created`", ODD, r"-?\d{1,18}", "1000000000000"),
)

FILES = (
    Directive("svg", "sends an SVG with a script in it", FILE),
    Directive("gif", "sends a GIF", FILE),
    Directive("tiff", "sends a TIFF", FILE),
    Directive("html_image", "sends HTML as the picture", FILE),
    Directive("truncated_image", "sends the first half of the file", FILE),
    Directive("bomb", "sends a PNG of 13,000 × 13,000 pixels in a few kB", FILE),
    Directive("huge_dims", "sends a PNG header of 50,000 × 50,000 with no data", FILE),
    Directive("animated", "sends an animation", FILE, "webp|apng", "webp"),
    Directive("cmyk", "sends a CMYK JPEG", FILE),
    Directive("deep", "sends a 16-bit grey PNG", FILE),
    Directive("exif", "sends a JPEG turned by its EXIF, with a GPS position", FILE),
    Directive("polyglot", "appends HTML and a ZIP to the PNG", FILE),
)

LINKS = (
    Directive(
        "url", "gives this address, word for word", LINK, ANY, "https://pictures.example/1.png"
    ),
    Directive("url_private", "gives an address in a private network", LINK),
    Directive("url_redirect", "the address redirects there", LINK, ANY, "http://169.254.169.254/"),
    Directive("url_expired", "the address has expired", LINK, "403|410", "403"),
    Directive("url_404", "the address is not found so many times first", LINK, COUNT, "2"),
    Directive("url_500", "the address fails so many times first", LINK, COUNT, "2"),
    Directive("url_rst", "the address resets so many times first", LINK, COUNT, "2"),
    Directive("url_slow", "the address needs so many seconds for the file", LINK, NUMBER, "10"),
    Directive("url_hang", "the address never answers", LINK),
    Directive("url_expires", "the address lives for so many seconds", LINK, NUMBER, "5"),
)

DIRECTIVES = (
    *WISHES,
    *SCRIPTS,
    *REFUSALS,
    *TRANSPORT,
    *STREAMS,
    *ANSWERS,
    *FILES,
    *LINKS,
)
TABLE = {directive.name: directive for directive in DIRECTIVES}
