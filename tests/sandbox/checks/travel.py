"""How answers travel: breaks, framings, streams."""

import gzip
import json

from tests.sandbox.checks import FAST, PNG, SHORT_WAIT, picture_of_frame
from tests.sandbox.server import Caller


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
