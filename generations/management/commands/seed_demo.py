"""Fill the galleries with made-up pictures, by the hundred or by the million."""

import time
from argparse import ArgumentParser
from random import Random
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from generations import storage, wording
from generations.management.seeding import bulk, removal
from generations.management.seeding.calendar import Calendar
from generations.management.seeding.models import Motifs
from generations.management.seeding.people import Owners, make_people
from generations.management.seeding.pool import LARGEST, make_pool
from generations.management.seeding.rows import Batch, Maker, text_of
from generations.management.seeding.sorting import Sorter
from generations.models import User
from generations.storage.base import StoreError
from generations.transactions import writing

BATCH = 5000  # pictures in a transaction
EACH_DRAWN = 15  # a pool picture for so many seeded ones, up to the largest pool
TELL_SECONDS = 10.0
REAL = (
    "This gallery works with a real provider. Seeded pictures would hang among those that people"
    " paid for; say --yes if that is what you want. --remove takes them away again."
)


class Command(BaseCommand):
    help = "Hang made-up pictures in many galleries; no provider is asked and nothing is spent."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--images", type=int, default=300, help="how many pictures, about")
        parser.add_argument(
            "--user", default=settings.DEMO_USERNAME, help="who gets a third of them"
        )
        parser.add_argument("--years", type=float, default=3, help="how long it took to make them")
        parser.add_argument("--yes", action="store_true", help="also beside a real provider")
        parser.add_argument("--remove", action="store_true", help="take all of them away")
        parser.add_argument("--seed", type=int, help="the same number makes the same galleries")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.ON_SANDBOX and not options["yes"]:
            raise CommandError(REAL)
        try:
            if options["remove"]:
                removed = removal.remove_all()
                self.stdout.write(f"{wording.count(removed, 'picture')} taken away.")
            else:
                self._fill(options)
        except StoreError as error:
            raise CommandError(f"The picture store can't be used now: {error}") from error

    def _fill(self, options: dict[str, Any]) -> None:
        count, chance = options["images"], Random(options["seed"])  # noqa: S311
        if count < 1:
            raise CommandError("--images takes a number above 0.")
        began = time.monotonic()
        storage.get_store().check()
        pool = make_pool(max(2, min(LARGEST, count // EACH_DRAWN)))
        self.stdout.write(f"{wording.count(len(pool), 'picture')} drawn and stored.")
        people = make_people(self._first(options["user"]), count)
        now = int(timezone.now().timestamp() * 1_000_000)
        maker = Maker(chance, owners=Owners(people), motifs=Motifs(pool), now=now)
        sorter = Sorter(chance, people, now_text=text_of(now))
        calendar = Calendar(chance, count, now=now, years=options["years"])
        with bulk.text_index_later(count):
            made = self._load(maker, sorter, calendar, count)
        bulk.analyze()
        seconds = wording.duration(time.monotonic() - began)
        self.stdout.write(
            f"{wording.count(made, 'picture')} hung in the galleries of"
            f" {len(people)} people in {seconds}."
        )

    def _first(self, name: str) -> User:
        user = User.objects.filter(username__iexact=name).first()
        if user is None:
            user = User(username=name)
            user.set_unusable_password()
            user.save()
        return user

    def _load(self, maker: Maker, sorter: Sorter, calendar: Calendar, count: int) -> int:
        """Each batch is one transaction, so that a cut-off load leaves whole runs."""
        made, told = 0, time.monotonic()
        while made < count:
            batch, wanted = Batch(), min(BATCH, count - made)
            while len(batch.images) < wanted:
                share = (made + len(batch.images)) / count
                maker.run_at(calendar.moment_at(share), batch, most=wanted - len(batch.images))
            with writing():
                batch.insert()
                sorter.sort(batch.hanging)
            made += len(batch.images)
            if time.monotonic() - told > TELL_SECONDS:
                told = time.monotonic()
                self.stdout.write(f"{made:,} of {count:,} …")
        return made
