"""A code is one person's once, however many hurry."""

import threading
from collections.abc import Callable

import pyotp
import pytest
from django.db import connection
from django.utils import timezone

from generations.errors import GalleryError
from generations.models import RecoveryCode, SecondFactor, User
from generations.services import second_factor as services

pytestmark = [pytest.mark.db, pytest.mark.django_db(transaction=True)]

HURRY = 8


def in_threads(work: Callable[[], object]) -> list[object]:
    found: list[object] = []
    start = threading.Barrier(HURRY)

    def act() -> None:
        start.wait()
        try:
            found.append(work())
        finally:
            connection.close()

    threads = [threading.Thread(target=act) for _ in range(HURRY)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def shown(user: User, steps: int = 0) -> str:
    secret = services._secret_of(SecondFactor.objects.get(user=user))
    return pyotp.TOTP(secret).at(timezone.now(), counter_offset=steps)


def test_each_code_is_taken_once(alice: User) -> None:
    services.begin(alice)
    paper = services.confirm(alice, shown(alice))[0]
    code = shown(alice, 1)
    for each in (code, paper):
        assert sorted(in_threads(lambda each=each: services.take_code(alice, each))) == [
            *[False] * (HURRY - 1),
            True,
        ]
    assert RecoveryCode.objects.exclude(used_at=None).count() == 1


def test_it_is_turned_on_once(alice: User) -> None:
    services.begin(alice)
    code = shown(alice)

    def confirm() -> int:
        try:
            return len(services.confirm(alice, code))
        except GalleryError:
            return 0

    assert sorted(map(str, in_threads(confirm))) == ["0"] * (HURRY - 1) + ["10"]
    assert RecoveryCode.objects.count() == 10
