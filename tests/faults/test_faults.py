"""The short form of `make faults`: the most telling rows, with fewer prompts."""

from collections.abc import Iterator

import pytest

from tests.faults.matrix import run_row
from tests.faults.rows import ROWS, all_rows
from tests.faults.servers import Servers

pytestmark = [pytest.mark.stack, pytest.mark.postgres, pytest.mark.s3]

# By row, how many prompts: killed in flight and before the last commit; the web server killed;
# PostgreSQL restarted, and away; odd streams; one form sent often; a long pause; addresses that
# expire.
SHORT = {3: 12, 7: 12, 9: 12, 14: 12, 15: 8, 28: 24, 37: 1, 41: 8, 44: 6}


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    with Servers() as shared:
        yield shared


@pytest.mark.parametrize("number", SHORT)
def test_fault_costs_no_prompt_and_no_picture(number: int, servers: Servers) -> None:
    all_rows()
    bench = run_row(ROWS[number], servers, load=SHORT[number], is_short=True)
    assert bench.broken == []
    assert bench.counted
    assert bench.counted.prompts == SHORT[number]
    assert bench.injected >= 1
