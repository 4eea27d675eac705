import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from generations.storage import get_store, reset_store
from generations.storage.files import FileStore
from generations.storage.s3 import S3Store


@pytest.fixture(autouse=True)
def forgotten():
    reset_store()
    yield
    reset_store()


def test_files_without_a_bucket(settings, tmp_path):
    settings.S3_BUCKET = ""
    settings.PICTURES_DIR = tmp_path
    store = get_store()
    assert isinstance(store, FileStore)
    assert get_store() is store
    settings.PICTURES_DIR = tmp_path / "other"
    assert get_store() is not store


def test_s3_with_a_bucket(settings):
    settings.S3_BUCKET = "pictures"
    settings.S3_ENDPOINT_URL = "http://127.0.0.1:9"
    settings.S3_PUBLIC_ENDPOINT_URL = "https://pictures.example.org"
    settings.S3_REGION = "eu-central-1"
    settings.S3_ACCESS_KEY_ID = "id"
    settings.S3_SECRET_ACCESS_KEY = "secret"
    store = get_store()
    assert isinstance(store, S3Store)
    assert get_store() is store
    url = store.signed_url("v1/a", seconds=60, content_type="image/png")
    assert url.startswith("https://pictures.example.org/pictures/v1/a?")
    assert "id%2F" in url
    assert "%2Feu-central-1%2Fs3%2F" in url
    reset_store()
    assert get_store() is not store


def test_threads_share_one(settings, tmp_path):
    settings.S3_BUCKET = ""
    settings.PICTURES_DIR = tmp_path
    with ThreadPoolExecutor(8) as pool:
        assert len({id(store) for store in pool.map(lambda _: get_store(), range(64))}) == 1


def test_boto3_is_not_loaded_before_it_is_needed():
    code = (
        "import sys, generations.storage.s3 as s3, generations.storage.s3_client as c;"
        "s3.S3Store(c.S3Settings('b', access_key_id='a', secret_access_key='b'))"
        ".signed_url('v1/a', seconds=9, content_type='image/png');"
        "print([name for name in ('boto3', 'botocore') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).resolve().parents[2],
        env={"DJANGO_SETTINGS_MODULE": "meshgallery.settings"},
    )
    assert done.stdout == "[]\n"
