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

START_SECONDS = 60.0
OWNERS = ("postgres", "nobody")
FASTER = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "log_min_messages=fatal")


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


@contextmanager
def private_postgres() -> Iterator[str]:
    """The address of a fresh cluster, removed afterwards whatever happens."""
    programs = bin_dir()
    if programs is None:
        raise RuntimeError("PostgreSQL is not installed")
    user = owner()
    folder = Path(tempfile.mkdtemp(prefix="mesh-pg-"))
    try:
        if user:
            shutil.chown(folder, user)
        password = make_cluster(programs, folder, user)
        port = loopback_port()
        server = start_server(programs, folder, user, port)
        try:
            wait_until_ready(programs, server, port)
            yield f"postgresql://mesh:{password}@127.0.0.1:{port}/postgres"
        finally:
            stop_server(server)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


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
    programs: Path, folder: Path, user: str | None, port: int
) -> subprocess.Popen[bytes]:
    settings = [part for setting in FASTER for part in ("-c", setting)]
    return subprocess.Popen(
        [
            *(programs / "postgres", "-D", folder / "data", "-p", str(port), "-k", folder),
            *("-c", "listen_addresses=127.0.0.1", *settings),
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
