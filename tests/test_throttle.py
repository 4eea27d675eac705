"""Whoever tries too often waits, longer each time and never for good."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from generations import throttle
from generations.models import Throttle
from generations.throttle import Limit, TooSoon, Turn

pytestmark = [pytest.mark.db]

LIMIT = Limit("test", free=2, longest_seconds=10)
ALICE = Turn(LIMIT, "alice")


def wait(turn: Turn = ALICE) -> int:
    """How long a try has to wait; 0 if it was made."""
    try:
        throttle.take(turn)
    except TooSoon as error:
        return error.seconds
    return 0


def test_pause_doubles_up_to_the_longest(db: None) -> None:
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        waits = []
        for _ in range(7):
            assert wait() == 0
            waits.append(again := wait() if len(waits) >= LIMIT.free else 0)
            clock.shift(timedelta(seconds=again))
    assert waits == [0, 0, 2, 4, 8, 10, 10]


def test_trying_while_it_rests_makes_it_no_longer(db: None) -> None:
    with time_machine.travel(timezone.now(), tick=False):
        assert [wait() for _ in range(6)] == [0, 0, 0, 2, 2, 2]


@pytest.mark.parametrize("given_back", [True, False])
def test_free_tries_at_one_moment_wait_for_nobody(db: None, given_back: bool) -> None:
    """Whoever waited for the row read the clock before; hosts' clocks differ, too."""
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        throttle.take(ALICE)
        if given_back:
            throttle.give_back(ALICE)
        clock.shift(timedelta(seconds=-1))
        assert wait() == 0


def test_each_has_counters_of_its_own(db: None) -> None:
    assert [wait() for _ in range(3)] == [0, 0, 0]
    assert wait(Turn(LIMIT, "bob")) == 0
    assert wait(Turn(Limit("other", 2, 10), "alice")) == 0
    assert wait() > 0


def test_what_rests_keeps_the_others_from_being_counted(db: None) -> None:
    for _ in range(3):
        throttle.take(ALICE)
    bob = Turn(LIMIT, "bob")
    with pytest.raises(TooSoon):
        throttle.take(bob, ALICE)
    assert not Throttle.objects.filter(key=bob.key, tries__gt=0).exists()


def test_success_is_given_back_and_earlier_tries_still_count(db: None) -> None:
    for _ in range(2):
        throttle.take(ALICE)
    for _ in range(5):
        throttle.take(ALICE)
        throttle.give_back(ALICE)
    assert Throttle.objects.get().tries == 2


def test_forgotten_after_its_time(db: None) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert [wait() for _ in range(4)] == [0, 0, 0, 2]
        clock.shift(timedelta(hours=1, seconds=3))
        assert [wait() for _ in range(4)] == [0, 0, 0, 2]
        clock.shift(timedelta(hours=1, seconds=3))
        throttle.forget_old()
    assert Throttle.objects.count() == 0


def test_neither_name_nor_address_is_kept(db: None) -> None:
    throttle.take(ALICE)
    assert "alice" not in Throttle.objects.get().key


@pytest.mark.parametrize(
    ("seconds", "told"), [(1, "1 second"), (40, "40 seconds"), (90, "2 minutes")]
)
def test_sentence_tells_the_wait(seconds: int, told: str) -> None:
    error = TooSoon(timedelta(seconds=seconds))
    assert error.sentence == f"That was tried too often. Wait {told}, then try again."


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_are_twenty() -> None:
    start = threading.Barrier(20)
    made: list[int] = []

    def hurry() -> None:
        start.wait()
        if not wait():
            made.append(1)
        connection.close()

    threads = [threading.Thread(target=hurry) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == LIMIT.free + 1


def test_row_may_go_between_looking_at_it_and_taking_it(db: None) -> None:
    """Two tabs sign in at the same moment: what the first one succeeds with forgets all tries."""
    throttle.take(ALICE)
    looks: list[str] = []

    def goes(execute: Callable[..., Any], sql: str, *told: Any) -> Any:
        if sql.startswith("SELECT"):
            looks.append(sql)
            if len(looks) == 2:
                throttle.forgive(ALICE)
        return execute(sql, *told)

    with connection.execute_wrapper(goes):
        throttle.take(ALICE)
    assert Throttle.objects.get().tries == 1
