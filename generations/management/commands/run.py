import contextlib
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from generations.management.local import preflight
from generations.management.local.errors import CannotStart, StopAsked
from generations.management.local.lock import sole_run
from generations.management.local.stack import Stack
from generations.management.local.supervisor import Supervisor
from generations.management.local.wakeup import Wakeup

STOPPED_AT_ONCE = 130  # what a shell reports for a program ended by Ctrl-C


class Command(BaseCommand):
    help = "Start everything on this machine; without a key the sandbox draws the pictures."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--with-s3", action="store_true", help="Keep pictures in a private S3 server."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            code = self.run_stack(with_s3=options["with_s3"])
        except CannotStart as error:
            sys.exit(f"Mesh Gallery can't start: {error}")
        sys.exit(code)

    def run_stack(self, *, with_s3: bool) -> int:
        """The exit code once everything has stopped."""
        preflight.check_folder(Path(settings.VAR_DIR))
        with sole_run(Path(settings.VAR_DIR)), Wakeup() as wakeup:
            preflight.check_before_start(with_s3=with_s3)
            stack = Stack(Supervisor(wakeup, self.say), self.say, with_s3=with_s3)
            try:
                self.up_and_watch(stack, wakeup)
            finally:
                stack.down()
            self.say("Stopped.")
            return STOPPED_AT_ONCE if wakeup.stops_asked > 1 else 0

    def up_and_watch(self, stack: Stack, wakeup: Wakeup) -> None:
        try:
            wakeup.raising = True
            stack.up()
            wakeup.raising = False
            self.greet(stack)
            stack.supervisor.watch(stack.look_after_store)
        except StopAsked:
            pass
        finally:
            wakeup.raising = False
        self.say("Stopping…")

    def say(self, line: str) -> None:
        with contextlib.suppress(OSError):  # the terminal may be gone; the stack goes on
            self.stdout.write(line)
            self.stdout.flush()

    def greet(self, stack: Stack) -> None:
        rows = [("Address", settings.PUBLIC_URL)]
        if stack.demo_password:
            rows.append(("Sign in", f"{settings.DEMO_USERNAME} / {stack.demo_password}"))
        rows += [("Pictures", drawn_by()), ("Kept in", kept_in(stack)), ("Stop", "Ctrl-C")]
        self.say("Mesh Gallery is running.\n")
        for title, text in rows:
            self.say(f"  {title:<9} {text}")
        for warning in preflight.warnings(with_s3=stack.with_s3):
            self.say(f"\n  Mind: {warning}")
        self.say("")


def drawn_by() -> str:
    if settings.ON_SANDBOX:
        return "drawn by the sandbox, which costs nothing; MESH_API_KEY brings real models"
    return f"drawn by {settings.MESH_API_BASE_URL}; they cost money"


def kept_in(stack: Stack) -> str:
    if stack.store:
        return f"{stack.var_dir} (pictures in its own S3 server)"
    if settings.S3_BUCKET:
        return f"{stack.var_dir}, pictures in the bucket {settings.S3_BUCKET}"
    return str(stack.var_dir)
