"""G8: what an idle poll costs, against the ordinary Django poll and a bare 204."""

import http.client
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psutil

from bench.rows import Row, interleaved, wait_until
from generations.management.local.ports import answers, free_port
from tests.support.redis import PrivateRedis

ROUNDS, REPEATS = 9, 400
BASE_DIR = Path(__file__).resolve().parents[1]
# Set up in a process of its own, so that this one needs no settings.
PREPARE = """
import django; django.setup()
from generations.sessions import SessionStore
from django.core.management import call_command
from django.contrib.auth import SESSION_KEY, BACKEND_SESSION_KEY, HASH_SESSION_KEY
from generations.models import CatalogModel, User
from generations.services.generation import Request, submit_generation
call_command("migrate", verbosity=0)
call_command("collectstatic", verbosity=0, interactive=False)
alice = User.objects.create_user("alice", password="alice-password")
model = CatalogModel.objects.create(model_id="m", name="M", sizes=["auto"])
submit_generation(alice, Request(prompt="a fox", model=model, n=4), submit_token="bench-token")
session = SessionStore()
session[SESSION_KEY] = str(alice.pk)
session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
session[HASH_SESSION_KEY] = alice.get_session_auth_hash()
session.create()
print(session.session_key)
"""


@dataclass(frozen=True, slots=True)
class Server:
    port: int
    process: psutil.Process
    cookie: str

    def get(self, connection: http.client.HTTPConnection, address: str) -> tuple[int, bytes]:
        connection.request("GET", address, headers={"Cookie": self.cookie})
        answer = connection.getresponse()
        return answer.status, answer.read()


@contextmanager
def served() -> Iterator[Server]:
    """The real web server on SQLite with a Redis of its own, and one person signed in."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder, PrivateRedis(Path(folder)) as redis:
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "bench.poll_settings",
            "VAR_DIR": folder,
            "PORT": str(port),
            "REDIS_URL": redis.url,
        }
        session = subprocess.run(
            [sys.executable, "-c", PREPARE],
            env=environment,
            cwd=BASE_DIR,
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        web = subprocess.Popen([sys.executable, "manage.py", "web"], env=environment, cwd=BASE_DIR)
        try:
            wait_until(lambda: answers("127.0.0.1", port), seconds=30)
            yield Server(port, psutil.Process(web.pid), f"session={session}")
        finally:
            web.terminate()
            web.wait(20)


def run() -> list[Row]:
    with served() as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port)
        _, page = server.get(connection, "/")
        found = re.search(rb'<poll-watch[^>]* token="([^"]+)"', page)
        assert found, page[:500]
        poll = f"/poll/?token={quote(found[1].decode())}"

        def asking(address: str, expected: int) -> Callable[[], None]:
            def ask() -> None:
                status, body = server.get(connection, address)
                assert (status, body) == (expected, b""), (address, status)

            return ask

        works = [asking(poll, 204), asking("/ordinary/", 204), asking("/bare/", 204)]
        for work in works:
            work()
        idle, ordinary, bare = interleaved(
            works, root=server.process, rounds=ROUNDS, repeats=REPEATS
        )
    context = (
        f"{idle * 1e3:.2f} ms; ordinary {ordinary * 1e3:.2f}, bare 204 {bare * 1e3:.2f};"
        f" {2 / idle:,.0f} browsers a core at one poll every 2 s"
    )
    what = "idle poll, CPU against"
    return [
        Row("G8", f"{what} the ordinary Django poll", idle / ordinary, 0.30, context=context),
        Row("G8", f"{what} a bare 204", idle / bare, 3.0),
    ]


if __name__ == "__main__":
    from bench import table

    table.show(run())
