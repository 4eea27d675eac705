"""A worker killed for real, with calls in flight."""

import re
import signal
import time
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.support.stack import Stack

pytestmark = [pytest.mark.stack]


def sign_in(stack: Stack) -> httpx.Client:
    client = httpx.Client(base_url=stack.url, follow_redirects=True)
    page = client.get("/accounts/login/").text
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token
    credentials = {"username": stack.username, "password": stack.password}
    client.post("/accounts/login/", data=credentials | {"csrfmiddlewaretoken": token[1]})
    return client


def submit(client: httpx.Client, prompt: str, n: int) -> str:
    page = client.get("/").text
    fields = {
        name: re.search(rf'name="{name}"[^>]* value="([^"]+)"', page)[1]  # type: ignore[index]
        for name in ("csrfmiddlewaretoken", "submit_token")
    }
    answer = client.post("/generations/", data=fields | {"prompt": prompt, "n": str(n)})
    return str(answer.url)


def states(client: httpx.Client, address: str) -> list[str]:
    return re.findall(r'data-state="(\w+)"', client.get(address).text)


def wait_for(client: httpx.Client, address: str, wanted: list[str], *, seconds: float) -> None:
    end = time.monotonic() + seconds
    while (found := states(client, address)) != wanted:
        assert time.monotonic() < end, found
        time.sleep(0.3)


def test_killed_worker_leaves_nothing_working_for_ever(tmp_path: Path) -> None:
    env = {"LEASE_SECONDS": "3", "SWEEP_SECONDS": "1"}
    with Stack(tmp_path / "var", env) as stack, closing(sign_in(stack)) as client:
        address = submit(client, "a fox [[slow=60]]", 2)
        wait_for(client, address, ["working", "working"], seconds=20)
        time.sleep(1)  # sent, and the provider at work
        stack.child("worker").send_signal(signal.SIGKILL)
        wait_for(client, address, ["unknown", "unknown"], seconds=40)
        assert "may have cost" in client.get(address).text
        after = submit(client, "a hare [[slow=0.1]]", 1)
        wait_for(client, after, ["done"], seconds=40)


def test_killed_while_it_asks_about_a_prompt_it_asks_again_and_pays_once(tmp_path: Path) -> None:
    env = {"LEASE_SECONDS": "3", "SWEEP_SECONDS": "1", "MODERATION": "block"}
    with Stack(tmp_path / "var", env) as stack, closing(sign_in(stack)) as client:
        address = submit(client, "a fox [[slow=0.1]][[moderation=hang]][[times=1]]", 1)
        wait_for(client, address, ["working"], seconds=20)
        wait_for_question(stack, seconds=20)
        stack.child("worker").send_signal(signal.SIGKILL)
        wait_for(client, address, ["done"], seconds=60)
        ledger = httpx.get(f"{stack.sandbox_url}/_sandbox/ledger").json()
        assert (ledger["requests"], ledger["billed"]) == (1, 1)
        assert ledger["moderations"] >= 2


def wait_for_question(stack: Stack, *, seconds: float) -> None:
    end = time.monotonic() + seconds
    ledger = f"{stack.sandbox_url}/_sandbox/ledger"
    while not httpx.get(ledger).json()["moderations"]:
        assert time.monotonic() < end
        time.sleep(0.1)
