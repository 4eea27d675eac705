"""What is billed, when, and under which name."""

import socket
import time

import pytest

from tests.sandbox.server import Caller, linger_reset

FAST = "[[fixture=500kB]]"


@pytest.fixture
def fresh(caller: Caller) -> Caller:
    caller.reset()
    return caller


@pytest.mark.parametrize(
    ("prompt", "billed", "state"),
    [
        (f"a fox {FAST}", 1, "answered"),
        (f"a fox {FAST}[[cut=half]]", 1, "lost"),
        ("a fox [[rst]]", 1, "lost"),
        ("a fox [[empty]]", 1, "answered"),
        ("a fox [[error_frame=upstream_error]]", 1, "answered"),
        ("a fox [[error_frame=rate_limit_exceeded]]", 0, "answered"),
        ("a fox [[blocked]]", 0, "refused"),
        ("a fox [[html]]", 0, "refused"),
        ("a fox [[redirect]]", 0, "refused"),
        ("a fox [[status=429]]", 0, "refused"),
        ("a fox [[status=503]]", 0, "refused"),
        ("a fox [[status=500]]", 1, "refused"),
        ("a fox [[status=504]]", 1, "refused"),
        ("   ", 0, "refused"),
    ],
)
def test_bill_of_one_request(fresh: Caller, prompt: str, billed: int, state: str) -> None:
    seen = fresh.stream(prompt)
    report = fresh.ledger()
    assert (report["requests"], report["billed"], report["images"]) == (1, billed, billed)
    ((name, entry),) = report["by_request_id"].items()
    assert (entry["requests"], entry["billed"], entry["state"]) == (1, billed, state)
    assert entry["answered_as"] == [name]
    if seen.raw:
        assert seen.header("x-request-id") == name


def test_one_call_of_four_is_one_bill(fresh: Caller) -> None:
    assert len(fresh.generate(f"a fox {FAST}", n=4).json["data"]) == 4
    report = fresh.ledger()
    assert (report["requests"], report["billed"], report["images"]) == (1, 1, 4)


def test_requests_are_filed_under_the_callers_id(fresh: Caller) -> None:
    body = b'{"prompt": "a fox [[fixture=500kB]]"}'
    own = {"x-request-id": "attempt-7"}
    answers = [fresh.send("POST", "/v1/images/generations", body, headers=own) for _ in range(2)]
    entry = fresh.ledger()["by_request_id"]["attempt-7"]
    assert (entry["requests"], entry["billed"]) == (2, 2)
    assert entry["answered_as"] == [answer.header("x-request-id") for answer in answers]


def test_incomplete_request_is_not_counted(fresh: Caller) -> None:
    with socket.create_connection(("127.0.0.1", fresh.server.port)) as link:
        link.sendall(b"POST /v1/images/generations HTTP/1.1\r\ncontent-length: 90\r\n\r\n{")
    counts = {"requests": 0, "billed": 0, "images": 0, "moderations": 0}
    assert fresh.ledger() == counts | {"by_request_id": {}}


def test_caller_that_hangs_up_pays_all_the_same(fresh: Caller) -> None:
    body = b'{"prompt": "a fox [[slow=30]]", "stream": true}'
    link = socket.create_connection(("127.0.0.1", fresh.server.port))
    head = "POST /v1/images/generations HTTP/1.1\r\nauthorization: Bearer rsk_test_key\r\n"
    link.sendall(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
    assert link.recv(15) == b"HTTP/1.1 200 OK"
    linger_reset(link)
    deadline = time.monotonic() + 10
    while True:
        report = fresh.ledger()
        (entry,) = report["by_request_id"].values()
        if entry["state"] == "lost" or time.monotonic() > deadline:
            break
        time.sleep(0.1)
    assert (report["billed"], entry["state"]) == (1, "lost")
