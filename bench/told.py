"""G10: how soon a page has what the provider has finished, on the real stack.

Pages are simulated as the browser's `<poll-watch>` would ask: one poll when its time has come, the
next when the answer says. The peer is a page that asks every two seconds from the moment it was
loaded, worked out over the very same pictures. “Finished” is the last byte's arrival in the spool.
"""

import http.client
import random
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from http.cookies import SimpleCookie
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import quote, urlencode
from uuid import UUID

from bench.rows import Row
from tests.support.stack import BASE_DIR, Stack

PAGES, ROUNDS = 6, 12
MODEL, LONG_MODEL = "openai/gpt-image-1", "black-forest-labs/flux-1.1-pro"
LONG_SECONDS = 20
PEER_SECONDS = 2.0
PROMPT = "[[fixture=500kB]] told {number}"
LONG_PROMPT = f"[[fixture=500kB]] [[slow={LONG_SECONDS}]] long {{number}}"
PATIENCE_SECONDS = 60
# One person for each page, signed in; prints a session key a line.
SIGN_IN = """
import django, sys; django.setup()
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from generations.sessions import SessionStore
from generations.models import User
for number in range(int(sys.argv[1])):
    user = User(username=f"page{number}")
    user.set_unusable_password()
    user.save()
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    print(session.session_key)
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """One picture on one page, in Unix seconds."""

    generation: UUID
    loaded: float
    seen: float
    polls: int


class Page:
    """What a browser does on the gallery's page, without drawing it."""

    def __init__(self, stack: Stack, session: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", stack.port, timeout=30)
        self._cookies = {"session": session}
        self._url = stack.url

    def make(self, prompt: str, model: str) -> Seen:
        """Submit, and poll until the picture is there."""
        page = self._ask("GET", "/")
        form = {
            "csrfmiddlewaretoken": _value(page, "csrfmiddlewaretoken"),
            "submit_token": _value(page, "submit_token"),
            "prompt": prompt,
            "model": model,
        }
        loaded = time.time()
        action = _found(r'id="prompt-form"[^>]* action="([^"]+)"', page)
        answer = self._ask("POST", action, form)
        generation = UUID(_found(r'data-generation="([^"]+)"', answer))
        polls = 0
        while time.time() - loaded < PATIENCE_SECONDS:
            token, delay = _found(r'token="([^"]+)"', answer), _found(r' delay="([^"]+)"', answer)
            answer, asked = self._poll(token, float(delay))
            polls += asked
            if f'data-generation="{generation}"' in answer and 'data-state="done"' in answer:
                return Seen(generation, loaded, time.time(), polls)
        raise TimeoutError(f"no picture for “{prompt}” in {PATIENCE_SECONDS} s")

    def _poll(self, token: str, delay: float) -> tuple[str, int]:
        """Until something changed: the answer, and how often it was asked."""
        asked = 0
        while True:
            time.sleep(delay)
            asked += 1
            answer = self._ask("GET", f"/poll/?token={quote(token)}")
            if answer:
                return answer, asked
            delay = float(self._headers.get("X-Poll-Seconds", "2"))

    def _ask(self, method: str, address: str, form: dict[str, str] | None = None) -> str:
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items()),
            "Referer": self._url,
        }
        if form:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "HX-Request": "true"}
        self._connection.request(method, address, urlencode(form or {}), headers)
        answer = self._connection.getresponse()
        body = answer.read().decode()
        assert answer.status in {200, 204}, (address, answer.status, body[:500])
        self._headers = answer.headers
        for line in answer.headers.get_all("Set-Cookie", []):
            self._cookies |= {name: each.value for name, each in SimpleCookie(line).items()}
        return body


def _found(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    assert found, (pattern, text[:2000])
    return found[1]


def _value(page: str, name: str) -> str:
    return _found(rf'name="{name}"[^>]* value="([^"]+)"', page)


class Times:
    """When the worker had the whole answer, and when the picture could be shown."""

    def __init__(self, stack: Stack) -> None:
        self._spool = stack.var_dir / "spool"
        self._rows = sqlite3.connect(
            f"file:{stack.var_dir / 'meshgallery.sqlite3'}?mode=ro", uri=True
        )

    def of(self, seen: Seen) -> tuple[float, float]:
        asked = "SELECT id, received_at, finished_at FROM generations_attempt"
        row = self._rows.execute(f"{asked} WHERE generation_id = ?", [seen.generation.hex])
        attempt, received, shown = row.fetchone()
        spooled = self._spool / f"{UUID(attempt)}.done"
        arrived = spooled.stat().st_mtime if spooled.exists() else _unix(received)
        return min(arrived, _unix(received)), _unix(shown)


def _unix(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def run() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder, Stack(Path(folder, "var")) as stack:
        pages = [Page(stack, session) for session in _sessions(stack)]
        times = Times(stack)
        pages[0].make(PROMPT.format(number="first"), MODEL)  # how long it usually takes
        with ThreadPoolExecutor(PAGES) as pool:
            turns = pool.map(lambda page: _make_some(page, ROUNDS), pages)
            seen = [each for turn in turns for each in turn]
        told = [(each, *times.of(each)) for each in seen]
        return [*_delays(told), _polls(pages[0])]


def _make_some(page: Page, rounds: int) -> list[Seen]:
    made = []
    for number in range(rounds):
        time.sleep(random.uniform(0, 2))  # pages aren't loaded in step
        made.append(page.make(PROMPT.format(number=number), MODEL))
    return made


def _delays(told: list[tuple[Seen, float, float]]) -> list[Row]:
    ours = [each.seen - arrived for each, arrived, _ in told]
    stored = [shown - arrived for _, arrived, shown in told]
    answer = min(each.seen - shown for each, _, shown in told)  # a poll that came just in time
    peers = [_peer(each, shown) + answer - arrived for each, arrived, shown in told]
    last, peers_last = quantiles(ours, n=20)[-1], quantiles(peers, n=20)[-1]
    context = f"{len(told)} pictures: median {median(ours) * 1e3:.0f} ms, 95 % {last * 1e3:.0f};"
    context += f" every 2 s {median(peers) * 1e3:.0f} and {peers_last * 1e3:.0f}"
    what = "last byte to picture on the page, 95th percentile against polling every 2 s"
    part = "of it until the picture can be shown, median"
    return [
        Row("G10", what, last / peers_last, 0.35, context=context),
        Row("G10", part, median(stored) * 1e3, 60, "ms"),
    ]


def _peer(seen: Seen, shown: float) -> float:
    """When a page that asks every two seconds would have asked next."""
    waited = shown - seen.loaded
    return seen.loaded + PEER_SECONDS * -(-waited // PEER_SECONDS)


def _polls(page: Page) -> Row:
    """Requests while a picture of twenty seconds is made, of a model that usually takes so long."""
    for number in range(2):
        page.make(LONG_PROMPT.format(number=number), LONG_MODEL)
    seen = page.make(LONG_PROMPT.format(number="counted"), LONG_MODEL)
    peers = (seen.seen - seen.loaded) / PEER_SECONDS
    context = f"{seen.polls} requests in {seen.seen - seen.loaded:.1f} s"
    what = f"polls of a {LONG_SECONDS} s picture against polling every 2 s"
    return Row("G10", what, seen.polls / peers, 1.5, context=context)


def _sessions(stack: Stack) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", SIGN_IN, str(PAGES)],
        env=stack.env | {"DJANGO_SETTINGS_MODULE": "meshgallery.settings"},
        cwd=BASE_DIR,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.split()


if __name__ == "__main__":
    from bench import table

    table.show(run())
