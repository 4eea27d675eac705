import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command

from tests.queries.audit.conftest import kept, own_var, unknown

__all__ = ["kept", "own_var", "unknown"]

Reconcile = Callable[..., tuple[int, list[str]]]


@pytest.fixture
def reconcile(capsys: pytest.CaptureFixture[str]) -> Reconcile:
    """Runs `manage.py reconcile`; its exit code, and what it printed with ids left out."""

    def run(*arguments: Any) -> tuple[int, list[str]]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            call_command("reconcile", *map(str, arguments))
        lines = capsys.readouterr().out.splitlines()
        return int(ended.value.code or 0), [re.sub(r"[0-9a-f-]{36}", "ID", line) for line in lines]

    return run
