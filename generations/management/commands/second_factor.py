"""The way out for somebody who lost their phone and their recovery codes."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from generations.models import User
from generations.services.second_factor import turn_off_for


class Command(BaseCommand):
    help = "Turn somebody's second factor off: they are signed out everywhere, and told by letter."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--off", action="store_true", required=True, help="to be sure")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username__iexact=options["username"]).first()
        if user is None:
            raise CommandError(f"There is nobody called “{options['username']}”.")
        if not turn_off_for(user):
            raise CommandError(f"“{user.username}” has no second factor.")
        self.stdout.write(f"“{user.username}” signs in with the password alone now.")
