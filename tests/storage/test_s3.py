import hashlib
import multiprocessing
import socket
import time
from dataclasses import replace
from types import SimpleNamespace
from urllib.parse import urlsplit

import httpx
import pytest

from generations.storage.base import KeyTaken, Missing, ObjectInfo, StoreUnavailable
from generations.storage.s3 import S3Store
from tests.support.store_front import StoreFront, Trouble

pytestmark = pytest.mark.s3

KEY = "v1/generation/attempt/0-0123456789abcdef.png"
CONTENT = b"a picture" * 100
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def put(store) -> bool:
    return store.put_new(KEY, CONTENT, sha256=SHA256, content_type="image/png")


def signed(store, **options) -> str:
    return store.signed_url(KEY, **{"seconds": 60, "content_type": "image/png"} | options)


def test_signed_url_shows_the_picture_with_our_type_and_name(s3_store):
    put(s3_store)
    url = signed(s3_store, content_type="image/webp", filename="mesh-1a2b.png")
    answer = httpx.get(url)
    assert (answer.status_code, answer.content) == (200, CONTENT)
    assert answer.headers["content-type"] == "image/webp"
    assert answer.headers["content-disposition"] == 'inline; filename="mesh-1a2b.png"'


def test_signed_url_as_attachment(s3_store):
    put(s3_store)
    answer = httpx.get(signed(s3_store, filename='a "b"\r\nX: y/…', attachment=True))
    assert answer.headers["content-disposition"] == 'attachment; filename="a-b-X-y"'
    assert "X" not in answer.headers


def test_signed_url_serves_ranges(s3_store):
    put(s3_store)
    answer = httpx.get(signed(s3_store), headers={"Range": "bytes=2-5"})
    assert (answer.status_code, answer.content) == (206, CONTENT[2:6])


def test_signed_url_ends(s3_store):
    put(s3_store)
    url = signed(s3_store, seconds=1)
    deadline = time.monotonic() + 10
    while httpx.get(url).status_code == 200 and time.monotonic() < deadline:
        time.sleep(0.2)
    assert httpx.get(url).status_code == 403


def test_signed_url_that_was_altered_is_refused(s3_store):
    put(s3_store)
    s3_store.put_new("v1/other", CONTENT, sha256=SHA256, content_type="image/png")
    url = signed(s3_store, attachment=True)
    assert httpx.get(url).status_code == 200
    for altered in (
        url.replace("attachment", "inline"),
        url.replace("image%2Fpng", "text%2Fhtml"),
        url.replace("X-Amz-Expires=60", "X-Amz-Expires=600"),
        url.replace(KEY, "v1/other"),
        url[:-4] + "0000",
        url.partition("?")[0],
    ):
        assert altered != url
        assert httpx.get(altered).status_code == 403, altered


def test_signed_url_only_reads(s3_store):
    put(s3_store)
    url = signed(s3_store)
    assert httpx.put(url, content=b"mine now").status_code == 403
    assert httpx.delete(url).status_code == 403
    assert s3_store.head(KEY) == ObjectInfo(size=len(CONTENT), sha256=SHA256)


def test_signed_url_names_the_public_endpoint(s3_settings):
    public = "https://pictures.example.org"
    url = S3Store(replace(s3_settings, public_endpoint_url=public)).signed_url(
        KEY, seconds=60, content_type="image/png"
    )
    assert urlsplit(url).netloc == "pictures.example.org"
    assert urlsplit(url).path == f"/{s3_settings.bucket}/{KEY}"


def test_put_new_keeps_type_and_digest_with_the_object(s3_store, s3_settings):
    put(s3_store)
    answer = s3_store._clients.data.head_object(Bucket=s3_settings.bucket, Key=KEY)
    assert answer["ContentType"] == "image/png"
    assert answer["Metadata"] == {"sha256": SHA256}


def test_an_object_of_another_tool_is_compared_by_its_bytes(s3_store, s3_settings):
    s3_store._clients.data.put_object(Bucket=s3_settings.bucket, Key=KEY, Body=CONTENT)
    assert put(s3_store) is False
    other = hashlib.sha256(b"other").hexdigest()
    with pytest.raises(KeyTaken):
        s3_store.put_new(KEY, b"other", sha256=other, content_type="image/png")


