"""Each directive's effect, as the bytes on the socket show it."""

import base64
import gzip
import io
import json
import re
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from time import monotonic, time

import pytest
from PIL import Image

from generations.sandbox.directive_table import DIRECTIVES, TABLE
from generations.sandbox.directives import read_wishes, table_as_markdown
from generations.sandbox.problems import ApiError
from tests.sandbox.server import ROOT, Caller, Seen

PNG = b"\x89PNG\r\n\x1a\n"
FAST = "[[fixture=500kB]]"
SHORT_WAIT = 0.8


def picture_of(seen: Seen) -> bytes:
    item = seen.item
    encoded = item.get("b64_json") or item["url"].partition(";base64,")[2]
    return base64.b64decode(encoded, validate=True)


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def check_slow(caller: Caller) -> None:
    start = monotonic()
    assert caller.stream(f"a fox [[slow=1.5]]{FAST}").frames()[1] == b": ping"
    assert 1.5 <= monotonic() - start < 4


def check_fixture(caller: Caller) -> None:
    first, second = (picture_of(caller.generate("a fox [[fixture=1.5MB]]")) for _ in range(2))
    assert first == second
    assert abs(len(first) - 1_500_000) < 30_000
    assert opened(first).size == (1024, 1024)


def check_size(caller: Caller) -> None:
    assert opened(picture_of(caller.generate("a fox [[size=96x64]]"))).size == (96, 64)


def check_format(caller: Caller) -> None:
    answer = caller.generate("a fox [[size=64x64]][[format=webp]]", output_format="png")
    assert opened(picture_of(answer)).format == "WEBP"


def check_as(caller: Caller) -> None:
    shapes = {
        how: caller.generate(f"a fox [[as={how}]]{FAST}").item for how in ("url", "data", "b64")
    }
    assert shapes["url"]["url"].startswith(caller.server.url + "/files/")
    assert shapes["data"]["url"].startswith("data:image/png;base64,iVBOR")
    assert shapes["b64"]["b64_json"].startswith("iVBOR")


def check_times(caller: Caller) -> None:
    prompt = f"a fox, once {monotonic()} [[times=2]][[status=503]]{FAST}"
    assert [caller.generate(prompt).status for _ in range(3)] == [503, 503, 200]


def check_billed(caller: Caller) -> None:
    caller.reset()
    caller.generate("a fox [[status=500]][[billed=0]]")
    assert caller.ledger()["billed"] == 0
    caller.generate("a fox [[status=400]][[billed=1]]")
    assert caller.ledger()["billed"] == 1


def check_status(caller: Caller) -> None:
    codes = {400: "invalid_request", 402: "spend_limit_exceeded", 429: "rate_limit_exceeded"}
    codes |= {501: "not_implemented", 502: "upstream_error", 504: "upstream_error"}
    for status, code in codes.items():
        seen = caller.stream(f"a fox [[status={status}]]")
        assert (seen.status, seen.json["error"]["code"]) == (status, code)
        assert seen.json["request_id"] == seen.header("x-request-id")


def check_code(caller: Caller) -> None:
    seen = caller.generate("a fox [[status=400]][[code=moderation_blocked]]")
    assert seen.json["error"]["code"] == "moderation_blocked"


def check_detail(caller: Caller) -> None:
    seen = caller.generate("a fox [[status=500]][[detail]]")
    assert (seen.status, seen.json) == (500, {"detail": "The upstream provider failed."})


def check_error(caller: Caller) -> None:
    errors = {
        kind: caller.generate(f"a fox [[status=400]][[error={kind}]]").json["error"]
        for kind in ("string", "list", "nested", "html", "huge", "bidi")
    }
    assert errors["string"] == "The request is not valid."
    assert [one["code"] for one in errors["list"]] == ["invalid_request", "invalid_request"]
    assert errors["nested"]["error"]["error"]["code"] == "invalid_request"
    assert "<script>" in errors["html"]["message"]
    assert len(errors["huge"]["message"]) == 1_000_000
    assert "\u202e" in errors["bidi"]["message"]


def check_blocked(caller: Caller) -> None:
    for status in (400, 422):
        seen = caller.stream(f"a fox [[blocked={status}]]")
        assert seen.status == status
        assert seen.json["error"]["code"] == "content_policy_violation"


