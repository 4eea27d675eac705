"""Called by `tests.browser.rows.ask` in a process that has the stack's own settings."""

import hashlib
import io
import json
import sys
import time
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.test import Client
from django.utils import timezone
from PIL import Image as Pillow

from generations import known, ledger, lifecycle, storage
from generations.imaging.derive import Derived, Deriver
from generations.models import (
    FINAL_STATES,
    Album,
    Attempt,
    AttemptState,
    Budget,
    BudgetPeriod,
    Generation,
    Image,
    Membership,
    Price,
    PromptTemplate,
    Reason,
    Role,
    SavedSearch,
    ShareLink,
    Team,
    User,
    Verdict,
    Viewed,
    shape_of,
)
from generations.models.generation import new_submit_token, sort_key
from generations.services.album import album_named
from generations.services.image import trash_images
from generations.services.moving import move_images
from generations.services.review import Opinion, ask_for_review, give_verdict
from generations.services.share import Target, Terms, make_link
from generations.services.shared import admit_guest, count_view, name_guest, pick
from generations.services.sorting import Mark, put_on
from generations.services.tag import tag_named
from generations.services.team import create_team
from generations.storage import keys

S = AttemptState
SIZE = (1536, 1024)
FAR = timedelta(hours=3)
PRICE_MICROS = 42_000

# Each tile state that a page knows, by what an attempt has to be for it.
STATES: dict[str, dict[str, Any]] = {
    "waiting": {"state": S.READY},
    "held": {"state": S.HELD, "code": "quota_wait"},
    "working": {"state": S.ACCEPTED},
    "saving": {"state": S.RECEIVED},
    "failed": {"state": S.CHARGED_UNUSABLE, "code": "empty", "cost_micros": PRICE_MICROS},
    "blocked": {"state": S.REJECTED_FREE, "code": "blocked", "message": "Not this one."},
    "unknown": {"state": S.UNKNOWN, "code": "connection_lost"},
    "canceled": {"state": S.CANCELED},
}
UNSENT = {S.READY, S.HELD, S.CANCELED, S.REJECTED_FREE}


@dataclass(frozen=True, slots=True)
class Painted:
    """One picture's bytes, which any number of rows may show."""

    original: bytes
    previews: dict[int, bytes]
    derived: Derived


def serve() -> None:
    """Answer each line, a call of what is below, by a line of JSON, until nobody asks any more."""
    for call in sys.stdin:
        with redirect_stdout(sys.stderr):
            answer = eval(call)  # noqa: S307
        print(json.dumps(answer), flush=True)


def stored(image_id: str) -> dict[str, Any]:
    """What the books say of a picture."""
    image = Image.objects.select_related("attempt").get(pk=image_id)
    return {
        "key": image.key,
        "sha256": image.sha256,
        "size_bytes": image.size_bytes,
        "revised_prompt": image.revised_prompt,
        "usage": image.attempt.usage,
        "cost_micros": image.attempt.cost_micros,
    }


def attempts_of(generation_id: str) -> list[list[str]]:
    """Every request ever permitted for a run: its id and what became of it, in order."""
    rows = Attempt.objects.filter(generation=generation_id).order_by("tries", "first_slot")
    return [[str(attempt.pk), attempt.state] for attempt in rows]


def add_user(username: str) -> None:
    """Somebody without a password, which takes long to hash: `session_of` lets them in."""
    User.objects.create_user(username)


def session_of(username: str) -> str:
    """The key of a session that the sign-in page could have made."""
    browser = Client()
    browser.force_login(User.objects.get(username=username))
    return browser.cookies[settings.SESSION_COOKIE_NAME].value


