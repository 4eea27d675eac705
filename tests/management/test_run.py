"""`manage.py run` as a person meets it: real processes, real signals."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from generations.management.local.ports import free_port
from tests.support.stack import BASE_DIR, Stack, clean_environment

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(tmp_path_factory.mktemp("stack") / "var") as running:
        yield running


def run_in_vain(**env: str) -> subprocess.CompletedProcess[str]:
    """A start that is expected to fail."""
    return subprocess.run(
        [sys.executable, str(BASE_DIR / "manage.py"), "run"],
        cwd=BASE_DIR,
        env={**clean_environment(), **env},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def manage(stack: Stack, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Another command beside the running stack, which finds it by its folder."""
    return subprocess.run(
        [sys.executable, str(BASE_DIR / "manage.py"), *arguments],
        cwd=BASE_DIR,
        env=stack.env,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def wait_for(condition: object, *, seconds: float = 30.0) -> None:
    assert callable(condition)
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not come true in time"
        time.sleep(0.05)


def test_says_where_who_and_how_to_stop(stack: Stack) -> None:
    rows = [line.split(maxsplit=1) for line in stack.output.splitlines() if line.startswith("  ")]
    said = {row[0]: row[1] for row in rows}
    assert said["Address"] == stack.url
    assert stack.output.count(f"  Sign in   {stack.username} / {stack.password}\n") == 1
    assert "sandbox" in said["Pictures"]
    assert said["Stop"] == "Ctrl-C"


def test_everything_answers_once_it_says_so(stack: Stack) -> None:
    assert stack.status("/readyz") == 200
    assert stack.status("/accounts/login/") == 200
    files = {path.name for path in (stack.var_dir / "run").iterdir()}
    assert files == {"redis.url", "sandbox.url", "worker.alive", "beat.alive"}


def test_folder_and_secrets_are_private(stack: Stack) -> None:
    assert stack.var_dir.stat().st_mode & 0o777 == 0o700
    for name in ("secret_key", "demo_password", "run/redis.url", "redis/private.conf"):
        assert (stack.var_dir / name).stat().st_mode & 0o077 == 0, name


def test_models_are_listed_before_the_first_page(stack: Stack) -> None:
    counted = manage(
        stack, "shell", "-v0", "-c",
        "from generations.models import CatalogModel; print(CatalogModel.objects.count())",
    )  # fmt: skip
    assert int(counted.stdout) > 3


def test_doctor_finds_the_running_parts_and_no_fault(stack: Stack) -> None:
    seen = manage(stack, "doctor")
    found = [line.split()[:2] for line in seen.stdout.splitlines()]
    parts = ("database", "broker", "storage", "upstream", "moderation", "spool", "static")
    assert found == [["ok", part] for part in parts], seen.stdout
    assert seen.returncode == 0
    password = stack.redis_url.partition("://:")[2].partition("@")[0]
    assert password not in seen.stdout + seen.stderr


def test_second_run_on_the_folder_is_refused(stack: Stack) -> None:
    second = run_in_vain(VAR_DIR=str(stack.var_dir), PORT=str(free_port()))
    assert stack.process
    assert second.stderr == (
        f"Mesh Gallery can't start: Mesh Gallery is already running on {stack.var_dir}"
        f" (process {stack.process.pid}): stop it, or set VAR_DIR to another folder.\n"
    )
    assert (second.returncode, second.stdout) == (1, "")
    assert stack.status("/readyz") == 200


def test_port_in_use_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        failed = run_in_vain(VAR_DIR=str(tmp_path / "var"), PORT=str(port))
    assert failed.stderr == (
        f"Mesh Gallery can't start: Port {port} on 127.0.0.1 is taken:"
        " stop what listens there, or set PORT to another.\n"
    )
    assert failed.returncode == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("MESH_API_BASE_URL", "https://api.example.com"),  # without a key
        ("DATABASE_URL", "mysql://localhost/gallery"),
        ("DATABASE_URL", "sqlite:////nowhere/at/all.sqlite3"),
        ("REDIS_URL", "localhost:6379"),
        ("REDIS_URL", "redis://127.0.0.1:1/0"),
        ("SECRET_KEY", "short"),
        ("EMAIL_URL", "localhost"),
        ("VAR_DIR", "/dev/null/var"),
    ],
)
def test_wrong_setting_is_one_sentence_that_names_it(name: str, value: str, tmp_path: Path) -> None:
    failed = run_in_vain(**{"VAR_DIR": str(tmp_path), "PORT": str(free_port()), name: value})
    assert failed.returncode == 1
    assert failed.stderr.count("\n") == 1
    assert name in failed.stderr


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("redis-server", "redis"),
        ("generations.sandbox", "sandbox"),
        ("manage.py worker", "worker"),
        ("manage.py beat", "beat"),
        ("manage.py web", "web"),
    ],
)
def test_child_that_is_killed_is_started_again(stack: Stack, words: str, name: str) -> None:
    addresses = (stack.redis_url, stack.sandbox_url)
    killed = stack.child(words)
    helpers = killed.children(recursive=True)
    killed.kill()
    stack.wait_for_output(f"{name} ended by itself (killed by SIGKILL); starting it again in")
    wait_for(lambda: has_child(stack, words, other_than=killed.pid))
    wait_for(lambda: stack.status("/readyz") == 200)
    assert psutil.wait_procs(helpers, timeout=10)[1] == []
    assert (stack.redis_url, stack.sandbox_url) == addresses


