"""The pieces `run` is made of, each on its own, with real processes."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from generations.management.local import (
    addresses,
    alive,
    ports,
    processes,
    redis_server,
    seaweedfs,
)
from generations.management.local.errors import CannotStart, StopAsked
from generations.management.local.lock import sole_run
from generations.management.local.private_files import kept_secret, write_private
from generations.management.local.processes import Child, rotate
from generations.management.local.stack import Stack
from generations.management.local.supervisor import Supervisor
from generations.management.local.wakeup import Wakeup


@pytest.fixture(autouse=True)
def var_dir(tmp_path: Path, settings: Any) -> Path:
    settings.VAR_DIR = tmp_path
    return tmp_path


def python(code: str, name: str = "child", **more: Any) -> Child:
    return Child(name, [sys.executable, "-c", code], os.environ, **more)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_kept_secret_is_made_once_and_private(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    first = kept_secret(path, length=12)
    assert len(first) == 16
    assert kept_secret(path, length=12) == first
    assert mode(path) == 0o600


def test_write_private_replaces_an_open_file_with_a_private_one(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("old")
    path.chmod(0o644)
    write_private(path, "new")
    assert (path.read_text(), mode(path)) == ("new", 0o600)
    assert [each.name for each in tmp_path.iterdir()] == ["secret"]


def test_lock_names_the_process_that_holds_it(tmp_path: Path) -> None:
    with (
        sole_run(tmp_path),
        pytest.raises(CannotStart, match=f"already running on .* \\(process {os.getpid()}\\)"),
        sole_run(tmp_path),
    ):
        raise AssertionError("two held it")
    with sole_run(tmp_path):
        pass


def test_port_in_use_is_a_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert ports.why_not("127.0.0.1", port) == (
            f"Port {port} on 127.0.0.1 is taken: stop what listens there, or set PORT to another."
        )
    assert ports.why_not("127.0.0.1", port) == ""


def test_port_that_others_share_counts_as_taken() -> None:
    """The web server listens with SO_REUSEPORT: a second one would silently share its visitors."""
    with socket.socket() as shared:
        shared.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        shared.bind(("127.0.0.1", 0))
        shared.listen()
        assert "is taken" in ports.why_not("127.0.0.1", shared.getsockname()[1])


@pytest.mark.parametrize(
    ("host", "sentence"),
    [
        ("192.0.2.1", "HOST: 192.0.2.1 is not an address of this machine."),
        ("no.such.host.invalid", "HOST: “no.such.host.invalid” can't be found."),
    ],
)
def test_host_that_is_not_ours_is_a_sentence(host: str, sentence: str) -> None:
    assert ports.why_not(host, ports.free_port()) == sentence


def test_rotate_keeps_the_last_three(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    for number in range(5):
        log.write_text(str(number))
        rotate(log)
    kept = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert kept == {"web.log.1": "4", "web.log.2": "3", "web.log.3": "2"}


def test_child_writes_to_its_private_log_and_says_how_it_ended(var_dir: Path) -> None:
    child = python("import sys; print('first'); print('the reason', file=sys.stderr); sys.exit(3)")
    child.start()
    assert child.process
    child.process.wait(20)
    assert child.exit_text() == "exit code 3"
    assert sorted(child.log_path.read_text().split("\n")) == ["", "first", "the reason"]
    assert mode(child.log_path.parent) == 0o700


def test_child_runs_in_a_session_of_its_own() -> None:
    child = python("import time; time.sleep(60)")
    child.start()
    assert child.process
    try:
        assert os.getsid(child.process.pid) == child.process.pid != os.getsid(0)
    finally:
        child.end()
    assert child.exit_text() == "killed by SIGKILL"


PARENT = """
import json, os, sys, time
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
import django
django.setup()
from django.conf import settings
from pathlib import Path
settings.VAR_DIR = Path(sys.argv[1])
from generations.management.local.processes import Child
child = Child("c", [sys.executable, "-c", "import time; time.sleep(60)"], os.environ)
child.start()
print(json.dumps(child.process.pid), flush=True)
time.sleep(60)
"""


def test_child_dies_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert parent.stdout
        child = psutil.Process(json.loads(parent.stdout.readline()))
        parent.kill()
        parent.wait()
        gone, _ = psutil.wait_procs([child], timeout=10)
        assert gone == [child]
    finally:
        parent.kill()
        parent.wait()


def test_supervisor_starts_a_dead_child_again_later_each_time(var_dir: Path) -> None:
    said: list[str] = []
    with Wakeup() as wakeup:
        supervisor = Supervisor(wakeup, said.append)
        supervisor.start(python("raise SystemExit(7)", "flaky"))

        def stop_after_two() -> None:
            wakeup.stops_asked = int(len(said) == 2)

        supervisor.watch(stop_after_two)
        supervisor.stop("flaky")
    log = var_dir / "logs" / "flaky.log"
    assert said == [
        f"flaky ended by itself (exit code 7); starting it again in 0.5 s. Its log: {log}",
        f"flaky ended by itself (exit code 7); starting it again in 1 s. Its log: {log}",
    ]


def test_supervisor_reports_a_child_that_ends_while_starting() -> None:
    with Wakeup() as wakeup:
        supervisor = Supervisor(wakeup, print)
        supervisor.start(python("import sys; sys.exit('no such luck')", "web"))
        with pytest.raises(CannotStart) as caught:
            supervisor.wait_for(lambda: False, what="web", seconds=20)
        supervisor.stop("web")
    assert str(caught.value).startswith("web ended at once (exit code 1); its log is ")
    assert str(caught.value).endswith("Its last words: no such luck")


STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, lambda *_: print("asked", flush=True))
print("up", flush=True)
while True: time.sleep(0.05)
"""


