"""Hangs pictures from elsewhere: another gallery's export, or a folder of any pictures."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from generations.management.transfer.importing import import_gallery
from generations.management.transfer.report import Report
from generations.management.transfer.sources import NoSource, open_source
from generations.models import User
from generations.storage.base import StoreError


class Command(BaseCommand):
    help = "Hang the pictures of an export, a folder or a ZIP file in somebody's gallery."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, help="a folder or a ZIP file")
        parser.add_argument("--user", required=True, help="in whose gallery")

    def handle(self, *args: Any, **options: Any) -> None:
        owner = User.objects.filter(username__iexact=options["user"]).first()
        if owner is None:
            raise CommandError(f"There is no user “{options['user']}”.")
        report = Report(self.stderr.write)
        try:
            source = open_source(options["path"])
        except NoSource as error:
            raise CommandError(str(error)) from error
        try:
            import_gallery(source, owner, report)
        except StoreError as error:
            said = report.summary("imported")
            raise CommandError(f"{said} The picture store can't be used now: {error}") from error
        finally:
            source.close()
        self.stdout.write(report.summary("imported"))
        sys.exit(1 if report.left_out else 0)
