"""Prints the table of streams after a run that read them all."""

import pytest

from tests.mesh.streams import STREAMS, table
from tests.mesh.test_streams import READ


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if len(READ) < len(STREAMS):
        return
    terminalreporter.section("streams: what was sent, what it is read as")
    for line in table([READ[stream.name] for stream in STREAMS]):
        terminalreporter.write_line(line)
