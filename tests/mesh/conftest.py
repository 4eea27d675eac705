"""What downloads are led to; and the table of streams, after a run that read them all."""

import socket
from collections.abc import Callable

import pytest

from generations.mesh import network
from tests.mesh.server import ScriptedServer
from tests.mesh.streams import STREAMS, table
from tests.mesh.test_streams import READ


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if len(READ) < len(STREAMS):
        return
    terminalreporter.section("streams: what was sent, what it is read as")
    for line in table([READ[stream.name] for stream in STREAMS]):
        terminalreporter.write_line(line)


@pytest.fixture
def dialed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every address a socket was opened to; the public one leads to `lead_to`."""
    return []


@pytest.fixture
def lead_to(monkeypatch: pytest.MonkeyPatch, dialed: list[str]) -> Callable[[ScriptedServer], None]:
    def lead(server: ScriptedServer) -> None:
        def open_socket(address: str, port: int, *, timeout_seconds: float) -> socket.socket:
            dialed.append(address)
            return socket.create_connection(("127.0.0.1", server.port), timeout_seconds)

        monkeypatch.setattr(network, "open_socket", open_socket)

    return lead
