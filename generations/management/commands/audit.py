"""Counts what would break the promises: one line for each."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from generations.queries.audit import Options, Result, audit


class Command(BaseCommand):
    help = "Count what breaks each of the twelve promises; exit code 1 if anything does."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON list, for programs")
        parser.add_argument(
            "--quick", action="store_true", help="don't read the pictures: presence and size alone"
        )
        parser.add_argument(
            "--sandbox", default="", metavar="URL", help="compare with this sandbox's bill"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        results = []
        for result in audit(Options(options["quick"], options["sandbox"].rstrip("/"))):
            results.append(result)
            if not options["json"]:
                self.stdout.write(line_for(result))
                self.stdout.flush()
        if options["json"]:
            self.stdout.write(json.dumps([result.as_dict() for result in results], indent=1))
        sys.exit(0 if all(result.is_good for result in results) else 1)


def line_for(result: Result) -> str:
    count = result.count if result.status in ("ok", "breach") else "-"
    mark = result.status.upper() if not result.is_good else result.status
    more = [*result.examples, *([result.note] if result.note else [])]
    if result.count > len(result.examples):
        more.append("…")
    told = f": {'; '.join(more)}" if more else ""
    return f"{result.id:<4} {mark:<11} {count:>6}  {result.sentence}{told}"