def test_a_store_that_cannot_refuse_is_asked_first(s3_store, monkeypatch):
    monkeypatch.setattr(s3_store, "_can_refuse", False)
    assert put(s3_store) is True
    assert put(s3_store) is False
    other = hashlib.sha256(b"other").hexdigest()
    with pytest.raises(KeyTaken):
        s3_store.put_new(KEY, b"other", sha256=other, content_type="image/png")
    assert s3_store.refuses_to_replace() is False


def test_refuses_to_replace_is_found_out_and_leaves_nothing(s3_store):
    assert s3_store.refuses_to_replace() is True
    assert list(s3_store.keys()) == []


def test_keys_go_on_past_one_page(s3_store, s3_settings):
    client = s3_store._clients.data
    for number in range(1005):
        client.put_object(Bucket=s3_settings.bucket, Key=f"v1/{number:04}", Body=b"")
    assert list(s3_store.keys("v1/")) == [f"v1/{number:04}" for number in range(1005)]


def test_ensure_bucket_makes_it_once(s3_settings):
    store = S3Store(replace(s3_settings, bucket="made-by-a-test"))
    with pytest.raises(StoreUnavailable, match="no such bucket"):
        store.check()
    store.ensure_bucket()
    store.ensure_bucket()
    store.check()


def test_a_wrong_key_is_unavailable_with_a_sentence(s3_settings):
    store = S3Store(replace(s3_settings, secret_access_key="wrong"))
    for attempt in (store.check, lambda: put(store), lambda: store.open(KEY)):
        with pytest.raises(StoreUnavailable) as caught:
            attempt()
        assert caught.value.sentence == "The picture store refused our key."


def test_settings_hide_their_keys(s3_settings):
    assert s3_settings.secret_access_key not in repr(s3_settings)
    assert "access_key" not in repr(s3_settings)


def test_a_server_that_is_away_is_unavailable(s3_settings):
    store = S3Store(replace(s3_settings, endpoint_url="http://127.0.0.1:9"))
    for attempt in (
        store.check,
        lambda: put(store),
        lambda: store.open(KEY),
        lambda: store.head(KEY),
        lambda: store.delete(KEY),
        lambda: list(store.keys()),
    ):
        with pytest.raises(StoreUnavailable, match="can't be reached"):
            attempt()


def test_put_new_outlasts_more_failures_than_the_client_repeats(s3_store, monkeypatch):
    clock = SimpleNamespace(time=time.time, sleep=lambda seconds: None)
    monkeypatch.setattr("botocore.endpoint.time", clock)
    with StoreFront(urlsplit(s3_store.where.endpoint_url).port) as front:
        front.trouble = Trouble(refuses_first=4)
        store = S3Store(replace(s3_store.where, endpoint_url=f"http://127.0.0.1:{front.port}"))
        assert put(store) is True
        assert front.caused == 4
        front.trouble = Trouble(refuses_first=10**6)
        with pytest.raises(StoreUnavailable, match="error \\(503\\)"):
            store.put_new("v1/other", CONTENT, sha256=SHA256, content_type="image/png")


def test_check_does_not_wait_for_a_silent_server(s3_settings):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        store = S3Store(
            replace(s3_settings, endpoint_url=f"http://127.0.0.1:{silent.getsockname()[1]}")
        )
        began = time.monotonic()
        with pytest.raises(StoreUnavailable, match="can't be reached"):
            store.check()
        assert time.monotonic() - began < 10


def test_a_forked_process_makes_its_own_client(s3_store):
    put(s3_store)
    before = id(s3_store._clients.data)

    def look(results) -> None:
        results.put((id(s3_store._clients.data), s3_store.head(KEY).sha256))

    context = multiprocessing.get_context("fork")
    results = context.Queue()
    process = context.Process(target=look, args=(results,))
    process.start()
    after, seen = results.get(timeout=20)
    process.join()
    assert seen == SHA256
    assert after != before


def test_one_client_serves_all_threads(s3_store):
    assert s3_store._clients.data is s3_store._clients.data
    with pytest.raises(Missing):
        s3_store.open("v1/nothing")
