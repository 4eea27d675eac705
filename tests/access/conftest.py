import pytest
from django.db import connections

cells: pytest.StashKey[list[str]] = pytest.StashKey()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[cells] = []


@pytest.fixture(autouse=True)
def one_connection(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamed answers give their connection back early: here all happens in one transaction."""
    monkeypatch.setattr(connections["default"], "close", lambda: None)


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    """A refusal is what is asked for here: no news."""
    caplog.set_level("CRITICAL", logger="django.request")


@pytest.fixture
def checked(request: pytest.FixtureRequest) -> list[str]:
    """The cells of the table that were held against the program."""
    return request.config.stash[cells]


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if found := config.stash.get(cells, []):
        terminalreporter.write_line(f"Access: {len(found):,} answers held against the table.")
