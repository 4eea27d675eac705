"""One process that asks the operator's pages of one paid gallery, and counts usage the old way.

Reads a JSON line `{"what", "at"}`, answers with one: how many rows it found. `at` is an address, or
a number of days for `counted`, the floor: the sums over the attempts themselves.
"""

import json
import sys
from collections.abc import Callable
from datetime import timedelta

from django.contrib import admin
from django.db.models import Q
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from generations.models import Attempt, Image, LedgerEntry, User
from generations.queries.usage import counted_lines

OWNER = "demo"


def addresses() -> list[str]:
    """Of each list the first page, one far behind, its filters' choices and two searches."""
    picture = Image.objects.exclude(queued_at=None).select_related("attempt")[0]
    found = []
    for model, model_admin in admin.site._registry.items():
        page = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        found += [page, f"{page}?p=99", f"{page}?q={OWNER}", f"{page}?q={picture.attempt_id}"]
        found += [f"{page}?q={picture.pk}", f"{page}?q=nobody"]
        for wanted in model_admin.list_filter:
            if not isinstance(wanted, str) and hasattr(wanted, "choices_of"):
                name = wanted.parameter_name
                found += [f"{page}?{name}={value}" for value in wanted.choices_of.values]
        newest = model._default_manager.order_by("-pk").values_list("pk", flat=True)[:1]
        found += [f"{page}{pk}/change/" for pk in newest if model is not Image]
    lists = reverse("admin:generations_budgetperiod_changelist")
    return [
        *found,
        f"{lists}?whose=shared",
        f"{lists.replace('budgetperiod', 'reservation')}?open=1",
    ]


def main() -> None:
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(User.objects.get(username=OWNER))

    def get(at: str) -> int:
        answer = client.get(at)
        assert answer.status_code in {200, 302}, f"{answer.status_code} {at}"
        return len(answer.content)

    def counted(days: str) -> int:
        today = timezone.now().date()
        return len(counted_lines(Q(), since=today - timedelta(int(days)), until=today))

    works: dict[str, Callable[[str], int]] = {"get": get, "counted": counted}
    rows = {"attempts": Attempt.objects.count(), "entries": LedgerEntry.objects.count()}
    print(json.dumps({"addresses": addresses(), **rows}), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(works[asked["what"]](asked["at"])), flush=True)
