"""The files at the top: they say the same thing, and what they say works."""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psycopg
import pytest

from generations.management.local import redis_server
from generations.management.local.ports import free_port
from generations.management.local.seaweedfs import free_ports
from tests.support import compose, postgres
from tests.support.stack import BASE_DIR, clean_environment

COMPOSE = compose.read((BASE_DIR / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = ("migrate", "web", "worker", "beat")
SECRETS = {
    "SECRET_KEY": "a-key-of-fifty-characters-that-signs-for-tests-only",
    "MESH_API_KEY": "rsk_compose_test_key",
    "REDIS_PASSWORD": "redis0password",
    "S3_SECRET_ACCESS_KEY": "s3secretkeyfortests",
    "POSTGRES_PASSWORD": "postgres0password",
}


def pins(name: str) -> dict[str, str]:
    """Package → version, as locked."""
    found = re.findall(r"^([a-z0-9_.-]+)==([^ ;]+)", (BASE_DIR / name).read_text(), re.MULTILINE)
    return dict(found)


def test_tools_lock_holds_exactly_what_the_runtime_lock_holds() -> None:
    runtime, tools = pins("requirements.txt"), pins("requirements-dev.txt")
    assert len(runtime) > 30
    assert {name: tools.get(name) for name in runtime} == runtime


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_lock_has_a_hash_for_each_package_and_no_address(name: str) -> None:
    text = (BASE_DIR / name).read_text()
    entries = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert "://" not in text
    assert "index" not in text


def test_makefile_targets_are_those_that_people_rely_on() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (BASE_DIR / "Makefile").read_text(), re.MULTILINE))
    assert targets >= {"run", "test", "setup", "check", "bench", "lock"}


