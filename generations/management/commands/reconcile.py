"""Finds what doesn't fit, says what would be done about it, and does it with --apply."""

import sys
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.dateparse import parse_date, parse_datetime

from generations.pipeline import sizes, worker
from generations.pipeline.reconcile import (
    Bill,
    Finding,
    UnreadableBill,
    Wishes,
    findings,
    read_bill,
)
from generations.storage.base import StoreError

DRAIN_SECONDS = 60


class Command(BaseCommand):
    help = "Say what doesn't fit and what would be done; --apply does it. See docs/operations.md."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--apply", action="store_true", help="do what would be done")
        parser.add_argument(
            "--full", action="store_true", help="read every picture and compare its SHA-256"
        )
        parser.add_argument(
            "--bill", type=Path, metavar="FILE.csv", help="the provider's charges by request"
        )
        parser.add_argument(
            "--period-complete",
            nargs="*",
            metavar="DAY",
            help="the bill holds all charges of calls sent between these two days (UTC, the second"
            " one excluded; without days: of all calls sent before the file was written)",
        )
        parser.add_argument(
            "--charge-unknown-after",
            type=float,
            metavar="DAYS",
            help="count what is unknown for longer as charged, at what was reserved",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        wishes = Wishes(
            bill=self._bill(options["bill"], options["period_complete"]),
            charge_after_days=options["charge_unknown_after"],
            reads_pictures=options["full"],
        )
        try:
            left = self._apply(wishes) if options["apply"] else self._tell(wishes)
        except StoreError as error:
            raise CommandError(f"The picture store can't be used now: {error}") from error
        self.stdout.write("Nothing is left." if not left else f"{left} left.")
        sys.exit(1 if left else 0)

    def _tell(self, wishes: Wishes) -> int:
        left = 0
        for finding in findings(wishes):
            left += 1
            mark = f"would {finding.cure}" if finding.apply else "left"
            self.stdout.write(line_for(mark, finding))
        return left

    def _apply(self, wishes: Wishes) -> int:
        left = 0
        worker.start_heartbeat()  # storing may take longer than a lease
        try:
            for finding in findings(wishes):
                is_done = finding.apply is not None and finding.apply()
                left += not is_done
                tried = f"could not {finding.cure}" if finding.apply else "left"
                self.stdout.write(line_for(f"did {finding.cure}" if is_done else tried, finding))
            sizes.drain(DRAIN_SECONDS)
        finally:
            worker.stopped()
        return left

    def _bill(self, path: Path | None, period: list[str] | None) -> Bill | None:
        if path is None:
            if period is not None:
                raise CommandError("--period-complete says something about a --bill.")
            return None
        try:
            bill = read_bill(path)
        except UnreadableBill as error:
            raise CommandError(str(error)) from error
        if period is not None:
            bill.complete_from, bill.complete_until = _period(period, path)
        return bill


def _period(days: list[str], path: Path) -> tuple[datetime | None, datetime]:
    if not days:
        return None, datetime.fromtimestamp(path.stat().st_mtime, UTC)
    if len(days) != 2:
        raise CommandError("--period-complete takes two days, or none.")
    begin, end = (_moment(day) for day in days)
    return begin, end


def _moment(text: str) -> datetime:
    try:
        found = parse_datetime(text) or parse_date(text)
    except ValueError:
        found = None
    if found is None:
        raise CommandError(f"“{text}” is no day: write it as 2026-01-31.")
    moment = found if isinstance(found, datetime) else datetime(found.year, found.month, found.day)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def line_for(mark: str, finding: Finding) -> str:
    return f"{mark}: {finding.subject} {finding.what}"
