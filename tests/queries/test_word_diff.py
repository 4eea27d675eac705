from hypothesis import given
from hypothesis import strategies as st

from generations.queries.word_diff import word_diff

SENTENCES = st.lists(st.sampled_from("abcd"), max_size=12).map(" ".join)


def diff(asked: str, drawn: str) -> list[tuple[str, str]]:
    return [(part.op, part.text) for part in word_diff(asked, drawn)]


def test_word_diff_names_what_was_added_and_dropped() -> None:
    assert diff("one low sun behind pines", "a single low sun glowing behind pines") == [
        ("dropped", "one"),
        ("added", "a single"),
        ("same", "low sun"),
        ("added", "glowing"),
        ("same", "behind pines"),
    ]


def test_word_diff_sees_no_change_in_case_and_punctuation() -> None:
    assert diff("a fox in the snow", "A fox in the snow, at dusk.") == [
        ("same", "A fox in the snow,"),
        ("added", "at dusk."),
    ]


def test_word_diff_of_one_word_said_a_thousand_times_is_quick() -> None:
    """It took minutes of the whole server's time: any two prompts can be compared."""
    asked, drawn = "a " * 2000, "a b " * 1000
    assert diff(asked, drawn) == [
        *[("same", "a"), ("added", "b")] * 999,
        *[("same", "a"), ("dropped", " ".join("a" * 1000)), ("added", "b")],
    ]


def test_word_diff_of_very_long_texts_compares_their_beginning() -> None:
    assert diff("a " * 6000, "a " * 6000) == [
        ("same", " ".join("a" * 5000)),
        ("dropped", " ".join("a" * 1000)),
        ("added", " ".join("a" * 1000)),
    ]


@given(SENTENCES, SENTENCES)
def test_word_diff_holds_both_texts(asked: str, drawn: str) -> None:
    parts = diff(asked, drawn)
    assert " ".join(text for op, text in parts if op != "added") == asked
    assert " ".join(text for op, text in parts if op != "dropped") == drawn
    same = sum(len(text.split()) for op, text in parts if op == "same")
    assert same == _longest_common(asked.split(), drawn.split())


def _longest_common(one: list[str], other: list[str]) -> int:
    above = [0] * (len(other) + 1)
    for word in one:
        row = [0]
        for place, each in enumerate(other):
            row.append(above[place] + 1 if word == each else max(row[-1], above[place + 1]))
        above = row
    return above[-1]
