"""Whole bodies, well-formed and hostile, read without a network."""

import base64
import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generations.mesh import Answer, AnswerHead, EmptyAnswer, MeshError, read_answer
from tests.mesh.streams import B64, DONE, PARTIAL_BODY, PICTURE, PROCESSING, RESULT, as_json, frame

OTHER = base64.b64encode(b"another picture").decode()


def head_of(status: int = 200, kind: str = "application/json", **headers: str) -> AnswerHead:
    pairs = {"content-type": kind} | {name.replace("_", "-"): v for name, v in headers.items()}
    return AnswerHead.from_headers(status, [(n.encode(), v.encode()) for n, v in pairs.items()])


def read(body: bytes, *, complete: bool = True, status: int = 200, kind: str = "") -> Answer:
    return read_answer(
        head_of(status, kind or "application/json"), [body] if body else [], complete=complete
    )


def read_data(*items: object, **fields: object) -> Answer:
    return read(as_json(created=1_790_000_000, data=items, **fields))


def code_of(answer: Answer) -> str:
    return answer.error.code if answer.error else ""


@given(cuts=st.lists(st.integers(0, 4000), max_size=10), is_json=st.booleans())
def test_any_chunking_gives_the_same_answer(cuts: list[int], is_json: bool) -> None:
    events = PROCESSING + frame(PARTIAL_BODY) + RESULT + DONE
    body = as_json(created=1_790_000_000, data=[{"b64_json": B64}]) if is_json else events
    places = [0, *sorted(min(cut, len(body)) for cut in cuts), len(body)]
    pieces = [body[a:b] for a, b in pairwise(places)]
    assert read_answer(head_of(), pieces) == read(body)


def test_every_prefix_of_a_stream_is_read_without_a_crash() -> None:
    short = base64.b64encode(b"picture").decode()
    body = PROCESSING + frame(as_json(created=1_790_000_000, data=[{"b64_json": short}])) + DONE
    ready = body.index(b"}]}") + 3
    for end in range(len(body)):
        answer = read(body[:end], complete=False, kind="text/event-stream")
        # One earlier, the picture is salvaged from a frame that is not closed.
        assert answer.has_picture is (end >= ready - 2), end


def test_every_prefix_of_json_is_read_without_a_crash() -> None:
    body = json.dumps({"created": 1_790_000_000, "data": [{"b64_json": OTHER}]}).encode()
    for end in range(len(body)):
        answer = read(body[:end], complete=False)
        assert answer.has_picture is (end >= len(body) - 2), end
        assert code_of(answer) == ("" if answer.has_picture else "cut")


def test_complete_pictures_of_a_cut_answer_are_salvaged() -> None:
    body = as_json(created=1_790_000_000, data=[{"b64_json": B64}, {"b64_json": OTHER}])
    answer = read(body[:-20], complete=False)
    assert [item.content for item in answer.items] == [PICTURE]
    assert answer.flags == {"salvaged"}


def test_data_urls_count_as_content() -> None:
    answer = read_data({"url": f"data:image/png;base64,{B64}"}, {"b64_json": f"data:;base64,{B64}"})
    assert [item.content for item in answer.items] == [PICTURE, PICTURE]


def test_bytes_win_over_an_address_and_the_address_over_bad_bytes() -> None:
    address = "https://cdn.example/a.png"
    answer = read_data({"url": address, "b64_json": B64}, {"url": address, "b64_json": "<html>"})
    assert [(item.content, item.url) for item in answer.items] == [(PICTURE, None), (None, address)]