def check_retry_after(caller: Caller) -> None:
    assert caller.generate("[[status=429]][[retry_after=3]]").header("retry-after") == "3"
    assert caller.generate("[[status=429]][[retry_after=soon]]").header("retry-after") == "soon"


def check_retry_after_body(caller: Caller) -> None:
    seen = caller.generate("[[status=429]][[retry_after_body=-7]]")
    assert seen.json["error"]["retry_after_seconds"] == -7
    assert seen.header("retry-after") == ""


def check_retry_after_date(caller: Caller) -> None:
    said = caller.generate("[[status=429]][[retry_after_date=90]]").header("retry-after")
    assert abs(parsedate_to_datetime(said).timestamp() - time() - 90) < 10


def check_html(caller: Caller) -> None:
    seen = caller.stream("a fox [[html]]")
    assert (seen.status, seen.header("content-type")) == (200, "text/html; charset=utf-8")
    assert seen.body.startswith(b"<!doctype html>")
    assert caller.generate("a fox [[html]][[status=503]]").status == 503


def check_redirect(caller: Caller) -> None:
    seen = caller.generate("a fox [[redirect=http://127.0.0.1:9/x]]")
    assert (seen.status, seen.header("location")) == (307, "http://127.0.0.1:9/x")


def check_error_frame(caller: Caller) -> None:
    seen = caller.stream("a fox [[error_frame=rate_limit_exceeded]][[retry_after_body=9]]")
    first, second = seen.values()
    assert (seen.status, first["status"]) == (200, "processing")
    assert second["error"]["code"] == "rate_limit_exceeded"
    assert second["error"]["retry_after_seconds"] == 9
    assert caller.generate("[[error_frame=nope]]").json["error"]["code"] == "nope"


def check_cut(caller: Caller) -> None:
    ends = {
        place: caller.stream(f"a fox {FAST}[[cut={place}]]")
        for place in ("request", "head", "processing", "half", "after_image", "body", "no_done")
    }
    assert all(seen.ended == "end" for seen in ends.values())
    assert ends["request"].raw == b""
    assert (ends["head"].status, ends["head"].wire) == (200, b"")
    assert [value["status"] for value in ends["processing"].values()] == ["processing"]
    assert 300_000 < len(ends["half"].body) < 500_000
    assert ends["after_image"].values()[-1]["data"]
    assert not ends["after_image"].body.endswith(b"data: [DONE]\n\n")
    assert ends["body"].body.endswith(b"data: [DONE]\n\n")
    whole = [name for name, seen in ends.items() if seen.has_final_chunk]
    assert whole == ["no_done"]
    assert not ends["no_done"].body.endswith(b"data: [DONE]\n\n")
    half = caller.generate(f"a fox {FAST}[[cut=half]]")
    assert 0 < len(half.wire) < int(half.header("content-length"))


def check_rst(caller: Caller) -> None:
    at_once, half = caller.stream("a fox [[rst]]"), caller.stream(f"a fox {FAST}[[rst=half]]")
    assert (at_once.ended, at_once.raw) == ("reset", b"")
    assert half.ended == "reset"
    assert len(half.body) > 100_000


def check_hang(caller: Caller) -> None:
    at_once = caller.generate("a fox [[hang]]", wait=SHORT_WAIT)
    assert (at_once.ended, at_once.raw) == ("silence", b"")
    later = caller.stream("a fox [[hang=head]]", wait=SHORT_WAIT)
    assert (later.ended, later.status, later.wire) == ("silence", 200, b"")


def check_drip(caller: Caller) -> None:
    seen = caller.stream("a fox [[drip=20]]", wait=SHORT_WAIT)
    assert seen.status == 200
    assert 3 <= len(seen.wire) <= 30


def check_drip_head(caller: Caller) -> None:
    seen = caller.stream("a fox [[drip_head=20]]", wait=SHORT_WAIT)
    assert 3 <= len(seen.raw) <= 30


def check_pings(caller: Caller) -> None:
    seen = caller.stream(f"a fox {FAST}[[pings=0.05]]", wait=SHORT_WAIT)
    assert seen.ended == "silence"
    assert 3 <= seen.frames().count(b": ping") <= 30
    assert len(seen.values()) == 1


def check_short(caller: Caller) -> None:
    seen = caller.generate(f"a fox {FAST}[[short]]")
    assert int(seen.header("content-length")) == len(seen.wire) + 1000


