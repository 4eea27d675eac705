import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from generations.management.local.worker import work


class Command(BaseCommand):
    help = "Call the provider and keep its pictures. Any number may run, on any number of machines."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--grace",
            type=float,
            default=10.0,
            metavar="SECONDS",
            help="How long a stop waits for pictures that are being drawn (10).",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        sys.exit(work(grace_seconds=options["grace"], say=self.say))

    def say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
