"""A program: an empty database of an early release, some rows, every migration since.

Run with DATABASE_URL set to an empty database; prints what a person finds afterwards, as JSON.
"""

import json
import uuid
from datetime import UTC, datetime
from typing import Any

import django

WHEN = datetime(2026, 5, 4, 12, tzinfo=UTC)
EARLY = "0005_answer_copy"


def main() -> None:
    django.setup()
    from django.core.management import call_command  # after the setup
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    call_command("migrate", "generations", EARLY, verbosity=0)
    executor = MigrationExecutor(connection)
    _fill(executor.loader.project_state(("generations", EARLY)).apps)
    call_command("migrate", verbosity=0)
    # Back to before the sums, and there again.
    call_command("migrate", "generations", "0020", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE generations_attempt SET cost_micros = cost_micros")
    call_command("migrate", verbosity=0)
    print(json.dumps(_found()))


def _fill(apps: Any) -> None:
    """A person with one finished picture, one that nobody knows about, and money in both."""
    row = {name: apps.get_model("generations", name).objects for name in NAMES}
    user = row["User"].create(username="alice", email="alice@example.org")
    budget = row["Budget"].create(scope="user", user=user, limit_micros=1_000_000)
    generation = row["Generation"].create(
        owner=user,
        submit_token="early",
        fields_hash="early",
        prompt="a lighthouse at dusk",
        model_id="openai/gpt-image-1",
        n=2,
        created_at=WHEN,
    )
    times = dict.fromkeys(("state_since", "not_before", "created_at", "sent_at"), WHEN)
    stored, lost = (
        row["Attempt"].create(
            generation=generation,
            owner=user,
            first_slot=slot,
            sort_key=int(WHEN.timestamp() * 1_000_000) * 16 + 15 - slot,
            state=state,
            is_vacant=state == "unknown",
            finished_at=WHEN,
            reserved_micros=40_000,
            cost_micros=40_000 if state == "stored" else None,
            **times,
        )
        for slot, state in enumerate(("stored", "unknown"))
    )
    row["Image"].create(
        id=uuid.uuid5(uuid.NAMESPACE_URL, "early"),
        generation=generation,
        attempt=stored,
        owner=user,
        index=0,
        slot=0,
        sort_key=stored.sort_key,
        key="early.png",
        sha256="0" * 64,
        size_bytes=1,
        mime="image/png",
        extension="png",
        width=1536,
        height=1024,
        revised_prompt="a tall lighthouse",
        sizes_done=True,
        created_at=WHEN,
    )
    for attempt, kinds in ((stored, ("reserve", "settle")), (lost, ("reserve", "hold"))):
        for kind in kinds:
            row["LedgerEntry"].create(attempt=attempt, kind=kind, micros=40_000)
    period = row["BudgetPeriod"].create(
        budget=budget,
        user=user,
        starts_at=WHEN.replace(day=1, hour=0),
        limit_micros=1_000_000,
        spent_micros=40_000,
        spent_pictures=1,
        reserved_micros=40_000,
        reserved_pictures=1,
    )
    for attempt, is_open in ((stored, False), (lost, True)):
        row["Reservation"].create(
            attempt=attempt,
            period=period,
            micros=40_000,
            pictures=1,
            is_open=is_open,
            spent_micros=0 if is_open else 40_000,
            spent_pictures=0 if is_open else 1,
        )


NAMES = (
    *("User", "Generation", "Attempt", "Image"),
    *("LedgerEntry", "Budget", "BudgetPeriod", "Reservation"),
)


def _found() -> dict[str, Any]:
    from django.test import Client

    from generations.models import Attempt, BudgetPeriod, Image, UsageSum, User

    user = User.objects.get()
    client = Client(SERVER_NAME="127.0.0.1", SERVER_PORT="8000")
    client.force_login(user)
    pages = ("/", "/?q=lighthouse", "/?q=tall", "/?shape=landscape", "/?q=nothing", "/usage/")
    image = Image.objects.get()
    period = BudgetPeriod.objects.get()
    return {
        "spaces": [image.space - user.pk, *(a.space - user.pk for a in Attempt.objects.all())],
        "pages": {page: _tiles(client.get(page)) for page in pages},
        "picture": client.get(f"/images/{image.pk}/").status_code,
        "money": [period.spent_micros, period.reserved_micros],
        "usage": [*UsageSum.objects.order_by("span").values_list("span", "kept", "spent_micros")],
    }


def _tiles(response: Any) -> int:
    """How many finished pictures it shows; less than nothing if it failed."""
    if response.status_code != 200:
        return -int(response.status_code)
    return int(response.content.decode().count('data-state="done"'))


if __name__ == "__main__":
    main()