@pytest.mark.parametrize(
    ("item", "problem"),
    [
        ({}, "no_picture"),
        ("text", "no_picture"),
        (None, "no_picture"),
        ({"b64_json": ""}, "no_picture"),
        ({"b64_json": "<html>"}, "undecodable"),
        ({"b64_json": "QUJ D"}, "undecodable"),
        ({"b64_json": "QUJD\n"}, "undecodable"),
        ({"b64_json": "QUI"}, "undecodable"),
        ({"b64_json": "QU-_"}, "undecodable"),
        ({"b64_json": 7}, "undecodable"),
        ({"b64_json": ["QUJD"]}, "undecodable"),
        ({"url": "data:text/html;base64,QUJD"}, "bad_address"),
        ({"url": "data:image/png,QUJD"}, "bad_address"),
        ({"url": "data:image/png;base64,QU%4AD"}, "undecodable"),
        ({"url": "data:image/png;base64,QUJ D"}, "undecodable"),
        ({"url": "data:image/png;base64,"}, "undecodable"),
        ({"url": ["https://cdn.example/a"]}, "bad_address"),
        ({"url": "javascript:alert(1)"}, "bad_address"),
        ({"url": "file:///etc/passwd"}, "bad_address"),
        ({"url": "https://cdn.example/a b"}, "bad_address"),
        ({"url": "https://cdn.example/\\@x"}, "bad_address"),
        ({"url": "https://cdn.example/" + "a" * 100_000}, "bad_address"),
    ],
)
def test_item_without_a_usable_picture(item: object, problem: str) -> None:
    answer = read_data(item)
    assert [found.problem for found in answer.items] == [problem]
    assert isinstance(answer.error, EmptyAnswer)
    assert answer.error.code == problem


def test_one_bad_item_does_not_spoil_the_rest() -> None:
    answer = read_data({"b64_json": "<html>"}, {"b64_json": B64})
    assert [item.problem for item in answer.items] == ["undecodable", None]
    assert (answer.error, answer.has_picture) == (None, True)


def test_items_beyond_the_cap_are_dropped_and_flagged() -> None:
    answer = read_data(*[{"url": f"https://cdn.example/{k}"} for k in range(30)])
    assert (len(answer.items), answer.flags) == (20, {"items_dropped"})


def test_frame_that_repeats_a_picture_adds_none() -> None:
    again = frame(as_json(data=[{"b64_json": B64}], usage={"total_tokens": 5}))
    answer = read(RESULT + again + DONE)
    assert (len(answer.items), answer.flags) == (1, {"repeated_item"})
    assert answer.usage is not None
    assert answer.usage.total_tokens == 5


def test_pictures_of_several_frames_add_up() -> None:
    second = frame(as_json(data=[{"b64_json": OTHER}]))
    answer = read(RESULT + second + DONE)
    assert [(item.index, item.content) for item in answer.items] == [
        (0, PICTURE),
        (1, b"another picture"),
    ]


def test_openai_native_events() -> None:
    partial = b"event: image_generation.partial_image\n" + frame(as_json(b64_json=OTHER))
    final = as_json(type="image_generation.completed", b64_json=B64, usage={"input_tokens": 9})
    answer = read(partial + frame(final) + DONE, kind="text/event-stream")
    assert [item.content for item in answer.previews] == [b"another picture"]
    assert [item.content for item in answer.items] == [PICTURE]
    assert answer.usage is not None
    assert answer.usage.prompt_tokens == 9


def test_frames_run_together_are_told_apart() -> None:
    body = PROCESSING.rstrip() + b"\n" + RESULT + DONE
    answer = read(body, kind="text/event-stream")
    assert ([item.content for item in answer.items], answer.flags) == ([PICTURE], {"merged_frames"})


@pytest.mark.parametrize(
    ("usage", "kept", "is_odd"),
    [
        (None, None, False),
        ({"total_tokens": 0}, {"total_tokens": 0}, False),
        ({"total_tokens": 10**12 - 1}, {"total_tokens": 10**12 - 1}, False),
        ({"total_tokens": 10**12}, None, True),
        ({"total_tokens": 10**30, "prompt_tokens": 5}, {"prompt_tokens": 5}, True),
        ({"total_tokens": -1}, None, True),
        ({"total_tokens": 1.5}, None, True),
        ({"total_tokens": "7"}, None, True),
        ({"total_tokens": True}, None, True),
        ("lots", None, True),
        ({"input_tokens_details": {"a": 1, "b": -1}}, {"input_tokens_details": {"a": 1}}, False),
    ],
)
def test_usage_keeps_what_can_be_true(usage: object, kept: object, is_odd: bool) -> None:
    answer = read_data({"b64_json": B64}, usage=usage)
    assert (answer.usage.as_dict() if answer.usage else None) == kept
    assert answer.flags == ({"usage_odd"} if is_odd else set())


@pytest.mark.parametrize("created", [1, -5, 10**12, "1790000000", True, 1.79e9])
def test_created_that_is_no_time_is_left(created: object) -> None:
    answer = read(as_json(created=created, data=[{"b64_json": B64}]))
    assert (answer.created, answer.flags) == (None, {"created_odd"})


