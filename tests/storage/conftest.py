import pytest

from generations.storage.base import Store
from generations.storage.files import FileStore
from generations.storage.s3_client import S3Settings
from tests.support.seaweed import s3_shared_store, s3_store, seaweed

__all__ = ["s3_shared_store", "s3_store", "seaweed"]


@pytest.fixture(params=["files", pytest.param("s3", marks=pytest.mark.s3)])
def store(request, tmp_path) -> Store:
    if request.param == "files":
        return FileStore(tmp_path / "pictures")
    return request.getfixturevalue("s3_store")


@pytest.fixture
def s3_settings(s3_store) -> S3Settings:
    return s3_store.where
