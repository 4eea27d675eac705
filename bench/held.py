"""G3: what one worker process needs to hold hundreds of streamed generations, and to end them."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from bench.rows import Row, memory_mb, wait_until
from tests.support.redis import PrivateRedis
from tests.support.sandbox import Sandbox

BASE_DIR = Path(__file__).resolve().parents[1]
SECONDS = 10
# The sandbox sends a picture drawn beforehand: drawing would cost as much as we do.
PROMPT = "[[fixture=1.5MB]] [[slow={seconds}]] held {number}"


@contextmanager
def one_worker() -> Iterator[psutil.Process]:
    """A worker process on SQLite with its own Redis and sandbox; this process shares its rows."""
    with (
        tempfile.TemporaryDirectory() as folder,
        PrivateRedis(Path(folder)) as redis,
        Sandbox() as sandbox,
    ):
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "meshgallery.settings",
            "VAR_DIR": folder,
            "REDIS_URL": redis.url,
            "SANDBOX_URL": sandbox.url,
        }
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        worker = subprocess.Popen(
            [sys.executable, "manage.py", "worker"],
            env=os.environ,
            cwd=BASE_DIR,
            stdout=subprocess.DEVNULL,
        )
        try:
            yield psutil.Process(worker.pid)
        finally:
            worker.terminate()
            worker.wait(30)


def run() -> list[Row]:
    with one_worker() as worker:
        return [
            *_hold(worker, count=100, wanted_seconds=20),
            *_hold(worker, count=200, wanted_seconds=30),
        ]


def _hold(worker: psutil.Process, *, count: int, wanted_seconds: float) -> list[Row]:
    """Hold `count` at once, ask for one more meanwhile, and let them all end in the same second."""
    from generations.models import Attempt, AttemptState

    began = time.monotonic()
    generations = [_submit(number, seconds=SECONDS) for number in range(count)]
    mine = Attempt.objects.filter(generation__in=generations)
    wait_until(lambda: mine.filter(state=AttemptState.ACCEPTED).count() == count, seconds=30)
    submitted = time.monotonic() - began
    held_mb = memory_mb(worker)
    picked_up = _pick_up_seconds()
    peak_mb = held_mb
    while mine.exclude(state=AttemptState.STORED).exists():
        peak_mb = max(peak_mb, memory_mb(worker))
        if time.monotonic() - began > 90:
            break
        time.sleep(0.2)
    took = time.monotonic() - began
    stored = mine.filter(state=AttemptState.STORED).count()
    context = f"all accepted after {submitted:.1f} s"
    return [
        Row("G3", f"{count} held: memory of the worker", held_mb, 150, "MB", context),
        Row("G3", f"{count} ending together: memory at its peak", peak_mb, 250, "MB"),
        Row("G3", f"{count} of {SECONDS} s: all stored after", took, wanted_seconds, "s"),
        Row("G3", f"{count} held: lost", count - stored, 0, "pictures"),
        Row("G3", f"{count} held: pick-up of one more", picked_up, 0.25, "s"),
    ]


def _submit(number: int, *, seconds: float):
    from generations.models import CatalogModel, User
    from generations.models.generation import new_submit_token
    from generations.services.generation import Request, submit_generation

    wait_until(lambda: CatalogModel.objects.exists(), seconds=20)
    owner, _ = User.objects.get_or_create(username="bench")
    model = CatalogModel.objects.get(model_id="openai/gpt-image-1")
    request = Request(prompt=PROMPT.format(seconds=seconds, number=number), model=model)
    return submit_generation(owner, request, submit_token=new_submit_token())


def _pick_up_seconds() -> float:
    """Submitted to sent, while everything else is being held."""
    generation = _submit(-1, seconds=0.1)
    attempt = generation.attempts.get()
    wait_until(lambda: bool(_sent(attempt)), seconds=10)
    return (_sent(attempt) - generation.created_at).total_seconds()


def _sent(attempt):
    attempt.refresh_from_db(fields=["sent_at"])
    return attempt.sent_at


if __name__ == "__main__":
    from bench import table

    table.show(run())
