"""Writes a gallery out: every picture as it came, and a JSON file beside each."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from generations import policy
from generations.management.transfer.exporting import export_gallery
from generations.management.transfer.report import Report
from generations.management.transfer.targets import FolderTarget, Target, ZipTarget
from generations.models import User
from generations.storage.base import StoreError


class Command(BaseCommand):
    help = "Write one person's gallery into a folder or a ZIP file, for manage.py import."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("to", type=Path, help="a folder, or a file whose name ends in .zip")
        parser.add_argument("--user", default=settings.DEMO_USERNAME, help="whose gallery")
        parser.add_argument("--album", default="", help="only this album's pictures")
        parser.add_argument("--trash", action="store_true", help="also what is in the trash")

    def handle(self, *args: Any, **options: Any) -> None:
        owner = User.objects.filter(username__iexact=options["user"]).first()
        if owner is None:
            raise CommandError(f"There is no user “{options['user']}”.")
        images = policy.visible_images(owner)
        if options["trash"]:
            images |= policy.trashed_images(owner)
        if options["album"]:
            images = images.filter(album_images__album=self._album(owner, options["album"]))
        report = Report(self.stderr.write)
        try:
            target = target_at(options["to"])
        except OSError as error:
            raise CommandError(f"{options['to']} can't be written: {error.strerror}.") from error
        self._export(images, owner, target, report)
        self.stdout.write(report.summary("exported"))
        sys.exit(1 if report.left_out else 0)

    def _album(self, owner: User, name: str) -> Any:
        album = policy.visible_albums(owner).filter(name__iexact=name).first()
        if album is None:
            raise CommandError(f"{owner.username} has no album “{name}”.")
        return album

    def _export(self, images: Any, owner: User, target: Target, report: Report) -> None:
        try:
            export_gallery(images, owner, target, report)
            target.close()
        except StoreError as error:
            raise CommandError(f"The picture store can't be used now: {error}") from error
        except OSError as error:
            raise CommandError(f"It can't be written on: {error.strerror}.") from error
        finally:
            target.give_up()


def target_at(path: Path) -> Target:
    return ZipTarget(path) if path.suffix.lower() == ".zip" else FolderTarget(path)