def dry_run(*arguments: str) -> str:
    return subprocess.run(
        ["make", "--no-print-directory", "-n", *arguments],
        cwd=BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_make_run_installs_the_runtime_lock_alone() -> None:
    said = dry_run("run")
    assert "requirements.txt" in said
    assert "requirements-dev.txt" not in said
    assert said.strip().endswith(".venv/bin/python manage.py run")
    assert dry_run("run", "WITH_S3=1").strip().endswith("manage.py run --with-s3")


def test_ci_leaves_nothing_out() -> None:
    text = (BASE_DIR / ".ci" / "run").read_text()
    assert os.access(BASE_DIR / ".ci" / "run", os.X_OK)
    assert "set -euo pipefail" in text
    assert text.index("export CI=true") < text.index("make check") < text.index("make test")


def test_image_copies_only_what_the_ignore_file_lets_through() -> None:
    dockerfile = (BASE_DIR / "Dockerfile").read_text()
    copied = {
        word
        for line in re.findall(r"^COPY (?!--from)(.*)$", dockerfile, re.MULTILINE)
        for word in line.split()[:-1]
    }
    ignore = (BASE_DIR / ".dockerignore").read_text().split()
    assert ignore[0] == "*"
    assert copied == {word[1:] for word in ignore if word.startswith("!")}
    for name in copied:
        assert (BASE_DIR / name).exists(), name
    assert "--require-hashes" in dockerfile
    assert dockerfile.index("\nUSER mesh") < dockerfile.index("\nCMD ")


@pytest.mark.parametrize("name", SECRETS)
def test_compose_refuses_to_start_without_a_secret_and_says_what_to_do(name: str) -> None:
    with pytest.raises(KeyError, match=rf"{name}: .{{20,}}"):
        compose.fill_in(COMPOSE, {**SECRETS, name: ""})


def test_compose_has_no_secret_of_its_own() -> None:
    filled = json.dumps(compose.fill_in(COMPOSE, SECRETS))
    marked = json.dumps(compose.fill_in(COMPOSE, dict.fromkeys(SECRETS, "MARK")))
    for value in SECRETS.values():
        assert value in filled
        assert value not in marked


def test_compose_publishes_ports_to_this_machine_alone() -> None:
    published = {name: each["ports"] for name, each in SERVICES.items() if "ports" in each}
    assert published == {"web": ["127.0.0.1:8000:8000"], "seaweedfs": ["127.0.0.1:8333:8333"]}


def test_compose_lets_the_worker_finish_what_it_began() -> None:
    command = SERVICES["worker"]["command"]
    grace_seconds = int(command[command.index("--grace") + 1])
    assert 360 < grace_seconds < int(SERVICES["worker"]["stop_grace_period"].removesuffix("s"))


def test_compose_worker_is_the_same_host_in_its_next_container() -> None:
    assert SERVICES["worker"]["hostname"] == "worker"
    assert "spool:/app/var/spool" in SERVICES["worker"]["volumes"]
    assert [name for name in SERVICES if "hostname" in SERVICES[name]] == ["worker"]


def test_compose_reads_just_the_variables_that_the_configuration_page_tells() -> None:
    read = re.findall(r"\$\{([A-Z0-9_]+)", (BASE_DIR / "docker-compose.yml").read_text())
    page = (BASE_DIR / "docs" / "configuration.md").read_text()
    told = page.partition("## Containers\n")[2].partition("There is no demo account")[0]
    assert sorted(re.findall(r"`([A-Z0-9_]+)`", told)) == sorted(set(read))


def test_compose_variables_are_known_settings() -> None:
    settings = (BASE_DIR / "meshgallery" / "settings.py").read_text()
    for name in SERVICES["web"]["environment"]:
        assert re.search(rf'env\.\w+\(\s*"{name}"', settings), name


def test_configuration_page_has_each_variable_that_settings_read() -> None:
    settings = (BASE_DIR / "meshgallery" / "settings.py").read_text()
    read = set(re.findall(r'env\.[a-z_]+\(\s*"([A-Z0-9_]+)"', settings))
    page = (BASE_DIR / "docs" / "configuration.md").read_text()
    rows = re.findall(r"^\| ((?:`[A-Z0-9_]+` ?)+)\|", page, re.MULTILINE)
    told = {name for row in rows for name in re.findall(r"[A-Z0-9_]+", row)}
    assert len(read) > 25
    assert told == read


class Outside:
    """The services without an engine: each command as written, with hosts and ports of our own."""

    def __init__(self, folder: Path, postgres_url: str) -> None:
        self.folder = folder
        self.ports = {"web": free_port(), "redis": free_port(), "postgres": 0, "seaweedfs": 0}
        self.weed_ports = free_ports(4)
        self.ports["seaweedfs"] = self.weed_ports[0]
        password, _, place = postgres_url.removeprefix("postgresql://mesh:").partition("@")
        self.ports["postgres"] = int(place.partition("/")[0].partition(":")[2])
        self.services = compose.fill_in(COMPOSE, {**SECRETS, "POSTGRES_PASSWORD": password})[
            "services"
        ]
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def adapted(self, text: str) -> str:
        """The same words for loopback."""
        replaced = {
            "@postgres:5432": f"@127.0.0.1:{self.ports['postgres']}",
            "@redis:6379": f"@127.0.0.1:{self.ports['redis']}",
            "//seaweedfs:8333": f"//127.0.0.1:{self.ports['seaweedfs']}",
            "//localhost:8333": f"//127.0.0.1:{self.ports['seaweedfs']}",
            "//127.0.0.1:8333": f"//127.0.0.1:{self.ports['seaweedfs']}",
            "//localhost:8000": f"//localhost:{self.ports['web']}",
            "-s3.port=8333": f"-s3.port={self.ports['seaweedfs']}",
            "-ip=seaweedfs": "-ip=127.0.0.1",
            "-ip.bind=0.0.0.0": "-ip.bind=127.0.0.1",
            "-dir=/data": f"-dir={self.folder / 'weed'}",
            "/etc/seaweedfs/s3.json": str(self.folder / "s3.json"),
        }
        for before, after in replaced.items():
            text = text.replace(before, after)
        return text

    def environment(self, name: str) -> dict[str, str]:
        said: Mapping[str, str] = self.services[name].get("environment") or {}
        bin_dir = postgres.bin_dir()
        return {
            **clean_environment(),
            **{key: self.adapted(value) for key, value in said.items()},
            "VAR_DIR": str(self.folder / "var"),
            "PORT": str(self.ports["web"]),
            "HOST": "127.0.0.1",
            "PATH": f"{Path(sys.executable).parent}:{bin_dir}:{os.environ['PATH']}",
        }

    def command(self, name: str) -> list[str]:
        service = self.services[name]
        words = [
            self.adapted(word) for word in (service.get("entrypoint") or []) + service["command"]
        ]
        if name == "redis":
            words[0] = redis_server.find_program()
            words += ["--port", str(self.ports["redis"]), "--dir", str(self.folder)]
        if name == "seaweedfs":
            flags = ("-master.port", "-volume.port", "-filer.port")
            words += [
                f"{flag}={port}" for flag, port in zip(flags, self.weed_ports[1:], strict=True)
            ]
            words += [f"-admin.port={free_port()}"]
        return words

    def start(self, name: str) -> None:
        with (self.folder / f"{name}.log").open("wb") as log:
            self.running[name] = subprocess.Popen(
                self.command(name),
                cwd=self.folder if name in {"redis", "seaweedfs"} else BASE_DIR,
                env=self.environment(name),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def is_healthy(self, name: str) -> bool:
        check = [self.adapted(word) for word in self.services[name]["healthcheck"]["test"]]
        assert check.pop(0) == "CMD"
        if check[0] == "wget" and not shutil.which("wget"):  # the image has it
            check = [sys.executable, "-c", f"import urllib.request as r; r.urlopen({check[-1]!r})"]
        if name in {"postgres", "redis"}:
            check[1:1] = ["-p", str(self.ports[name])]
        done = subprocess.run(
            check,
            cwd=BASE_DIR,
            env=self.environment(name),
            capture_output=True,
            timeout=30,
            check=False,
        )
        return done.returncode == 0 and (name != "redis" or done.stdout.strip() == b"PONG")

    def wait_until_healthy(self, name: str) -> None:
        until = time.monotonic() + 60
        while not self.is_healthy(name):
            ended = name in self.running and self.running[name].poll() is not None
            if ended or time.monotonic() > until:
                raise AssertionError(f"{name}: {self.log(name)}")
            time.sleep(0.1)

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def stop(self, name: str) -> int:
        process = self.running.pop(name)
        process.send_signal(signal.Signals[self.services[name].get("stop_signal", "SIGTERM")])
        return process.wait(30)

    def kill(self) -> None:
        for process in self.running.values():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Outside]:
    with postgres.private_postgres() as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE DATABASE mesh")
        services = Outside(tmp_path, url)
        (tmp_path / "weed").mkdir()
        content = compose.fill_in(COMPOSE, SECRETS)["configs"]["s3"]["content"]
        (tmp_path / "s3.json").write_text(content)
        try:
            yield services
        finally:
            services.kill()


@pytest.mark.stack
@pytest.mark.s3
@pytest.mark.postgres
def test_compose_commands_and_health_checks_work_outside_docker(outside: Outside) -> None:
    for name in ("redis", "seaweedfs"):
        assert not outside.is_healthy(name)
        outside.start(name)
    for name in ("postgres", "redis", "seaweedfs"):
        outside.wait_until_healthy(name)

    outside.start("migrate")
    assert outside.running.pop("migrate").wait(60) == 0, outside.log("migrate")
    subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--no-input", "-v0"],
        cwd=BASE_DIR,
        env=outside.environment("web"),
        check=True,
    )
    for name in ("web", "worker", "beat"):
        assert not outside.is_healthy(name)
        outside.start(name)
    for name in ("web", "worker", "beat"):
        outside.wait_until_healthy(name)

    assert [outside.stop(name) for name in ("beat", "worker", "web")] == [0, 0, 0]
    assert [outside.is_healthy(name) for name in ("beat", "worker", "web")] == [False] * 3
    for name in ("redis", "seaweedfs"):
        outside.stop(name)
