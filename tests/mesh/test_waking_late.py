"""A process that stood still past a limit finds the answer lying there."""

import socket
import time
from collections.abc import Iterator

import pytest

from generations.mesh import AnswerLost
from generations.mesh.calls import Watch
from generations.mesh.network import WatchedStream
from generations.mesh.types import Limits


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def asleep(*, silence: float, deadline: float) -> Watch:
    """The clock of a call that was sent long ago, and heard of since."""
    watch = Watch(Limits(silence_seconds=silence, deadline_seconds=deadline))
    watch.is_sending = watch.is_sent = watch.has_heard = watch.has_head = True
    watch.heard_at = time.monotonic() - 90
    watch.deadline -= 90
    return watch


@pytest.mark.parametrize(("silence", "deadline"), [(75, 360), (75, 60)])
def test_what_came_meanwhile_is_read(ends, silence, deadline):
    ours, theirs = ends
    stream = WatchedStream(ours, asleep(silence=silence, deadline=deadline))
    theirs.sendall(b"the end of a paid answer")
    assert stream.read(1000) == b"the end of a paid answer"
    theirs.close()
    assert stream.read(1000) == b""


@pytest.mark.parametrize(
    ("silence", "deadline", "code"), [(75, 360, "silence"), (75, 60, "deadline")]
)
def test_nothing_more_is_waited_for(ends, silence, deadline, code):
    stream = WatchedStream(ends[0], asleep(silence=silence, deadline=deadline))
    began = time.monotonic()
    with pytest.raises(AnswerLost) as lost:
        stream.read(1000)
    assert lost.value.code == code
    assert time.monotonic() - began < 5


def test_what_never_ends_is_ended_soon_after_the_deadline(ends):
    stream = WatchedStream(ends[0], asleep(silence=75, deadline=2))
    began = time.monotonic()
    with pytest.raises(AnswerLost, match="deadline"):
        read_for_ever(stream, ends[1])
    assert time.monotonic() - began < 5


def read_for_ever(stream: WatchedStream, other: socket.socket) -> None:
    while True:
        other.send(b"x" * 1000)
        stream.read(1000)