def check_two_lengths(caller: Caller) -> None:
    lengths = caller.generate(f"a fox {FAST}[[two_lengths]]").headers("content-length")
    assert len(set(lengths)) == 2


def check_nolength(caller: Caller) -> None:
    seen = caller.generate(f"a fox {FAST}[[nolength]]")
    assert (seen.headers("content-length"), seen.is_chunked) == ([], False)
    assert seen.item["url"].startswith("data:")


def check_huge_header(caller: Caller) -> None:
    assert len(caller.generate(f"a fox {FAST}[[huge_header=100]]").header("x-huge")) == 100_000


def check_big_request_id(caller: Caller) -> None:
    assert len(caller.generate(f"a fox {FAST}[[big_request_id]]").header("x-request-id")) > 10_000


def check_gzip(caller: Caller) -> None:
    seen = caller.stream(f"a fox {FAST}[[gzip]]")
    assert seen.header("content-encoding") == "gzip"
    assert gzip.decompress(seen.body).endswith(b"data: [DONE]\n\n")
    bomb = caller.generate("a fox [[gzip=bomb]]").body
    assert len(bomb) < 1_000_000
    assert int.from_bytes(bomb[-4:], "little") == 200 * 1024 * 1024


def check_json(caller: Caller) -> None:
    seen = caller.stream(f"a fox {FAST}[[json]]")
    assert seen.header("content-type") == "application/json"
    assert len(seen.json["data"]) == 1


def check_sse(caller: Caller) -> None:
    seen = caller.generate(f"a fox {FAST}[[sse]]")
    assert seen.header("content-type").startswith("text/event-stream")
    assert seen.frames()[-1] == b"data: [DONE]"


def check_crlf(caller: Caller) -> None:
    body = caller.stream(f"a fox {FAST}[[crlf]]").body
    assert body.endswith(b"data: [DONE]\r\n\r\n")
    assert body.count(b"\n") == body.count(b"\r\n") == 6


def check_cr(caller: Caller) -> None:
    body = caller.stream(f"a fox {FAST}[[cr]]").body
    assert (body.count(b"\n"), body.count(b"\r")) == (0, 6)


def check_mixed(caller: Caller) -> None:
    body = caller.stream(f"a fox {FAST}[[mixed]]").body
    assert (body.count(b"\r\n"), body.count(b"\n"), body.count(b"\r")) == (2, 4, 4)


def check_split(caller: Caller) -> None:
    seen = caller.stream(f"a fox {FAST}[[split]]")
    assert seen.frames()[-1] == b"data: [DONE]"
    assert picture_of_frame(seen.values()[-1]).startswith(PNG)


def picture_of_frame(value: dict[str, list[dict[str, str]]]) -> bytes:
    return base64.b64decode(value["data"][0]["url"].partition(";base64,")[2])


def check_noblank(caller: Caller) -> None:
    frames = caller.stream(f"a fox {FAST}[[noblank]]").frames()
    assert frames[0].startswith(b'data:{"id"')


def check_multiline(caller: Caller) -> None:
    frame = caller.stream(f"a fox {FAST}[[multiline]]").frames()[-2]
    lines = [line.removeprefix(b"data: ") for line in frame.split(b"\n")]
    assert len(lines) > 5
    assert picture_of_frame(json.loads(b"\n".join(lines))).startswith(PNG)


def check_bom(caller: Caller) -> None:
    assert caller.stream(f"a fox {FAST}[[bom]]").body.startswith(b"\xef\xbb\xbfdata: {")


def check_event(caller: Caller) -> None:
    frames = caller.stream(f"a fox {FAST}[[event]]").frames()
    opening = b"event: image_generation.completed\nid: 2\nretry: 3000\ndata: {"
    assert frames[1].startswith(opening)


def check_junk(caller: Caller) -> None:
    frames = caller.stream(f"a fox {FAST}[[junk]]").frames()
    assert (frames.count(b"data: hello"), frames.count(b"data: null")) == (2, 2)
    assert frames[-1] == b"data: [DONE]"


def check_done_first(caller: Caller) -> None:
    frames = caller.stream(f"a fox {FAST}[[done_first]]").frames()
    assert (frames[0], frames[-1]) == (b"data: [DONE]", b"data: [DONE]")


