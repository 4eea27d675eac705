"""The process itself: quick up, quick down, no orphans, many streams, plain HTTP."""

import asyncio
import re
import signal
import socket
import subprocess
import sys
import threading
import time

import psutil
import pytest

from generations.sandbox.studio import Studio
from tests.sandbox.server import KEY, ROOT, Caller, Seen, read_to_end, running

STREAMS = 100


def test_ready_soon_and_stops_at_once_while_streams_wait() -> None:
    start = time.monotonic()
    with running() as server:
        assert time.monotonic() - start < 5
        with socket.create_connection(("127.0.0.1", server.port)) as link:
            link.sendall(request_bytes("a fox [[slow=60]]"))
            assert link.recv(15) == b"HTTP/1.1 200 OK"
            stopping = time.monotonic()
            assert server.stop() == 0
            assert time.monotonic() - stopping < 3


def request_bytes(prompt: str) -> bytes:
    body = f'{{"prompt": "{prompt}", "stream": true}}'.encode()
    head = f"POST /v1/images/generations HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {KEY}\r\n"
    return f"{head}connection: close\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_drawing_children_end_with_it(end: signal.Signals) -> None:
    with running("--speed", "0") as server:
        assert Caller(server).generate("a fox [[size=64x64]]").status == 200
        children = psutil.Process(server.process.pid).children(recursive=True)
        assert children
        server.process.send_signal(end)
        deadline = time.monotonic() + 10
        while any(is_alive(child) for child in children) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert [child for child in children if is_alive(child)] == []


def is_alive(process: psutil.Process) -> bool:
    """Ended counts as dead, whether or not somebody has asked how."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_nothing_of_a_closed_studio_is_left_to_meet_the_interpreters_exit() -> None:
    before = set(threading.enumerate())
    studio = Studio(artists=1)
    studio.open()
    assert set(threading.enumerate()) - before
    studio.close()
    assert set(threading.enumerate()) - before == set()


def test_a_killed_child_is_replaced() -> None:
    with running("--speed", "0") as server:
        caller = Caller(server)
        assert caller.generate("a fox [[size=64x64]]").status == 200
        for child in psutil.Process(server.process.pid).children(recursive=True):
            if "spawn_main" in " ".join(child.cmdline()):
                child.kill()
        assert caller.generate("a fox [[size=64x64]]").status == 200


def test_management_command_speaks_the_same_line() -> None:
    command = [sys.executable, "manage.py", "sandbox", "--port", "0"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert re.fullmatch(r"sandbox listening on http://127\.0\.0\.1:\d+\n", line)
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 0
        process.stdout.close()


def test_imports_nothing_else_of_ours() -> None:
    code = (
        "import sys, generations.sandbox.server;"
        "print(*[n for n in sys.modules if n.split('.')[0] in ('django', 'httpx', 'meshgallery')"
        " or n.startswith('generations.') and not n.startswith('generations.sandbox')])"
    )
    seen = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert seen.stdout.strip() == ""


def test_a_hundred_streams_at_once(caller: Caller) -> None:
    caller.reset()
    memory = psutil.Process(caller.server.process.pid)
    before = memory.memory_info().rss

    async def one() -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", caller.server.port)
        writer.write(request_bytes("a fox [[fixture=1.5MB]][[slow=2]]"))
        body = await reader.read()
        writer.close()
        return body

    async def all_of_them() -> list[bytes]:
        return await asyncio.gather(*(one() for _ in range(STREAMS)))

    bodies = asyncio.run(all_of_them())
    grown = memory.memory_info().rss - before
    assert [Seen(body, "end").has_final_chunk for body in bodies] == [True] * STREAMS
    assert all(body.count(b": ping\n") >= 1 for body in bodies)
    assert all(2_000_000 < len(body) < 2_003_000 for body in bodies)
    assert grown < 60_000_000
    assert caller.ledger()["billed"] == STREAMS


def test_one_connection_carries_many_requests(caller: Caller) -> None:
    ask = b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"
    last = b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", caller.server.port)) as link:
        link.sendall(ask * 3 + last)
        raw = read_to_end(link, wait=10).raw
    assert raw.count(b'{"status": "ok"}') == 4
    assert raw.count(b"connection: keep-alive") == 3


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", 400),
        (b"POST /v1/images/generations HTTP/1.1\r\ncontent-length: many\r\n\r\n", 400),
        (b"POST /v1/images/generations HTTP/1.1\r\ncontent-length: 999999999\r\n\r\n", 413),
        (b"GET / HTTP/1.1\r\nx: " + b"x" * 100_000 + b"\r\n\r\n", 431),
        (b"GET /nowhere HTTP/1.0\r\n\r\n", 404),
        (b"GET /v1/images/generations HTTP/1.0\r\n\r\n", 405),
        (b"GET /v1/models HTTP/1.0\r\n\r\n", 401),
    ],
)
def test_requests_that_are_wrong(caller: Caller, sent: bytes, status: int) -> None:
    with socket.create_connection(("127.0.0.1", caller.server.port)) as link:
        link.sendall(sent)
        assert read_to_end(link, wait=10).status == status


def test_chunked_request_body(caller: Caller) -> None:
    head = (
        f"POST /v1/images/generations HTTP/1.1\r\nauthorization: Bearer {KEY}\r\n"
        "transfer-encoding: chunked\r\nconnection: close\r\n\r\n"
    )
    chunks = b'b\r\n{"prompt": \r\n6\r\n"  " }\r\n0\r\n\r\n'
    with socket.create_connection(("127.0.0.1", caller.server.port)) as link:
        link.sendall(head.encode() + chunks)
        seen = read_to_end(link, wait=10)
    assert (seen.status, seen.json["error"]["message"]) == (400, "The prompt must not be empty.")


def test_usual_seconds_and_pings_at_usual_speed() -> None:
    with running("--speed", "2") as server:
        start = time.monotonic()
        seen = Caller(server).stream("a fox [[fixture=500kB]]", model="vertex/imagen-4-fast")
        assert 2.0 <= time.monotonic() - start < 8
        assert seen.frames()[1] == b": ping"
