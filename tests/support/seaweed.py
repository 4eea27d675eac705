"""A real S3 server for tests. A conftest.py that imports the three fixtures can use them."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from generations.management.local.errors import CannotStart
from generations.management.local.seaweedfs import Seaweed, find_program
from generations.storage.s3 import S3Store
from generations.storage.s3_client import S3Settings

ACCESS_KEY = "tests"
SECRET_KEY = "only-for-tests"


def has_seaweed() -> bool:
    try:
        find_program()
    except CannotStart:
        return False
    return True


@pytest.fixture(scope="session")
def seaweed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seaweed]:
    """One server for the whole run; `seaweed.endpoint_url` is its address."""
    server = Seaweed(Path(tmp_path_factory.mktemp("seaweed")), ACCESS_KEY, SECRET_KEY)
    server.start()
    try:
        yield server
    finally:
        if server.pid:
            os.kill(server.pid, signal.SIGKILL)  # nothing in it is worth a slow farewell
        server.stop()


@pytest.fixture(scope="session")
def s3_shared_store(seaweed: Seaweed) -> S3Store:
    """One bucket and one client for the whole run: to make either takes a while."""
    where = S3Settings(
        bucket="pictures",
        endpoint_url=seaweed.endpoint_url,
        public_endpoint_url=seaweed.endpoint_url,
        access_key_id=ACCESS_KEY,
        secret_access_key=SECRET_KEY,
    )
    store = S3Store(where)
    store.ensure_bucket()
    return store


@pytest.fixture
def s3_store(s3_shared_store: S3Store) -> Iterator[S3Store]:
    """That store, empty again after each test. `s3_store.where` are its settings."""
    yield s3_shared_store
    for key in list(s3_shared_store.keys()):
        s3_shared_store.delete(key)