def has_child(stack: Stack, words: str, *, other_than: int) -> bool:
    try:
        return stack.child(words).pid != other_than
    except AssertionError:
        return False


def test_serving_process_that_is_killed_is_replaced(stack: Stack) -> None:
    first, second = stack.child("manage.py web").children()
    first.kill()
    wait_for(lambda: len(stack.child("manage.py web").children()) == 2)
    assert second.is_running()
    wait_for(lambda: stack.status("/readyz") == 200)


def test_killed_supervisor_takes_everything_along_and_the_next_run_ends_cleanly(
    tmp_path: Path,
) -> None:
    with Stack(tmp_path / "var") as stack:
        assert len(stack.processes()) >= 7
        stack.signal(signal.SIGKILL)
        assert stack.wait() == -signal.SIGKILL
        assert stack.survivors() == []
        password, address = stack.password, stack.redis_url
        stack.launch()
        stack.wait_until_ready()
        assert stack.password == password
        assert stack.redis_url != address

        stack.child("redis-server").kill()  # a worker without its broker must end as well
        stack.signal(signal.SIGTERM)
        assert stack.wait() == 0
        assert stack.survivors() == []
        assert list((stack.var_dir / "run").iterdir()) == []
        assert stack.output.endswith("Stopping…\nStopped.\n")
        assert stack.status("/healthz") == 0


def submit(stack: Stack, prompt: str) -> None:
    """As the page would: rows, and a ring."""
    code = (
        "from generations.models import CatalogModel, User\n"
        "from generations.models.generation import new_submit_token\n"
        "from generations.services.generation import Request, submit_generation\n"
        "model = CatalogModel.objects.filter(is_available=True, is_free=True).first()\n"
        f"request = Request(prompt={prompt!r}, model=model, n=2)\n"
        "submit_generation(User.objects.get(), request, submit_token=new_submit_token())\n"
    )
    done = manage(stack, "shell", "-v0", "-c", code)
    assert done.returncode == 0, done.stderr


def states(stack: Stack, *, wanted: list[str], seconds: float = 30.0) -> list[str]:
    """The attempts' states once they are as wanted, else the last seen. One process looks often:
    to start one costs as much as a hundred looks."""
    code = (
        "import time\n"
        "from generations.models import Attempt\n"
        f"end = time.monotonic() + {seconds}\n"
        "while (found := list(Attempt.objects.values_list('state', flat=True))) != "
        f"{wanted!r} and time.monotonic() < end:\n"
        "    time.sleep(0.1)\n"
        "print(*found)\n"
    )
    return manage(stack, "shell", "-v0", "-c", code).stdout.split()


def test_second_interrupt_abandons_what_is_in_flight_and_says_so(tmp_path: Path) -> None:
    with Stack(tmp_path / "var") as stack:
        submit(stack, "a fox [[slow=60]]")
        assert states(stack, wanted=["accepted"] * 2) == ["accepted"] * 2
        stack.signal(signal.SIGINT)
        stack.wait_for_output("2 pictures are still being drawn, waiting up to 10 s…")
        stack.signal(signal.SIGINT)
        assert stack.wait() == 130
        assert stack.survivors() == []
        assert states(stack, wanted=["unknown"] * 2, seconds=0) == ["unknown"] * 2
        assert "2 pictures are left as “unknown”" in stack.output


def test_interrupt_while_starting_ends_what_was_started(tmp_path: Path) -> None:
    stack = Stack(tmp_path / "var")
    try:
        stack.launch()
        wait_for(lambda: (tmp_path / "var" / "logs" / "redis.log").exists())
        stack.signal(signal.SIGINT)
        assert stack.wait() == 0
        assert stack.survivors() == []
        assert list((tmp_path / "var" / "run").iterdir()) == []
        assert "Traceback" not in stack.output
    finally:
        stack.kill()


def test_terminal_interrupt_reaches_only_the_supervisor(stack: Stack) -> None:
    sessions = {os.getsid(each.pid) for each in stack.processes()}
    assert stack.process
    assert os.getsid(stack.process.pid) not in sessions


@pytest.mark.s3
def test_private_store_that_is_killed_comes_back_and_is_used_again(tmp_path: Path) -> None:
    with Stack(tmp_path / "var", arguments=("--with-s3",)) as stack:
        assert stack.status("/readyz") == 200
        stack.child("weed mini").kill()
        stack.wait_for_output("The S3 server ended by itself; starting it and what uses it again.")
        for words in ("web", "worker", "beat"):
            stack.wait_for_output(f"{words} ended by itself")
        wait_for(lambda: stack.status("/readyz") == 200)
        submit(stack, "a fox [[slow=1]]")
        assert states(stack, wanted=["stored"] * 2, seconds=60) == ["stored"] * 2
        assert not (stack.var_dir / "pictures").exists()
        stack.signal(signal.SIGKILL)
        stack.wait()
        assert stack.survivors() == []
