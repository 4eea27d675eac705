"""The whole stack on one machine: what is started, in which order, and how it is stopped."""

import contextlib
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection

from generations.management.local import addresses, alive, demo, prepare, redis_server
from generations.management.local.catalogue import refresh_catalogue
from generations.management.local.ports import answers, free_port
from generations.management.local.processes import Child, manage
from generations.management.local.supervisor import Supervisor

if TYPE_CHECKING:
    from generations.management.local.object_store import ObjectStore

SERVERS = ("redis", "sandbox")
OURS = ("web", "beat", "worker")
WORKER_GRACE_SECONDS = 10
# Over the grace: the worker writes down what became of each picture, then ends by itself.
WORKER_STOP_SECONDS = WORKER_GRACE_SECONDS + 8.0


@dataclass
class Stack:
    supervisor: Supervisor
    say: Callable[[str], None]
    with_s3: bool = False
    found: dict[str, str] = field(default_factory=dict)
    """Addresses and keys of what we started, by the variable that carries them."""
    demo_password: str = ""
    store: "ObjectStore | None" = None

    @property
    def var_dir(self) -> Path:
        return Path(settings.VAR_DIR)

    @property
    def run_dir(self) -> Path:
        return Path(settings.RUN_DIR)

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, **self.found, "VAR_DIR": str(self.var_dir), "PYTHONUNBUFFERED": "1"}

    def up(self) -> None:
        """Start everything; on return the first page can be served."""
        self.run_dir.mkdir(exist_ok=True, mode=0o700)
        addresses.empty(self.run_dir)
        self.start_servers()
        self.prepare()
        addresses.publish(self.found, self.run_dir)
        self.start_ours()
        self.supervisor.wait_for(self.is_ready, what="The web server", seconds=60)

    def start_servers(self) -> None:
        """Redis, the sandbox and the object store; they come up while we prepare."""
        if not addresses.is_given("REDIS_URL"):
            child, url = redis_server.private_redis(self.var_dir / "redis", self.environment)
            self.found["REDIS_URL"] = url
            self.supervisor.start(child)
        if settings.ON_SANDBOX and not addresses.is_given("SANDBOX_URL"):
            self.supervisor.start(self.sandbox())
        if self.with_s3:
            self.start_store()
        addresses.use_here(self.found)

    def start_store(self) -> None:
        # Here, because only a start --with-s3 should pay for loading it.
        from generations.management.local.object_store import ObjectStore

        self.store = ObjectStore(self.var_dir, self.supervisor.wakeup.uninterrupted)
        self.found |= self.store.start()

    def look_after_store(self) -> None:
        """Start the object store again if it ended. It comes back on another port."""
        if self.store is None or self.store.is_running:
            return
        self.say("The S3 server ended by itself; starting it and what uses it again.")
        self.found |= self.store.start()
        for child in self.supervisor.children(*OURS):
            child.environment = self.environment
            child.ask_to_stop()  # the supervisor starts it again, with the new address

    def sandbox(self) -> Child:
        port = free_port()
        self.found["SANDBOX_URL"] = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "generations.sandbox"]
        command += ["--host", "127.0.0.1", "--port", str(port)]
        return Child("sandbox", command, self.environment)

    def prepare(self) -> None:
        prepare.migrate(before=lambda: self.say("Preparing the database…"))
        prepare.collect_static()
        self.prepare_demo()
        self.supervisor.wait_for(self.servers_answer, what="A server", seconds=30)
        if trouble := refresh_catalogue():
            self.say(f"The list of models is not fresh: {trouble} It is asked for again soon.")
        connection.close()

    def prepare_demo(self) -> None:
        if settings.ON_LOOPBACK:
            self.demo_password = demo.ensure_demo(self.var_dir)
        elif demo.close_demo(self.var_dir):
            self.say(
                f"The demo account “{settings.DEMO_USERNAME}” is locked: not only this machine"
                " can sign in now. Make your own with manage.py createsuperuser."
            )

    def servers_answer(self) -> bool:
        if not redis_server.answers(settings.REDIS_URL):
            return False
        url = self.found.get("SANDBOX_URL")
        return not url or answers("127.0.0.1", int(url.rpartition(":")[2]))

    def start_ours(self) -> None:
        grace = ["--grace", str(WORKER_GRACE_SECONDS)]
        web = Child("web", manage("web"), self.environment, stop_seconds=8.0)
        beat = Child("beat", manage("beat"), self.environment)
        worker = Child("worker", manage("worker", *grace), self.environment, speaks=True)
        worker.stop_seconds = WORKER_STOP_SECONDS
        self.supervisor.start(web, worker, beat)

    def is_ready(self) -> bool:
        signs = all(alive.is_alive(name, self.run_dir) for name in ("worker", "beat"))
        return signs and alive.readyz(settings.HOST, settings.PORT, settings.PUBLIC_URL) == 200

    def down(self) -> None:
        """Stop what people use, then what it stands on. Safe at any point of the start."""
        self.supervisor.stop(*OURS)
        self.supervisor.stop(*SERVERS)
        if self.store:
            self.store.stop()
        with contextlib.suppress(FileNotFoundError):
            addresses.empty(self.run_dir)
