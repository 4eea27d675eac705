from typing import Any

from django.core.management.base import BaseCommand

from generations.management.local.beat import keep_time


class Command(BaseCommand):
    help = "Ring for the recurring work. One per installation; a second one does no harm."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        keep_time()
