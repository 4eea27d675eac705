"""What answers hold: items, files, addresses."""

import json
from time import monotonic

import pytest

from tests.sandbox.checks import FAST, PNG, SHORT_WAIT, opened, picture_of
from tests.sandbox.server import Caller


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
    seen = caller.stream("a fox [[empty]][[size=64x64]]", partial_images=1)
    assert [len(value["data"]) for value in seen.values()] == [0, 1, 0]


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
