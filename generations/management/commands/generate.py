"""Make pictures from the command line, in this process: no broker or worker needed."""

import os
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from generations import lifecycle, storage
from generations.errors import GalleryError
from generations.forms.prompt import PromptForm
from generations.management.local.ports import answers, free_port
from generations.management.local.processes import Child
from generations.mesh import MeshError
from generations.models import AttemptState, Generation, User
from generations.models.generation import new_submit_token
from generations.pipeline import catalog, keeper, run, sizes, worker
from generations.queries.gallery import cards_of
from generations.services.generation import Request, submit_generation

LOOK_SECONDS = 0.2
START_SECONDS = 20.0
DRAIN_SECONDS = 30.0
MOVING_STATES = (
    AttemptState.READY,
    AttemptState.CLAIMED,
    AttemptState.SENDING,
    AttemptState.ACCEPTED,
    AttemptState.RECEIVED,
    AttemptState.FETCHING,
)


class Command(BaseCommand):
    help = "Make pictures and write each into a file; prints one path a line."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("prompt")
        parser.add_argument("--user", default=settings.DEMO_USERNAME, help="whose gallery")
        parser.add_argument("--model", default="")
        parser.add_argument("--n", default="1")
        parser.add_argument("--size", default="")
        parser.add_argument("--out", default=".", type=Path, help="folder for the files")

    def handle(self, *args: Any, **options: Any) -> None:
        with own_sandbox() if needs_sandbox() else nullcontext():
            user = self._user(options["user"])
            self._need_catalog()
            generation = self._submit(user, options)
            self._see_through(generation)
            self._write_out(generation, user, options["out"])

    def _user(self, name: str) -> User:
        user = User.objects.filter(username__iexact=name).first()
        if user is None and name == settings.DEMO_USERNAME:
            user = User(username=name)
            user.set_unusable_password()
            user.save()
        if user is None:
            raise CommandError(f"There is no user “{name}”.")
        return user

    def _need_catalog(self) -> None:
        try:
            catalog.refresh_catalog()
        except MeshError as error:
            raise CommandError(f"The provider can't be asked for its models: {error}") from error

    def _submit(self, user: User, options: dict[str, Any]) -> Generation:
        names = ("prompt", "model", "n", "size")
        data = {name: options[name] for name in names} | {"submit_token": new_submit_token()}
        form = PromptForm(data, user=user)
        if not form.is_valid():
            raise CommandError(
                " ".join(str(text) for texts in form.errors.values() for text in texts)
            )
        wanted = form.cleaned_data
        request = Request(**{key: wanted[key] for key in (*names, "quality", "output_format")})
        try:
            return submit_generation(user, request, submit_token=wanted["submit_token"])
        except GalleryError as error:
            raise CommandError(error.sentence) from error

    def _see_through(self, generation: Generation) -> None:
        """Run the generation's attempts here, and whatever free second try they lead to."""
        worker.start_heartbeat()
        try:
            with ThreadPoolExecutor(generation.n) as pool:
                list(pool.map(lambda _: _work(generation), range(generation.n)))
            sizes.drain(DRAIN_SECONDS)
        finally:
            worker.stopped()

    def _write_out(self, generation: Generation, user: User, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for image in generation.images.order_by("slot"):
            path = folder / image.filename
            with path.open("wb") as file:
                for piece in storage.get_store().open(image.key).chunks:
                    file.write(piece)
            self.stdout.write(str(path))
        missing = [card for card in cards_of(generation, user) if card.image_id is None]
        for card in missing:
            money = f" ({card.money.text})" if card.money else ""
            self.stderr.write(f"Picture {card.slot + 1}: {card.title}. {card.sentence}{money}")
        if missing:
            raise CommandError(f"{len(missing)} of {generation.n} pictures could not be made.")


def _work(generation: Generation) -> None:
    """Claim and run this generation's attempts until none can get further by itself.

    A running stack's workers may take some of them; those are waited for.
    """
    moving = generation.attempts.filter(state__in=MOVING_STATES)
    try:
        while moving.exists():
            if not run.run_next(generation.pk):
                _rescue(generation)
                connection.close()
                time.sleep(LOOK_SECONDS)
    finally:
        connection.close()


def _rescue(generation: Generation) -> None:
    """Go on with what another worker left, and with what couldn't be stored a moment ago."""
    lifecycle.expire_claims()
    received = generation.attempts.filter(state=AttemptState.RECEIVED)
    for attempt_id in received.values_list("pk", flat=True):
        keeper.store_received(attempt_id)


def needs_sandbox() -> bool:
    """No provider is set, and no running `manage.py run` has a sandbox for us."""
    address = urlsplit(settings.MESH_API_BASE_URL)
    return settings.ON_SANDBOX and not (
        address.hostname == "127.0.0.1" and answers("127.0.0.1", address.port or 80)
    )


@contextmanager
def own_sandbox() -> Iterator[None]:
    """A sandbox for this command alone."""
    port = free_port()
    command = [sys.executable, "-m", "generations.sandbox", "--port", str(port)]
    child = Child("sandbox-generate", command, os.environ)
    child.start()
    settings.MESH_API_BASE_URL = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + START_SECONDS
        while not answers("127.0.0.1", port) and time.monotonic() < deadline and child.is_running:
            time.sleep(0.05)
        yield
    finally:
        child.end()
