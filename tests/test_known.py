from typing import Any

from generations import known


def test_known_things_are_read_again_after_two_seconds(monkeypatch: Any) -> None:
    now = [1000.0]
    monkeypatch.setattr(known.time, "monotonic", lambda: now[0])
    said = iter(("first", "second", "third"))
    assert known.lately("word", lambda: next(said)) == "first"
    now[0] += 1.9
    assert known.lately("word", lambda: next(said)) == "first"
    now[0] += 0.2
    assert known.lately("word", lambda: next(said)) == "second"
    known.forget()
    assert known.lately("word", lambda: next(said)) == "third"


def test_nothing_is_a_thing_to_know(monkeypatch: Any) -> None:
    said: Any = iter((None, "something"))
    assert known.lately("word", lambda: next(said)) is None
    assert known.lately("word", lambda: next(said)) is None
