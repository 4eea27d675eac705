from typing import Any

from django.core.management.base import BaseCommand

from generations.management.local.web import serve


class Command(BaseCommand):
    help = "Serve the pages on HOST and PORT, without worker, beat or Redis."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        serve()