def check_done_twice(caller: Caller) -> None:
    frames = caller.stream(f"a fox {FAST}[[done_twice]]").frames()
    assert frames[-2:] == [b"data:   [DONE]  "] * 2


def check_after_done(caller: Caller) -> None:
    frames = caller.stream(f"a fox {FAST}[[after_done]]").frames()
    assert frames[-2] == b"data: [DONE]"
    assert frames[-1].startswith(b'data: {"id"')


def check_long_line(caller: Caller) -> None:
    seen = caller.stream("a fox [[long_line=3]]")
    assert seen.body.endswith(b"x" * 3_000_000)
    assert not seen.has_final_chunk


def check_events(caller: Caller) -> None:
    seen = caller.stream(f"a fox {FAST}[[events=4000]]")
    assert seen.body.startswith(b"data:\n\n" * 4000 + b"data: {")


def check_malformed(caller: Caller) -> None:
    for seen in (
        caller.generate(f"a fox {FAST}[[malformed]]").body,
        caller.stream(f"a fox {FAST}[[malformed]]").frames()[-2].removeprefix(b"data: "),
    ):
        with pytest.raises(ValueError, match="Expecting"):
            json.loads(seen)


def check_empty(caller: Caller) -> None:
    assert caller.generate("a fox [[empty]]").json["data"] == []
    assert caller.stream("a fox [[empty]]").frames()[-1] == b"data: [DONE]"


def check_no_data(caller: Caller) -> None:
    assert "data" not in caller.generate(f"a fox {FAST}[[no_data]]").json


def check_fewer(caller: Caller) -> None:
    assert len(caller.generate(f"a fox {FAST}[[fewer]]", n=3).json["data"]) == 2


def check_more(caller: Caller) -> None:
    assert len(caller.generate(f"a fox {FAST}[[more=2]]").json["data"]) == 3


def check_noitem(caller: Caller) -> None:
    assert caller.generate(f"a fox {FAST}[[noitem]]").item.keys() == {"revised_prompt"}


def check_badb64(caller: Caller) -> None:
    with pytest.raises(ValueError, match=r"base64|padding"):
        picture_of(caller.generate(f"a fox {FAST}[[badb64]]"))


def check_usage(caller: Caller) -> None:
    def usage(kind: str) -> object:
        return caller.generate(f"a fox {FAST}[[usage={kind}]]").json.get("usage")

    assert usage("negative")["prompt_tokens"] == -5
    assert usage("huge")["total_tokens"] == 2 * 10**30
    assert usage("float")["total_tokens"] == 1068.75
    assert usage("text")["completion_tokens"] == "many"
    assert usage("none") is None


def check_revised(caller: Caller) -> None:
    def revised(kind: str) -> str | None:
        return caller.generate(f"a fox {FAST}[[revised={kind}]]").item.get("revised_prompt")

    assert "<script>" in (revised("html") or "")
    assert "\0" in (revised("nul") or "")
    assert len(revised("huge") or "") > 4_900_000
    assert "\u202e" in (revised("bidi") or "")
    assert revised("none") is None


def check_created(caller: Caller) -> None:
    assert caller.generate(f"a fox {FAST}[[created=-62135596800]]").json["created"] == -62135596800


def odd(caller: Caller, name: str) -> bytes:
    return picture_of(caller.generate(f"a fox [[size=96x64]][[{name}]]"))


def check_svg(caller: Caller) -> None:
    assert odd(caller, "svg").startswith(b"<svg")


def check_gif(caller: Caller) -> None:
    assert opened(odd(caller, "gif")).format == "GIF"


def check_tiff(caller: Caller) -> None:
    assert opened(odd(caller, "tiff")).format == "TIFF"


def check_html_image(caller: Caller) -> None:
    assert odd(caller, "html_image").startswith(b"<!doctype html>")


def check_truncated_image(caller: Caller) -> None:
    content = odd(caller, "truncated_image")
    assert content.startswith(PNG)
    with pytest.raises(OSError, match="truncated"):
        opened(content).load()


def check_bomb(caller: Caller) -> None:
    content = odd(caller, "bomb")
    assert len(content) < 600_000
    assert content[16:24] == (13_000).to_bytes(4, "big") * 2


def check_huge_dims(caller: Caller) -> None:
    content = odd(caller, "huge_dims")
    assert content[16:24] == (50_000).to_bytes(4, "big") * 2
    assert len(content) < 100


