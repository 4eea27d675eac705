"""Each scripted stream, over a real socket: the one right reading."""

import pytest

from generations.outcomes import UNLISTED
from tests.mesh.streams import STREAMS, Outcome, Stream, read_by_sdk, read_by_us

READ: dict[str, tuple[Stream, Outcome, str]] = {}


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream.name)
def test_stream_is_read_as_what_it_is(stream: Stream) -> None:
    ours = read_by_us(stream)
    READ[stream.name] = (stream, ours, read_by_sdk(stream))
    found = (ours.kind, ours.code, ours.pictures, ours.flags)
    assert found == (stream.kind, stream.code, stream.pictures, stream.flags)
    assert not ours.reads.startswith(UNLISTED.title)
