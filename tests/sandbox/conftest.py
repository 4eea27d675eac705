from collections.abc import Iterator

import pytest

pytest.register_assert_rewrite("tests.sandbox.checks")

from tests.sandbox.server import Caller, Server, running  # noqa: E402 after the line above


@pytest.fixture(autouse=True)
def own_folders() -> None:
    """The sandbox knows no folders and no database."""


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with running("--speed", "0") as started:
        yield started


@pytest.fixture
def caller(server: Server) -> Caller:
    return Caller(server)
