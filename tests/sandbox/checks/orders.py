"""Wishes, scripts and refusals."""

import base64
import io
from email.utils import parsedate_to_datetime
from time import monotonic, sleep, time

from tests.sandbox.checks import FAST, SHORT_WAIT, opened, picture_of
from tests.sandbox.server import PATIENCE_SECONDS, Caller, Seen


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


def check_unsafe(caller: Caller) -> None:
    """Also when the picture has become smaller and has another format."""
    flagged = []
    for wish in ("[[unsafe]]", ""):
        image = opened(picture_of(caller.generate(f"a fox {wish}")))
        image.thumbnail((320, 320))
        out = io.BytesIO()
        image.save(out, "WEBP", quality=75)
        url = f"data:image/webp;base64,{base64.b64encode(out.getvalue()).decode()}"
        part = {"type": "image_url", "image_url": {"url": url}}
        (result,) = caller.post("/v1/moderations", {"input": [part]}).json["results"]
        flagged.append((result["flagged"], result["categories"]["violence"]))
    assert flagged == [(True, True), (False, False)]


def check_moderation(caller: Caller) -> None:
    def asked(wishes: str, wait: float = PATIENCE_SECONDS) -> Seen:
        return caller.post("/v1/moderations", {"input": f"a fox {wishes}"}, wait=wait)

    assert asked("[[moderation=429]][[retry_after=7]]").header("retry-after") == "7"
    once = f"{monotonic()} [[moderation]][[times=1]]"
    assert [asked(once).status for _ in range(2)] == [503, 200]
    assert asked("[[moderation=odd]]").json == {"results": [{"flagged": "perhaps"}]}
    assert caller.generate(f"a fox [[moderation]]{FAST}").status == 200
    assert asked("[[moderation=hang]]", SHORT_WAIT).ended == "silence"


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


def check_until(caller: Caller) -> None:
    late, soon = time() - 1, time() + 60
    found = [
        caller.generate(f"a fox [[until={moment:.2f}]][[status=401]]{FAST}").status
        for moment in (late, soon)
    ]
    assert found == [200, 401]


def check_rate(caller: Caller) -> None:
    caller.reset()
    prompts = [f"fox {number} [[rate=2/1]][[status=429]]{FAST}" for number in range(3)]
    assert [caller.generate(prompt).status for prompt in prompts] == [200, 200, 429]
    sleep(1.1)
    assert caller.generate(prompts[2]).status == 200


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