def hang_pictures(username: str, count: int) -> list[str]:
    """A person with so many finished pictures, ten to a day; the generations, newest first."""
    owner = User.objects.create_user(username)
    painted = _painted()
    made = []
    now = timezone.now().replace(hour=12)
    for number in range(count):
        when = now - timedelta(days=1 + number // 10, minutes=number)
        prompt = f"Picture {number}: boats in a quiet harbour, painted on linen"
        made.append(_finished(owner, prompt, when, painted))
    return [str(generation.pk) for generation in made]


def keep_everything(username: str) -> dict[str, str]:
    """A person with three pictures and one thing of every kind; the parts of their addresses."""
    a, b, thrown = (Image.objects.get(generation=run) for run in hang_pictures(username, 3))
    owner = a.owner
    tag, album = tag_named(owner, "harbour"), album_named(owner, "Coast")
    for holder in (tag, album):
        put_on(Mark(holder), owner, [a.pk, b.pk])
    trash_images(owner, [thrown.pk])
    SavedSearch.objects.create(owner=owner, name="Boats", query="q=boats")
    template = PromptTemplate.objects.create(owner=owner, name="Mornings", text="In {place}")
    team = create_team(owner, name=f"Crew of {username}")
    things = {"a": a, "b": b, "thrown": thrown, "album": album, "tag": tag, "template": template}
    names = {name: str(each.pk) for name, each in things.items()}
    return {"run": str(a.generation_id), "team": team.slug} | names


def make_team(owner: str, name: str, **roles: str) -> str:
    """A team of people who are there already, by name and role; its address."""
    team = create_team(User.objects.get(username=owner), name=name)
    for username, role in roles.items():
        Membership.objects.create(team=team, user=User.objects.get(username=username), role=role)
    return team.slug


def give_to_team(username: str, slug: str) -> int:
    """All that a member has, moved into the team."""
    user = User.objects.get(username=username)
    ids = list(Image.objects.filter(owner=user, team=None).values_list("pk", flat=True))
    return move_images(user, ids, Team.objects.get(slug=slug)).done


def hang_for_review(curator: str, viewer: str, count: int) -> list[str]:
    """A team that shows approved pictures alone, with so many of a maker's that wait; the
    pictures, oldest first."""
    team = create_team(User.objects.create_user(curator), name=f"Team of {curator}")
    Team.objects.filter(pk=team.pk).update(approved_only=True)
    seer = User.objects.create_user(viewer)
    Membership.objects.create(team=team, user=seer, role=Role.VIEWER)
    runs = hang_pictures(f"maker-of-{curator}", count)
    Membership.objects.create(team=team, user=User.objects.get(username=f"maker-of-{curator}"))
    Generation.objects.filter(pk__in=runs).update(team=team)
    for model in (Attempt, Image):
        model.objects.filter(generation__in=runs).update(team=team)
    _until_known()
    images = Image.objects.filter(generation__in=runs).order_by("sort_key")
    return [str(image.pk) for image in images]


def ask_for_reviews(owner: str, reviewer: str, count: int) -> None:
    """Somebody of staff, and so many of a person's newest pictures in their queue."""
    rita = User.objects.create_user(reviewer, is_staff=True)
    images = list(Image.objects.filter(owner__username=owner).order_by("-sort_key")[:count])
    for image in images:
        ask_for_review(image.owner, image, on=True)
    give_verdict(rita, images[-1], Opinion(Verdict.FLAG, Reason.TEXT, "A sign?"), seen="pending")


def share_album(username: str, album_id: str, password: str = "") -> dict[str, str]:
    """A link that shows and allows everything, where two guests have picked: the addresses of its
    owner's page, of the guests' page and of the first picture there."""
    owner = User.objects.get(username=username)
    album = Album.objects.get(pk=album_id)
    shown = {"shows_prompts": True, "shows_cost": True, "shows_creator": True}
    terms = Terms("For Gus and Ann", allows_download=True, allows_picks=True, **shown)
    key = uuid4()
    token = make_link(owner, Target(album), key=key, days=30, terms=terms, password=password)
    link = ShareLink.objects.get(pk=key)
    images = list(album.album_images.order_by("position").values_list("image", flat=True)[:3])
    for name, picked in {"Gus": images[:2], "": images}.items():
        guest, _ = admit_guest(link, "")
        name_guest(guest, name)
        for image in picked:
            pick(guest, image, is_on=True)
    for what in Viewed:
        count_view(link, what)
    home = f"/s/{token}/"
    return {"share": f"/shares/{key}/", "shared": home, "shared_picture": f"{home}{images[0]}/"}


def show_every_state(
    username: str, password: str | None = None, width: int = SIZE[0], height: int = SIZE[1]
) -> list[str]:
    """A person with a tile of this size in each state, and a picture; the generations by state."""
    owner = User.objects.create_user(username, password=password)
    now, size = timezone.now(), (width, height)
    made = [
        _vacant(owner, f"A tile that is {name}", now - timedelta(seconds=number), size, **fields)
        for number, (name, fields) in enumerate(STATES.items())
    ]
    picture = _finished(owner, "A picture that is done", now - timedelta(minutes=1), _painted())
    return [str(generation.pk) for generation in [*made, picture]]


def spread_over_days(username: str, runs_a_day: Sequence[int]) -> None:
    """Move a person's runs into the past, newest first: so many to a day, from yesterday back."""
    runs = Generation.objects.filter(owner__username=username).order_by("-created_at")
    ages = [age for age, count in enumerate(runs_a_day, start=1) for _ in range(count)]
    for generation, age in zip(runs, ages, strict=True):
        days = timedelta(days=age)
        generation.created_at -= days
        generation.save(update_fields=["created_at"])
        for attempt in generation.attempts.all():
            attempt.sort_key = sort_key(generation.created_at, attempt.first_slot)
            attempt.save(update_fields=["sort_key"])
            for name in ("sent_at", "received_at", "finished_at"):
                Attempt.objects.filter(pk=attempt.pk).update(
                    **{name: getattr(attempt, name) - days}
                )
        for image in generation.images.all():
            image.sort_key = sort_key(generation.created_at, image.slot)
            image.save(update_fields=["sort_key"])


def _generation(
    owner: User, prompt: str, when: datetime, size: tuple[int, int] = SIZE
) -> Generation:
    return Generation.objects.create(
        owner=owner,
        submit_token=new_submit_token(),
        fields_hash="0" * 64,
        prompt=prompt,
        model_id="openai/gpt-image-1",
        n=1,
        size=f"{size[0]}x{size[1]}",
        width=size[0],
        height=size[1],
        quote_micros=PRICE_MICROS,
        created_at=when,
    )


def _attempt(generation: Generation, state: AttemptState, **fields: Any) -> Attempt:
    when = generation.created_at
    times: dict[str, Any] = {"created_at": when, "state_since": when, "not_before": when}
    if state not in UNSENT:
        times |= {"sent_at": when, "accepted_at": when}
    if state in FINAL_STATES:
        times["finished_at"] = when
    slot = fields.setdefault("first_slot", 0)
    return Attempt.objects.create(
        generation=generation,
        owner=generation.owner,
        sort_key=sort_key(when, slot),
        state=state,
        reserved_micros=PRICE_MICROS,
        **times | fields,
    )


def _vacant(
    owner: User, prompt: str, when: datetime, size: tuple[int, int], **fields: Any
) -> Generation:
    """Nobody takes it up: not before a time that is far off, on a lease that runs as long."""
    generation = _generation(owner, prompt, when, size)
    later = timezone.now() + FAR
    is_late = fields["state"] in {S.READY, S.HELD}
    not_before = {"not_before": later} if is_late else {}
    _attempt(generation, lease_until=later, **fields | not_before)
    return generation


@cache
def _painted() -> Painted:
    file = io.BytesIO()
    Pillow.radial_gradient("L").resize(SIZE).convert("RGB").save(file, "PNG")
    with TemporaryDirectory() as folder:
        path = Path(folder, "original.png")
        path.write_bytes(file.getvalue())
        deriver = Deriver()
        derived = deriver.derive(path)
        deriver.close()
        previews = {made.edge: made.webp for made in derived.files}
    return Painted(file.getvalue(), previews, derived)


def _finished(owner: User, prompt: str, when: datetime, painted: Painted) -> Generation:
    generation = _generation(owner, prompt, when)
    attempt = _attempt(generation, S.STORED, is_vacant=False, received_at=when, finished_at=when)
    digest = hashlib.sha256(painted.original).hexdigest()
    key = keys.original_key(generation.pk, attempt.pk, 0, digest, "png")
    _store(key, painted, digest)
    derived = painted.derived
    Image.objects.create(
        generation=generation,
        attempt=attempt,
        owner=owner,
        index=0,
        slot=0,
        sort_key=sort_key(when, 0),
        key=key,
        sha256=digest,
        size_bytes=len(painted.original),
        mime="image/png",
        extension="png",
        model_id=generation.model_id,
        width=derived.width,
        height=derived.height,
        shape=shape_of(derived.width, derived.height),
        edges=[[file.edge, file.width, file.height] for file in derived.files],
        placeholder=derived.placeholder,
        color=derived.color,
        sizes_done=True,
        created_at=when,
    )
    return generation


def _store(key: str, painted: Painted, digest: str) -> None:
    store = storage.get_store()
    store.put_new(key, painted.original, sha256=digest, content_type="image/png")
    for file in painted.derived.files:
        store.put_new(
            keys.derived_key(key, file.edge),
            painted.previews[file.edge],
            sha256=file.sha256,
            content_type="image/webp",
        )


def limit_budget(username: str, **limits: Any) -> None:
    """Give a person a budget for this month."""
    Budget.objects.create(user=User.objects.get(username=username), **limits)
    _until_known()


def use_budget(username: str, *, limit: int, spent: int) -> None:
    """Give a person a budget of so many pictures for this month, of which some are spent."""
    user = User.objects.get(username=username)
    budget = Budget.objects.create(user=user, limit_pictures=limit)
    period = ledger.period_of(budget, user.pk)
    BudgetPeriod.objects.filter(pk=period.pk).update(spent_pictures=spent)
    _until_known()


def forget_price(model_id: str) -> None:
    Price.objects.filter(model__model_id=model_id).delete()
    _until_known()


def close_gate(name: str, reason: str, message: str = "") -> None:
    lifecycle.close_gate(name, seconds=3600, reason=reason, message=message)
    _until_known()


def open_gate(name: str) -> None:
    lifecycle.open_gate(name)


def _until_known() -> None:
    """The servers may go on for a moment by what they read just before."""
    time.sleep(known.FRESH_SECONDS)


def keep_aside(username: str) -> str:
    """A run with a picture in the gallery, one kept out of it and one still out; its id."""
    generation = _finished(
        User.objects.get(username=username), "Boats kept aside", timezone.now(), _painted()
    )
    Image.objects.filter(generation=generation).update(is_hidden=True)
    fields = {"first_slot": 1, "is_hidden": True, "lease_until": timezone.now() + FAR}
    _attempt(generation, S.ACCEPTED, **fields)
    return str(generation.pk)


def show_unknown(username: str) -> None:
    """A tile of this person's whose outcome nobody knows."""
    owner = User.objects.get(username=username)
    _vacant(owner, "A fox that was lost", timezone.now(), SIZE, **STATES["unknown"])


def pretend_sent(generation_id: str) -> int:
    """The first picture of a run is with the provider, for hours; its slot."""
    attempt = Attempt.objects.filter(generation=generation_id).order_by("first_slot")[0]
    now = timezone.now()
    Attempt.objects.filter(pk=attempt.pk).update(
        state=S.ACCEPTED, sent_at=now, accepted_at=now, lease_until=now + FAR
    )
    return attempt.first_slot
