"""The same frames, whatever the pieces; and never more work than the bytes are worth."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generations.mesh import DoneWatch, Frame, SSEReader

ENDS = st.sampled_from([b"\n", b"\r", b"\r\n"])
VALUES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0"), max_size=12)
LINES = st.one_of(
    VALUES.map(lambda value: b"data: " + value.encode()),
    VALUES.map(lambda value: b"data:" + value.encode()),
    VALUES.map(lambda value: b": " + value.encode()),
    VALUES.map(lambda value: b"event: " + value.encode()),
    st.sampled_from([b"", b"", b"data", b"data: [DONE]", b"id: 7", b"retry: 5", b"junk"]),
)
STREAMS = st.lists(st.tuples(LINES, ENDS), max_size=30).map(
    lambda lines: b"".join(line + end for line, end in lines)
)


def read(pieces: list[bytes]) -> tuple[list[Frame], list[Frame], int]:
    reader = SSEReader()
    fed = [frame for piece in pieces for frame in reader.feed(piece)]
    return fed, reader.finish(), reader.comments


@given(stream=STREAMS, with_bom=st.booleans(), data=st.data())
def test_any_chunking_gives_the_same_frames(
    stream: bytes, with_bom: bool, data: st.DataObject
) -> None:
    stream = b"\xef\xbb\xbf" * with_bom + stream
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    expected = read([stream])
    assert read(pieces) == expected
    assert read([bytes([byte]) for byte in stream]) == expected


@given(stream=STREAMS, data=st.data())
def test_done_is_seen_by_the_watch_wherever_the_reader_sees_it(
    stream: bytes, data: st.DataObject
) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    fed, rest, _ = read([stream])
    watch = DoneWatch()
    for piece in pieces:
        watch.feed(piece)
    whole = DoneWatch()
    whole.feed(stream)
    has_done_line = b"data: [DONE]" in stream.replace(b"\r", b"\n").split(b"\n")
    assert whole.seen is watch.seen is has_done_line
    assert any(frame.is_done for frame in [*fed, *rest]) is has_done_line


@pytest.mark.parametrize(
    ("sent", "frames"),
    [
        (b"data: a\n\n", [Frame(b"a")]),
        (b"data:a\r\n\r\n", [Frame(b"a")]),
        (b"data:  a\r\r", [Frame(b" a")]),
        (b"data: a\ndata: b\ndata\n\n", [Frame(b"a\nb\n")]),
        (b"data: a\rdata: b\r\n\n", [Frame(b"a\nb")]),
        (b"\xef\xbb\xbfdata: a\n\n", [Frame(b"a")]),
        (b": ping\n\n:\n\nevent: x\n\nid: 1\n\n", []),
        (b"event: x\nid: 1\nretry: 5\ndata: a\n\n", [Frame(b"a", event="x", id="1")]),
        (b"event: x\ndata: a\n\ndata: b\n\n", [Frame(b"a", event="x"), Frame(b"b")]),
        (b"data: a\ndata: [DONE]\n", [Frame(b"a"), Frame(b"[DONE]")]),
        (b"data: [DONE]  \n\ndata: [DONE]\n\n", [Frame(b"[DONE]")] * 2),
        (b'data: "[DONE]"\n\n', [Frame(b'"[DONE]"')]),
        (b"datum: a\n\nDATA\n\n{}\n\n", []),
        (b"data: \n\n", [Frame(b"")]),
    ],
)
def test_frames(sent: bytes, frames: list[Frame]) -> None:
    fed, rest, _ = read([sent])
    found = fed + rest
    assert [(f.data.strip() if f.is_done else f.data, f.event) for f in found] == [
        (f.data, f.event) for f in frames
    ]


def test_last_frame_without_a_blank_line_comes_at_the_end() -> None:
    reader = SSEReader()
    assert reader.feed(b"data: a\n\ndata: b") == [Frame(b"a")]
    assert reader.finish() == [Frame(b"b")]
    assert reader.finish() == []


@pytest.mark.parametrize("piece_bytes", [1, 16_384])
def test_frame_of_many_megabytes_in_pieces(piece_bytes: int) -> None:
    size = 20_000_000 if piece_bytes > 1 else 300_000
    body = b"data: " + b"A" * size + b"\n\n"
    reader = SSEReader()
    found = [
        frame
        for start in range(0, len(body), piece_bytes)
        for frame in reader.feed(body[start : start + piece_bytes])
    ]
    assert [len(frame.data) for frame in found] == [size]


@pytest.mark.parametrize("line", [b"data: " + b"A" * 5000, b"A" * 5000, b"data: A\n" * 900])
def test_frame_past_the_cap_is_dropped_and_nothing_more_is_read(line: bytes) -> None:
    reader = SSEReader(max_frame_bytes=1000)
    found = reader.feed(b"data: before\n\n")
    found += [f for start in range(0, len(line), 7) for f in reader.feed(line[start : start + 7])]
    found += reader.feed(b"\n\ndata: after\n\n")
    assert (found, reader.finish(), reader.overflowed) == ([Frame(b"before")], [], True)


def test_cap_is_for_a_frame_and_not_for_the_stream() -> None:
    reader = SSEReader(max_frame_bytes=1000)
    found = [frame for _ in range(50) for frame in reader.feed(b"data: " + b"A" * 900 + b"\n\n")]
    assert (len(found), reader.overflowed) == (50, False)


def test_million_empty_lines_and_pings() -> None:
    reader = SSEReader()
    for _ in range(100):
        assert reader.feed(b"\n: ping\n\n" * 3000) == []
    assert reader.comments == 300_000


@pytest.mark.parametrize(
    ("sent", "is_done"),
    [
        (b"data: [DONE]\n\n", True),
        (b"data:[DONE]", True),
        (b"\xef\xbb\xbfdata: [DONE]", True),
        (b"data: {}\r\rdata: [DONE]\t\r", True),
        (b"A" * 500 + b"\ndata: [DONE]\n", True),
        (b"A" * 500 + b"data: [DONE]\n", False),
        (b'data: {"a":"data: [DONE]"}\n\n', False),
        (b"xdata: [DONE]\n", False),
        (b"data: [DONE]x\n", False),
        (b": data: [DONE]\n", False),
        (b"[DONE]\n", False),
    ],
)
def test_done_line_is_watched_for(sent: bytes, is_done: bool) -> None:
    whole = DoneWatch()
    assert whole.feed(sent) is is_done
    for size in (3, 7, 64):
        watch = DoneWatch()
        for start in range(0, len(sent), size):
            # Where a piece ends right behind [DONE], the line counts as ended.
            watch.feed(sent[start : start + size])
        assert watch.seen is is_done or b"[DONE]x" in sent