def check_animated(caller: Caller) -> None:
    assert [opened(odd(caller, f"animated={kind}")).n_frames for kind in ("webp", "apng")] == [3, 3]


def check_cmyk(caller: Caller) -> None:
    assert opened(odd(caller, "cmyk")).mode == "CMYK"


def check_deep(caller: Caller) -> None:
    assert opened(odd(caller, "deep")).mode == "I;16"


def check_exif(caller: Caller) -> None:
    image = opened(odd(caller, "exif"))
    assert image.size == (64, 96)
    assert image.getexif()[0x0112] == 6
    assert image.getexif().get_ifd(0x8825)[1] == "N"


def check_polyglot(caller: Caller) -> None:
    content = odd(caller, "polyglot")
    assert opened(content).size == (96, 64)
    assert b"<script>" in content
    assert content[-22:-18] == b"PK\x05\x06"


def link(caller: Caller, directive: str) -> str:
    return caller.generate(f"a fox {FAST}[[{directive}]]").item["url"]


def check_url(caller: Caller) -> None:
    assert link(caller, "url=file:///etc/passwd") == "file:///etc/passwd"


def check_url_private(caller: Caller) -> None:
    assert link(caller, "url_private") == "http://10.0.0.7/pictures/1.png"


def check_url_redirect(caller: Caller) -> None:
    seen = caller.fetch(link(caller, "url_redirect=http://10.0.0.1/"))
    assert (seen.status, seen.header("location")) == (302, "http://10.0.0.1/")


def check_url_expired(caller: Caller) -> None:
    assert caller.fetch(link(caller, "url_expired")).status == 403
    assert caller.fetch(link(caller, "url_expired=410")).status == 410


def check_url_404(caller: Caller) -> None:
    url = link(caller, "url_404=2")
    assert [caller.fetch(url).status for _ in range(3)] == [404, 404, 200]


def check_url_500(caller: Caller) -> None:
    url = link(caller, "url_500=1")
    assert [caller.fetch(url).status for _ in range(2)] == [500, 200]


def check_url_rst(caller: Caller) -> None:
    url = link(caller, "url_rst=1")
    assert [caller.fetch(url).ended for _ in range(2)] == ["reset", "end"]


def check_url_slow(caller: Caller) -> None:
    url, start = link(caller, "url_slow=1"), monotonic()
    assert caller.fetch(url).wire.startswith(PNG)
    assert 0.9 <= monotonic() - start < 5


def check_url_hang(caller: Caller) -> None:
    seen = caller.fetch(link(caller, "url_hang"), wait=SHORT_WAIT)
    assert (seen.ended, seen.raw) == ("silence", b"")


def check_url_expires(caller: Caller) -> None:
    assert caller.fetch(link(caller, "url_expires=0")).status == 403


CHECKS: dict[str, Callable[[Caller], None]] = {
    name.removeprefix("check_"): check
    for name, check in list(globals().items())
    if name.startswith("check_")
}


def test_directives_are_all_checked() -> None:
    assert CHECKS.keys() == TABLE.keys()
    assert len(TABLE) == len(DIRECTIVES)


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_directive_does_what_it_says(caller: Caller, name: str) -> None:
    CHECKS[name](caller)


def test_docs_table_is_the_registry() -> None:
    page = (ROOT / "docs/sandbox.md").read_text()
    table = re.search(r"^\| directive \|.*?\n(?!\|)", page + "\n\n", re.M | re.S)
    assert table is not None
    assert table[0] == table_as_markdown()


def test_directives_are_taken_out_of_the_prompt() -> None:
    wishes = read_wishes("a fox [[slow=2]] in [[ cut = half ]] snow [[rst]]")
    assert wishes.prompt == "a fox in snow"
    assert wishes.values == {"slow": "2", "cut": "half", "rst": ""}
    assert wishes.text("rst") == "request"


def test_other_double_brackets_stay_in_the_prompt() -> None:
    assert (
        read_wishes("a sign that says [[exit]]  here").prompt == "a sign that says [[exit]]  here"
    )


@pytest.mark.parametrize(
    "wrong", ["[[slow=soon]]", "[[status=99]]", "[[cut=tail]]", "[[size=0x9]]"]
)
def test_values_that_make_no_sense_are_refused(wrong: str) -> None:
    with pytest.raises(ApiError, match="can't read"):
        read_wishes(wrong)
