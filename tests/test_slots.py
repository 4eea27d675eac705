import pytest
from hypothesis import given
from hypothesis import strategies as st

from generations.slots import Slot, fill, slots_of


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("a fox", []),
        ("a {season} morning in {place}", [Slot("season"), Slot("place")]),
        ("{a: x | y |x| } {a}", [Slot("a", ("x", "y"))]),
        ("{ colour } and {colour}", [Slot("colour")]),
        ("{n: number} {words: long}", [Slot("n", kind="number"), Slot("words", kind="long")]),
        ("{n: number | long}", [Slot("n", ("number", "long"))]),
        ("{{not}} {}", []),
        ("{ } {:a}", []),
        ("{" + "n" * 41 + "}", []),
    ],
)
def test_slots_are_found_once_in_order(text: str, slots: list[Slot]) -> None:
    assert slots_of(text) == slots


def test_fill_puts_each_value_in_every_place() -> None:
    text = "A {season: spring | autumn} morning, {season} light, {{braces}}, {gone}"
    assert fill(text, {"season": " autumn "}) == "A autumn morning, autumn light, {braces}, "


@given(st.text())
def test_text_without_braces_is_filled_in_as_it_is(text: str) -> None:
    plain = text.replace("{", "(").replace("}", ")")
    assert (slots_of(plain), fill(plain, {})) == ([], plain)


@given(st.text(), st.dictionaries(st.text(max_size=5), st.text(max_size=5)))
def test_what_is_filled_in_is_never_a_slot_again(text: str, values: dict[str, str]) -> None:
    once = fill("{a}", {"a": "{b}"})
    assert once == "{b}"
    assert isinstance(fill(text, values), str)
