from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from generations.sandbox import command_line, server


class Command(BaseCommand):
    help = "Play the provider: a little Mesh API that draws its own pictures and bills nothing."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        command_line.add_options(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        server.run(host=options["host"], port=options["port"], speed=options["speed"])
