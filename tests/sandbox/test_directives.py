"""Each directive's effect, as the bytes on the socket show it."""

import re
from collections.abc import Callable

import pytest

from generations.sandbox.directive_table import DIRECTIVES, TABLE
from generations.sandbox.directives import read_wishes, table_as_markdown
from generations.sandbox.problems import ApiError
from tests.sandbox.checks import answers, orders, travel
from tests.sandbox.server import ROOT, Caller

CHECKS: dict[str, Callable[[Caller], None]] = {
    name.removeprefix("check_"): check
    for module in (orders, travel, answers)
    for name, check in vars(module).items()
    if name.startswith("check_")
}


def test_directives_are_all_checked() -> None:
    assert CHECKS.keys() == TABLE.keys()
    assert len(TABLE) == len(DIRECTIVES)


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_directive_does_what_it_says(caller: Caller, name: str) -> None:
    CHECKS[name](caller)


def test_docs_table_is_the_registry() -> None:
    page = (ROOT / "docs/sandbox.md").read_text()
    table = re.search(r"^\| directive \|.*?\n(?!\|)", page + "\n\n", re.M | re.S)
    assert table is not None
    assert table[0] == table_as_markdown()


def test_directives_are_taken_out_of_the_prompt() -> None:
    wishes = read_wishes("a fox [[slow=2]] in [[ cut = half ]] snow [[rst]]")
    assert wishes.prompt == "a fox in snow"
    assert wishes.values == {"slow": "2", "cut": "half", "rst": ""}
    assert wishes.text("rst") == "request"


def test_other_double_brackets_stay_in_the_prompt() -> None:
    assert (
        read_wishes("a sign that says [[exit]]  here").prompt == "a sign that says [[exit]]  here"
    )


@pytest.mark.parametrize(
    "wrong", ["[[slow=soon]]", "[[status=99]]", "[[cut=tail]]", "[[size=0x9]]"]
)
def test_values_that_make_no_sense_are_refused(wrong: str) -> None:
    with pytest.raises(ApiError, match="can't read"):
        read_wishes(wrong)
