"""Called by `tests.browser.rows.ask` in a process that has the stack's own settings."""

import json
import sys
from contextlib import redirect_stdout
from types import ModuleType

from tests.browser.inside import links, money, people, pictures, teams

NOUNS: tuple[ModuleType, ...] = (pictures, people, teams, links, money)
CALLS = {name: call for noun in NOUNS for name, call in vars(noun).items()}


def serve() -> None:
    """Answer each line, a call of what these modules have, by a line of JSON, until nobody asks."""
    for call in sys.stdin:
        with redirect_stdout(sys.stderr):
            answer = eval(call, CALLS)  # noqa: S307
        print(json.dumps(answer), flush=True)