def test_revised_prompt_is_cleaned_and_cut() -> None:
    said = "A\u0000 <b>fox</b>\ud800\u0007\n\tin\u202e snow" + "x" * 5_000_000
    body = json.dumps({"data": [{"b64_json": B64, "revised_prompt": said}]}).encode()
    item = read(body).items[0]
    assert item.content == PICTURE
    assert item.revised_prompt.startswith("A <b>fox</b>\n\tin\u202e snowxx")
    assert len(item.revised_prompt) == 20_000


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "malformed"),
        (b"null", "malformed"),
        (b"[]", "malformed"),
        (b'"text"', "malformed"),
        (b"7", "malformed"),
        (b"{", "malformed"),
        (b"[" * 200_000, "malformed"),
        (b'{"data": ' + b"[" * 200_000, "malformed"),
        (b'{"data": "text"}', "malformed"),
        (b"{}", "empty"),
        (b'{"data": null}', "empty"),
        (b'{"data": []}', "empty"),
        (b"<html>Sign in</html>", "wrong_content"),
    ],
)
def test_json_without_a_picture(body: bytes, code: str) -> None:
    answer = read(body)
    assert code_of(answer) == code
    assert isinstance(answer.error, MeshError)
    assert answer.error.charge == ("charged" if code == "empty" else "unknown")


@pytest.mark.parametrize(
    "odd",
    [b'"x": NaN', b'"x": 1e999', b'"x": ' + b"9" * 5000, b'"x": "\\ud800"', b'"x": "\xff"'],
)
def test_what_is_odd_beside_a_picture_does_not_cost_it(odd: bytes) -> None:
    body = b'{"data": [{"b64_json": "' + B64.encode() + b'"}], ' + odd + b"}"
    assert [item.content for item in read(body).items] == [PICTURE]


def test_body_past_the_cap() -> None:
    json_body = as_json(data=[{"b64_json": B64}])
    for body, kind in ((json_body, "application/json"), (RESULT, "text/event-stream")):
        answer = read_answer(head_of(kind=kind), [body, DONE], max_frame_bytes=500)
        assert code_of(answer) == "answer_too_large"


def test_picture_before_a_frame_past_the_cap_is_kept() -> None:
    small = frame(as_json(data=[{"b64_json": OTHER}]))
    answer = read_answer(
        head_of(kind="text/event-stream"), [small, RESULT, DONE], max_frame_bytes=500
    )
    assert [item.content for item in answer.items] == [b"another picture"]


def test_body_ending_with_its_connection_is_judged_by_content() -> None:
    whole = as_json(created=1_790_000_000, data=[{"b64_json": B64}])
    assert read(whole, complete=False).has_picture
    assert code_of(read(b"{", complete=False)) == "cut"
    assert code_of(read(b"", complete=False)) == "cut"


def test_accepted_is_no_picture_and_no_bill() -> None:
    assert code_of(read(as_json(status="queued"), status=202)) == "wrong_content"
    assert read(as_json(data=[{"b64_json": B64}]), status=201).has_picture


def test_encoded_body_is_never_decoded() -> None:
    for status, code in ((200, "encoded"), (429, "rate_limited")):
        head = head_of(status, "text/event-stream", content_encoding="gzip")
        answer = read_answer(head, [RESULT, DONE])
        assert (code_of(answer), answer.items) == (code, ())


def test_head_is_cleaned_and_cut() -> None:
    head = AnswerHead.from_headers(
        200,
        [
            (b"X-Request-Id", b"req\r\nX-Evil: 1" + b"9" * 10_000),
            (b"Content-Type", b"Text/Event-Stream; charset=utf-8"),
            (b"Content-Length", b"1e3"),
            (b"Set-Cookie", b"session=1"),
            (b"X-Long", b"y" * 10_000),
        ],
    )
    assert head.request_id == ("reqX-Evil:1" + "9" * 10_000)[:200]
    assert (head.content_type, head.content_length) == ("text/event-stream", None)
    assert "set-cookie" not in head.headers
    assert len(head.headers["x-long"]) == 1000


def test_usage_on_a_refusal_is_kept_for_the_ledger() -> None:
    answer = read(as_json(error={"code": "x"}, usage={"total_tokens": 7}), status=422)
    assert answer.usage is not None
    assert (answer.usage.total_tokens, answer.flags) == (7, {"usage_on_error"})