def wait_for_words(path: Path, words: str) -> None:
    until = time.monotonic() + 20
    while words not in path.read_text():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_stop_kills_a_child_that_does_not_listen() -> None:
    with Wakeup() as wakeup:
        supervisor = Supervisor(wakeup, print)
        child = python(STUBBORN, "stubborn", stop_seconds=0.3)
        supervisor.start(child)
        wait_for_words(child.log_path, "up")
        supervisor.stop("stubborn")
    assert child.exit_text() == "killed by SIGKILL"
    assert child.log_path.read_text() == "up\nasked\n"


def test_second_stop_cuts_the_patience_short() -> None:
    with Wakeup() as wakeup:
        supervisor = Supervisor(wakeup, print)
        child = python(STUBBORN, "stubborn", stop_seconds=600)
        supervisor.start(child)
        wait_for_words(child.log_path, "up")
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGTERM)
        started = time.monotonic()
        supervisor.stop("stubborn")
        assert time.monotonic() - started < 60
    assert child.log_path.read_text() == "up\nasked\nasked\n"


def test_first_signal_interrupts_only_while_raising() -> None:
    before = signal.getsignal(signal.SIGINT)  # ignored where the run was put into the background
    with Wakeup() as wakeup:
        wakeup.raising = True
        with pytest.raises(StopAsked):
            os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        assert wakeup.stops_asked == 2
    assert signal.getsignal(signal.SIGINT) is before


def test_stop_waits_for_what_must_not_be_interrupted() -> None:
    done = []

    def work() -> None:
        with wakeup.uninterrupted():
            os.kill(os.getpid(), signal.SIGINT)
            done.append("whole")
        done.append("and on")

    with Wakeup() as wakeup:
        wakeup.raising = True
        with pytest.raises(StopAsked):
            work()
        assert done == ["whole"]
        work()  # only the first one interrupts
        assert done == ["whole", "whole", "and on"]


