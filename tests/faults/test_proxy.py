import socket
import threading
import time
from collections.abc import Iterator

import pytest

from tests.faults.proxy import Proxy


@pytest.fixture
def echo() -> Iterator[int]:
    """The port of a server that sends back what it gets."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                end, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(end,), daemon=True).start()

    def answer(end: socket.socket) -> None:
        with end:
            try:
                while piece := end.recv(4096):
                    end.sendall(piece)
            except OSError:
                return

    threading.Thread(target=serve, daemon=True).start()
    yield listener.getsockname()[1]
    listener.close()


@pytest.fixture
def proxy(echo: int) -> Iterator[Proxy]:
    with Proxy(echo) as line:
        yield line


def caller(proxy: Proxy) -> socket.socket:
    end = socket.create_connection(("127.0.0.1", proxy.port), timeout=5)
    return end


def read(end: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size and (piece := end.recv(size - len(found))):
        found += piece
    return found


def test_good_line_passes_everything_and_the_end(proxy: Proxy) -> None:
    with caller(proxy) as end:
        end.sendall(b"x" * 200_000)
        end.shutdown(socket.SHUT_WR)
        assert read(end, 300_000) == b"x" * 200_000


def test_reset_comes_after_exactly_so_many_bytes_down(proxy: Proxy) -> None:
    proxy.line.reset_after_down = 10
    with caller(proxy) as end:
        end.sendall(b"0123456789abcdef")
        assert read(end, 10) == b"0123456789"
        with pytest.raises(ConnectionResetError):
            end.recv(1)


def test_reset_after_upload_passes_no_more_up(proxy: Proxy) -> None:
    proxy.line.reset_after_up = 4
    with caller(proxy) as end:
        end.sendall(b"0123456789")
        with pytest.raises(ConnectionResetError):
            read(end, 10)


def test_cut_after_upload_loses_the_answer(proxy: Proxy) -> None:
    proxy.line.cuts_after_upload = True
    with caller(proxy) as end:
        end.sendall(b"paid")
        with pytest.raises(ConnectionResetError):
            end.recv(1)


def test_black_hole_keeps_everything_until_it_is_over(proxy: Proxy) -> None:
    proxy.line.is_black_hole = True
    with caller(proxy) as end:
        end.sendall(b"abc")
        end.settimeout(0.3)
        with pytest.raises(TimeoutError):
            end.recv(1)
        proxy.line.is_black_hole = False
        end.settimeout(5)
        assert read(end, 3) == b"abc"


def test_slow_line_takes_its_time(proxy: Proxy) -> None:
    proxy.line.bytes_per_second = 1000
    with caller(proxy) as end:
        began = time.monotonic()
        end.sendall(b"x" * 200)  # 0.2 s up, and the same down
        assert read(end, 200) == b"x" * 200
        assert 0.2 <= time.monotonic() - began < 3


def test_open_connections_can_be_cut(proxy: Proxy) -> None:
    with caller(proxy) as end:
        end.sendall(b"a")
        assert read(end, 1) == b"a"
        proxy.cut_all()
        with pytest.raises(ConnectionResetError):
            end.recv(1)


def test_refusing_line_resets_at_once(proxy: Proxy) -> None:
    proxy.line.refuses = True
    # It may come before the caller knows that it is connected.
    with pytest.raises(ConnectionResetError), caller(proxy) as end:
        end.recv(1)
