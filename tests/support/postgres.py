"""A PostgreSQL of the tests' own: temporary, on loopback, under an unprivileged user.

As a program it runs a command with DATABASE_URL set:
`python -m tests.support.postgres pytest -m db`.
"""

import glob
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

START_SECONDS = 60.0
OWNERS = ("postgres", "nobody")
DURABLE = ("fsync=off", "full_page_writes=off", "log_min_messages=fatal")
FASTER = (*DURABLE, "synchronous_commit=off")


def bin_dir() -> Path | None:
    """Where this machine's newest PostgreSQL has its programs; None if it has none."""
    found = [Path(path).parent for path in glob.glob("/usr/lib/postgresql/*/bin/initdb")]
    if path := shutil.which("initdb"):
        found.insert(0, Path(path).resolve().parent)
    complete = [folder for folder in found if (folder / "postgres").is_file()]
    return complete[0] if complete else None


def owner() -> str | None:
    """PostgreSQL refuses to run as root: then another user's name, else None for our own."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in OWNERS if name in known)


def loopback_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Cluster:
    """A cluster of its own inside the `with`; it can be stopped, killed and started again.

    `durable` keeps every commit through a crash of the server (not of the machine).
    """

    def __init__(self, *, durable: bool = False) -> None:
        self.settings: tuple[str, ...] = DURABLE if durable else FASTER
        self.port = loopback_port()
        self._server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        programs = bin_dir()
        if programs is None:
            raise RuntimeError("PostgreSQL is not installed")
        self._programs, self._user = programs, owner()
        self._folder = Path(tempfile.mkdtemp(prefix="mesh-pg-"))
        try:
            if self._user:
                shutil.chown(self._folder, self._user)
            self._password = make_cluster(programs, self._folder, self._user)
            self.start()
        except BaseException:
            self._remove()
            raise
        return self

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://mesh:{self._password}@127.0.0.1:{self.port}/{database}"

    @property
    def is_running(self) -> bool:
        return self._server is not None and self._server.poll() is None

    def start(self, *more_settings: str) -> None:
        settings = (*self.settings, *more_settings)
        self._server = start_server(self._programs, self._folder, self._user, self.port, settings)
        wait_until_ready(self._programs, self._server, self.port)

    def stop(self) -> None:
        """As `pg_ctl stop -m immediate`: at once, what was committed is recovered at its start."""
        if self._server:
            stop_server(self._server)
            self._server = None

    def _remove(self) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._remove()


@contextmanager
def private_postgres() -> Iterator[str]:
    """The address of a fresh cluster, removed afterwards whatever happens."""
    with Cluster() as cluster:
        yield cluster.url()


def make_cluster(programs: Path, folder: Path, user: str | None) -> str:
    password = secrets.token_urlsafe(16)
    password_file = folder / "password"
    password_file.write_text(password)
    if user:
        shutil.chown(password_file, user)
    subprocess.run(
        [
            *(programs / "initdb", "-D", folder / "data", "-U", "mesh", "-E", "UTF8"),
            *("--no-locale", "--no-sync", "-A", "scram-sha-256", f"--pwfile={password_file}"),
        ],
        cwd=folder,
        user=user,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return password


def start_server(
    programs: Path, folder: Path, user: str | None, port: int, settings: tuple[str, ...]
) -> subprocess.Popen[bytes]:
    options = [part for setting in settings for part in ("-c", setting)]
    return subprocess.Popen(
        [
            *(programs / "postgres", "-D", folder / "data", "-p", str(port), "-k", folder),
            *("-c", "listen_addresses=127.0.0.1", *options),
        ],
        cwd=folder,
        user=user,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def wait_until_ready(programs: Path, server: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + START_SECONDS
    asked = [str(programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
    while subprocess.run(asked, check=False).returncode:
        if server.poll() is not None or time.monotonic() > until:
            raise RuntimeError("the private PostgreSQL did not start")
        time.sleep(0.05)


def stop_server(server: subprocess.Popen[bytes]) -> None:
    server.send_signal(3)  # SIGQUIT: at once, nothing in it is worth keeping
    with suppress(subprocess.TimeoutExpired):
        server.wait(10)
    with suppress(ProcessLookupError):
        os.killpg(server.pid, 9)
    server.wait()


def main(command: list[str]) -> int:
    with private_postgres() as url:
        return subprocess.run(
            command, env={**os.environ, "DATABASE_URL": url}, check=False
        ).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