@pytest.fixture
def stop_at_fork(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever starts a process is asked to stop before the process has become its program."""
    parent = os.getpid()
    for module in (processes, seaweedfs):
        monkeypatch.setattr(module, "bound_to", lambda _: lambda: os.kill(parent, signal.SIGINT))


@pytest.mark.usefixtures("stop_at_fork")
def test_stop_while_a_child_is_started_loses_neither(capfd: pytest.CaptureFixture[str]) -> None:
    child = python("import time; time.sleep(60)")
    with Wakeup() as wakeup:
        supervisor = Supervisor(wakeup, print)
        wakeup.raising = True
        with pytest.raises(StopAsked):
            supervisor.start(child)
        assert child.is_running
        supervisor.stop("child")
    assert child.exit_text() == "killed by SIGTERM"
    assert capfd.readouterr().err == ""


@pytest.mark.usefixtures("stop_at_fork")
def test_stop_while_the_store_is_started_loses_neither(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "weed"
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    program.chmod(0o755)
    monkeypatch.setattr(seaweedfs, "find_program", lambda: str(program))
    with Wakeup() as wakeup:
        stack = Stack(Supervisor(wakeup, print), print, with_s3=True)
        wakeup.raising = True
        with pytest.raises(StopAsked):
            stack.start_store()
        assert stack.store
        assert stack.store.is_running
        stack.store.stop()
        assert not stack.store.is_running


def test_signal_ends_a_sleep_at_once() -> None:
    with Wakeup() as wakeup:
        os.kill(os.getpid(), signal.SIGTERM)
        started = time.monotonic()
        wakeup.sleep(30)
        assert time.monotonic() - started < 15


def test_system_redis_comes_before_the_packaged_one(tmp_path: Path, monkeypatch: Any) -> None:
    program = tmp_path / "redis-server"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{Path(sys.prefix, 'bin')}{os.pathsep}{tmp_path}")
    assert redis_server.find_program() == str(program)


def test_no_redis_anywhere_says_what_to_install(monkeypatch: Any) -> None:
    monkeypatch.setattr(redis_server, "system_program", str)
    monkeypatch.setattr(redis_server, "packaged_program", str)
    with pytest.raises(CannotStart, match=r"install it .* or set REDIS_URL"):
        redis_server.find_program()


def test_private_redis_needs_its_password_which_no_argument_shows(var_dir: Path) -> None:
    child, url = redis_server.private_redis(var_dir / "redis", os.environ)
    password = url.partition("://:")[2].partition("@")[0]
    assert len(password) == 32
    assert not any(password in argument for argument in child.command)
    assert mode(var_dir / "redis" / "private.conf") == 0o600
    child.start()
    try:
        until = time.monotonic() + 20
        while not redis_server.answers(url):
            assert time.monotonic() < until
            time.sleep(0.02)
        assert not redis_server.answers(url.replace(password, "guess"))
        assert not redis_server.answers(url.replace(f":{password}@", ""))
    finally:
        child.end()


def test_addresses_are_private_and_removed(tmp_path: Path) -> None:
    (tmp_path / "worker.alive").touch()  # of a run that was killed
    addresses.empty(tmp_path)
    addresses.publish({"REDIS_URL": "redis://x", "S3_BUCKET": "pictures"}, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["redis.url"]
    assert (tmp_path / "redis.url").read_text() == "redis://x\n"
    assert mode(tmp_path / "redis.url") == 0o600
    addresses.empty(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_sign_of_life_goes_stale(tmp_path: Path, monkeypatch: Any) -> None:
    run_dir = tmp_path / "run"
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    assert alive.main("worker") == 1
    alive.touch("worker", run_dir)
    assert alive.main("worker") == 0
    assert alive.main("beat") == 1
    old = time.time() - alive.STALE_SECONDS - 1
    os.utime(run_dir / "worker.alive", (old, old))
    assert alive.main("worker") == 1
    alive.forget("worker", run_dir)
    assert list(run_dir.iterdir()) == []


def test_web_is_not_alive_where_nobody_listens(monkeypatch: Any) -> None:
    monkeypatch.setenv("PORT", str(ports.free_port()))
    assert alive.main("web") == 1
