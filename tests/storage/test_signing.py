"""Our addresses are botocore's, letter for letter where it matters."""

from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import boto3
import pytest
import time_machine
from botocore.config import Config

from generations.storage.signing import MAX_SECONDS, Credentials, Place, signed_get

NOW = datetime(2026, 11, 21, 23, 59, 58, tzinfo=UTC)
KEY = "v1/generation/attempt/0-0123456789abcdef-640.webp"
RESPONSE = {
    "response-content-type": "image/webp",
    "response-content-disposition": 'attachment; filename="mesh 1~a+b.png"',
}


def botocores(place: Place, credentials: Credentials, *, seconds: int) -> str:
    client = boto3.session.Session().client(
        "s3",
        endpoint_url=place.endpoint_url,
        region_name=place.region,
        aws_access_key_id=credentials.access_key_id,
        aws_secret_access_key=credentials.secret_access_key,
        aws_session_token=credentials.session_token or None,
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
    )
    parameters = {
        "Bucket": place.bucket,
        "Key": KEY,
        "ResponseContentType": RESPONSE["response-content-type"],
        "ResponseContentDisposition": RESPONSE["response-content-disposition"],
    }
    return client.generate_presigned_url("get_object", Params=parameters, ExpiresIn=seconds)


@pytest.mark.parametrize(
    "place",
    [
        Place("http://127.0.0.1:8333", "pictures", "us-east-1"),
        Place("https://s3.eu-central-1.amazonaws.com", "pictures", "eu-central-1"),
        Place("https://store.example.org:443", "pictures", "us-east-1"),
        Place("http://store.example.org:80", "pictures", "us-east-1"),
        Place("https://store.example.org/s3/", "pic.tures-1", "us-east-1"),
    ],
)
@pytest.mark.parametrize("token", ["", "a/temporary+token=="])
def test_the_signature_is_botocores(place, token):
    credentials = Credentials("AKIAEXAMPLE", "secret/with+signs", token)
    with time_machine.travel(NOW, tick=False):
        expected = urlsplit(botocores(place, credentials, seconds=60))
    url = signed_get(place, KEY, credentials=credentials, seconds=60, now=NOW, response=RESPONSE)
    ours = urlsplit(url)
    assert sorted(parse_qsl(ours.query)) == sorted(parse_qsl(expected.query))
    assert ours.path == expected.path
    assert (ours.scheme, ours.hostname) == (expected.scheme, expected.hostname)


def test_a_new_day_has_a_new_key():
    place, credentials = Place("http://a", "b", "c"), Credentials("d", "e")
    first, second = (
        signed_get(place, KEY, credentials=credentials, seconds=60, now=day, response={})
        for day in (NOW, NOW.replace(day=22))
    )
    assert first != second


@pytest.mark.parametrize("seconds", [0, -1, MAX_SECONDS + 1])
def test_a_life_that_s3_would_refuse_is_a_mistake(seconds):
    with pytest.raises(ValueError, match="lives 1 to"):
        signed_get(
            Place("http://a", "b", "c"),
            KEY,
            credentials=Credentials("d", "e"),
            seconds=seconds,
            now=NOW,
            response={},
        )
