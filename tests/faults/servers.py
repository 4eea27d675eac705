"""What all rows share, started when the first row needs it: PostgreSQL, SeaweedFS, the sandbox."""

import base64
import contextlib
import hashlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
import psycopg

from generations.management.local.seaweedfs import Seaweed
from generations.storage.s3 import S3Store
from generations.storage.s3_client import S3Settings
from tests.support.postgres import Cluster
from tests.support.sandbox import Sandbox
from tests.support.stack import BASE_DIR, clean_environment

API_KEY = "rsk_faults_key"
ACCESS_KEY, SECRET_KEY = "faults", "only-for-faults"
FIXTURE = "[[fixture=500kB]]"
PEOPLE = tuple(f"person{number}" for number in range(4))
PASSWORD = "a-long-enough-password"
SANDBOX_SPEED = 50


class Servers:
    """Inside the `with`; nothing of it is left afterwards."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="mesh-faults-"))
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Self:
        return self

    @cached_property
    def sandbox(self) -> Sandbox:
        return self._stack.enter_context(Sandbox(speed=SANDBOX_SPEED))

    @cached_property
    def postgres(self) -> Cluster:
        return self._stack.enter_context(Cluster(durable=True))

    @cached_property
    def seaweed(self) -> Seaweed:
        server = Seaweed(self.folder / "seaweed", ACCESS_KEY, SECRET_KEY)
        server.start()
        self._stack.callback(end_at_once, server)
        return server

    @cached_property
    def fixture_sha256(self) -> str:
        """The digest of the load's picture, asked of the provider past the product."""
        answer = httpx.post(
            f"{self.sandbox.url}/v1/images/generations",
            headers={"Authorization": f"Bearer {API_KEY}"},
            json={
                "model": "openai/gpt-image-1",
                "prompt": FIXTURE,
                "response_format": "b64_json",
            },
            timeout=60,
        )
        (item,) = answer.raise_for_status().json()["data"]
        return hashlib.sha256(base64.b64decode(item["b64_json"])).hexdigest()

    @cached_property
    def _templates(self) -> dict[str, Path]:
        return {}

    def prepare(self, database: str, var_dir: Path) -> str:
        """A folder and a database with tables, people, models and prices; the database's address.

        Made once for each kind and copied for each row.
        """
        self._heal()
        if database not in self._templates:
            self._templates[database] = self._make_template(database)
        shutil.copytree(self._templates[database], var_dir)
        if database == "sqlite":
            return ""
        name = f"row_{secrets.token_hex(4)}"
        with psycopg.connect(self.postgres.url(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template_row".encode())
        return self.postgres.url(name)

    def _heal(self) -> None:
        """Start again what a row that broke left stopped."""
        if "postgres" in self.__dict__ and not self.postgres.is_running:
            self.postgres.start()
        if "seaweed" in self.__dict__ and not self.seaweed.is_running:
            self.seaweed.start()

    def _make_template(self, database: str) -> Path:
        var_dir = self.folder / f"template-{database}"
        env = {
            **clean_environment(),
            "VAR_DIR": str(var_dir),
            "MESH_API_KEY": API_KEY,
            "MESH_API_BASE_URL": self.sandbox.url,
        }
        if database == "postgres":
            with psycopg.connect(self.postgres.url(), autocommit=True) as connection:
                connection.execute("CREATE DATABASE template_row")
            env["DATABASE_URL"] = self.postgres.url("template_row")
        command = [sys.executable, "-m", "tests.faults.template"]
        subprocess.run(command, cwd=BASE_DIR, env=env, check=True, stderr=subprocess.DEVNULL)
        return var_dir

    def bucket(self) -> S3Settings:
        """A new, empty bucket."""
        where = S3Settings(
            bucket=f"row-{secrets.token_hex(4)}",
            endpoint_url=self.seaweed.endpoint_url,
            public_endpoint_url=self.seaweed.endpoint_url,
            access_key_id=ACCESS_KEY,
            secret_access_key=SECRET_KEY,
        )
        S3Store(where).ensure_bucket()
        return where

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def end_at_once(server: Seaweed) -> None:
    """Nothing in it is worth the seconds that it takes to end by itself."""
    if server.pid:
        os.kill(server.pid, signal.SIGKILL)
    server.stop()
