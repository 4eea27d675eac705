"""Inside the process that `refusals.py` starts: how long refusals take, as JSON."""

import json
import logging
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from statistics import median
from uuid import uuid4

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402

from generations.models import (  # noqa: E402
    Album,
    Attempt,
    AttemptState,
    Generation,
    Image,
    Membership,
    Role,
    ShareLink,
    Team,
    Throttle,
    User,
)

PASSWORD = "a-password-of-a-bench"


def pairs() -> dict[str, tuple[Callable[[], int], Callable[[], int]]]:
    """By address: asking for somebody else's thing, and for one that nobody has."""
    alice = User.objects.create_user("alice", password=PASSWORD)
    client = Client()
    client.force_login(User.objects.create_user("carol", password=PASSWORD))
    image = _picture(alice)
    album = Album.objects.create(owner=alice, name="Winter")
    team = Team.objects.create(name="Crew", slug="crew")
    Membership.objects.create(team=team, user=alice, role=Role.OWNER)
    link = ShareLink.objects.create(
        creator=alice, kind="album", album=album, expires_at=timezone.now() + timedelta(days=7)
    )

    def get(path: str) -> Callable[[], int]:
        return lambda: client.get(path).status_code

    def sign_in(name: str) -> Callable[[], int]:
        def ask() -> int:
            Throttle.objects.all().delete()
            return (
                Client()
                .post("/accounts/login/", {"username": name, "password": "wrong"})
                .status_code
            )

        return ask

    return {
        "picture": (get(f"/images/{image.pk}/"), get(f"/images/{uuid4()}/")),
        "picture's file": (get(f"/images/{image.pk}/320"), get(f"/images/{uuid4()}/320")),
        "run": (get(f"/generations/{image.generation_id}/"), get(f"/generations/{uuid4()}/")),
        "album": (get(f"/albums/{album.pk}/"), get(f"/albums/{uuid4()}/")),
        "team": (get("/teams/crew/"), get("/teams/none/")),
        "share link": (get(f"/shares/{link.pk}/"), get(f"/shares/{uuid4()}/")),
        "sign-in": (sign_in("alice"), sign_in("nobody")),
    }


def _picture(owner: User) -> Image:
    now = timezone.now()
    generation = Generation.objects.create(
        owner=owner, submit_token="x", prompt="a fox", model_id="x", n=1, created_at=now
    )
    attempt = Attempt.objects.create(
        generation=generation,
        owner=owner,
        first_slot=0,
        sort_key=1,
        is_vacant=False,
        state=AttemptState.STORED,
        state_since=now,
        not_before=now,
        sent_at=now,
        created_at=now,
    )
    return Image.objects.create(
        generation=generation,
        attempt=attempt,
        owner=owner,
        index=0,
        slot=0,
        sort_key=1,
        key="v1/x",
        size_bytes=1,
        width=8,
        height=8,
        created_at=now,
    )


def main() -> None:
    rounds, slow_rounds = map(int, sys.argv[1:3])
    logging.disable()
    call_command("migrate", verbosity=0)
    found = {}
    for name, works in pairs().items():
        took: tuple[list[float], list[float]] = ([], [])
        for number in range(slow_rounds if name == "sign-in" else rounds):
            for place in (number % 2, 1 - number % 2):  # they share the noise
                began = time.perf_counter()
                works[place]()
                took[place].append(time.perf_counter() - began)
        found[name] = [median(each) for each in took]
    print("found:" + json.dumps(found))


if __name__ == "__main__":
    main()
