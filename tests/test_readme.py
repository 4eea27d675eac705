"""Every command in the README is run."""

import os
import re
import shlex
import signal
import subprocess
from pathlib import Path

import pytest

from generations.management.local.ports import free_port
from tests.support.stack import clean_environment

pytestmark = pytest.mark.stack

BASE_DIR = Path(__file__).resolve().parents[1]
TEXT = (BASE_DIR / "README.md").read_text()
COMMANDS = [
    line for block in re.findall(r"```sh\n(.*?)```", TEXT, re.S) for line in block.splitlines()
]
READY_SECONDS = 90


def test_readme_has_its_commands() -> None:
    assert COMMANDS[:2] == ["make run", "make test"]


def test_readme_shows_pictures_that_exist() -> None:
    for path in re.findall(r"\]\(((?!http)[^)]+)\)", TEXT):
        assert (BASE_DIR / path).is_file(), path


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("readme")
    return clean_environment() | {"VAR_DIR": str(folder / "var"), "PORT": str(free_port())}


def output_until_ready(process: subprocess.Popen[str]) -> str:
    """What `make run` prints until it says how to stop."""
    lines = []
    assert process.stdout
    for line in process.stdout:
        lines.append(line)
        if "Ctrl-C" in line:
            break
    return "".join(lines)


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.startswith("make run")])
def test_make_run_of_the_readme(command: str, environment: dict[str, str]) -> None:
    process = subprocess.Popen(
        shlex.split(command),
        cwd=BASE_DIR,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        said = output_until_ready(process)
        assert f"http://127.0.0.1:{environment['PORT']}" in said
        os.killpg(process.pid, signal.SIGINT)
        rest, _ = process.communicate(timeout=READY_SECONDS)
        assert "Stopped." in rest
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def test_make_test_of_the_readme_is_what_runs_here(environment: dict[str, str]) -> None:
    done = subprocess.run(
        ["make", "--dry-run", "test"],
        cwd=BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "tests.support.suite" in done.stdout


def test_generate_of_the_readme_writes_pictures(
    environment: dict[str, str], tmp_path: Path
) -> None:
    """The README's words, into a folder of ours; on a database that `make run` has made before."""
    command = next(c for c in COMMANDS if "manage.py generate" in c)
    words = shlex.split(command)
    words[words.index("--out") + 1] = str(tmp_path)
    python = "import django; django.setup(); from django.core.management import call_command;"
    subprocess.run(
        [words[0], "-c", f"{python} call_command('migrate', verbosity=0)"],
        cwd=BASE_DIR,
        env=environment | {"DJANGO_SETTINGS_MODULE": "meshgallery.settings"},
        check=True,
    )
    done = subprocess.run(
        words, cwd=BASE_DIR, env=environment, capture_output=True, text=True, check=True
    )
    paths = [Path(line) for line in done.stdout.splitlines()]
    assert len(paths) == 2
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in paths)


def test_doctor_of_the_readme_looks_at_everything(environment: dict[str, str]) -> None:
    command = next(c for c in COMMANDS if "doctor" in c)
    done = subprocess.run(
        shlex.split(command), cwd=BASE_DIR, env=environment, capture_output=True, text=True
    )
    looked_at = [line.split()[1] for line in done.stdout.splitlines() if line.split()]
    assert {"database", "broker", "storage", "upstream"} <= set(looked_at)
