"""Whatever comes in by forms, addresses and headers: a clear sentence, no fault, no bill."""

import re
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.core import mail
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from generations import letters
from generations.models import (
    Attempt,
    CatalogModel,
    Generation,
    Tag,
    User,
)
from generations.models.generation import new_submit_token
from tests.views.test_gallery import post, tiles

pytestmark = [pytest.mark.db]

Submit = Callable[..., Generation]
CANT_STORE = "The prompt contains a character we can&#x27;t store."
COUNT = "Choose a number of pictures from the list."
SIZE = "This model has no such size."


def send_raw(client: Client, body: str | bytes, **extra: Any) -> HttpResponse:
    kind = extra.pop("content_type", "application/x-www-form-urlencoded")
    return client.post("/generations/", body, content_type=kind, **extra)


REFUSED = [
    ({"prompt": ""}, "Write a prompt."),
    ({"prompt": " \n\t "}, "Write a prompt."),
    ({"prompt": "\u200b\u200d\ufeff"}, "Write a prompt."),
    ({"prompt": "\u0301\u0301"}, "Write a prompt."),
    ({"prompt": "a\x00b"}, CANT_STORE),
    ({"prompt": "a\ufffdb"}, CANT_STORE),
    ({"prompt": "x" * 4001}, "The prompt has 4001 characters; 4000 are the most."),
    ({"prompt": "a" + "\u0301" * 10_000}, "The prompt has 10001 characters; 4000 are the most."),
    ({"prompt": "x" * 100_000}, "The prompt has 100000 characters; 4000 are the most."),
    *(
        ({"n": n}, COUNT)
        for n in (
            *("0", "11", "-1", "1.5", "1e0", "0x1", "true", "9" * 5000),
            *("1.0", "+1", "1_0", "\u0661", "1;2", "١٠"),
        )
    ),
    *(
        ({"size": size}, SIZE)
        for size in (
            *("1024×1024", "1024X1024", "0x0", "99999x1", "1024x1024x1", "auto;drop", "16:9"),
        )
    ),
    ({"quality": "ultra"}, "This model has no such quality."),
    ({"output_format": "gif"}, "This model has no such format."),
    ({"model": "nobody/none"}, "This model is not available."),
    ({"model": "off/model"}, "This model is not available."),
    ({"model": "gone/model"}, "This model is not available."),
    ({"submit_token": ""}, "This page is too old to be sent."),
    ({"submit_token": "x y z"}, "This page can&#x27;t be sent."),
    ({"submit_token": "a" * 65}, "This page can&#x27;t be sent."),
]


@pytest.mark.parametrize(("fields", "sentence"), REFUSED)
def test_refused_with_a_sentence_and_the_text_kept(
    as_alice: Client, painter: CatalogModel, fields: dict[str, str], sentence: str
) -> None:
    CatalogModel.objects.create(model_id="off/model", name="Off", is_enabled=False)
    CatalogModel.objects.create(model_id="gone/model", name="Gone", is_available=False)
    response = post(as_alice, **{"prompt": "a fox & a hare"} | fields)
    html = response.content.decode()
    assert response.status_code == 422
    assert sentence in html
    assert (Generation.objects.count(), Attempt.objects.count()) == (0, 0)
    if "prompt" not in fields:
        assert "a fox &amp; a hare</textarea>" in html


@pytest.mark.parametrize("raw", ["%ED%A0%80", "%FF", "%C0%AF", "a%00b"])
def test_bytes_that_are_no_text_are_refused(
    as_alice: Client, painter: CatalogModel, raw: str
) -> None:
    response = send_raw(as_alice, f"prompt=fox{raw}&submit_token={new_submit_token()}")
    assert response.status_code == 422
    assert CANT_STORE in response.content.decode()
    assert not Generation.objects.exists()


KEPT = [
    "👩‍👩‍👧‍👦 🏴󠁧󠁢󠁳󠁣󠁴󠁿 𝔣𝔬𝔵",
    "z" + "\u0335\u0321" * 500,
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "{{7*1911}} {% debug %} ${7*1911} #{7*1911}",
    "\"><meta http-equiv='refresh' content='0;url=//evil.example'>",
    "fox \u202egnp.exe\u2066 hare",
    "=HYPERLINK('x')",
]


@pytest.mark.parametrize("prompt", KEPT)
def test_strange_but_whole_is_stored_unchanged_and_shown_as_text(
    as_alice: Client, painter: CatalogModel, prompt: str
) -> None:
    response = post(as_alice, prompt=prompt)
    assert response.status_code == 303
    assert Generation.objects.get().prompt == prompt
    for address in (response["Location"], "/"):
        html = as_alice.get(address).content.decode()
        assert "<script>alert" not in html
        assert "<img src=x" not in html
        assert "<meta http-equiv='refresh'" not in html
        assert "13377" not in re.sub(r'"[^"]*"', "", html.partition("<main")[2]).replace(prompt, "")


def test_turning_marks_stay_in_the_text_and_out_of_the_title(
    as_alice: Client, painter: CatalogModel
) -> None:
    location = post(as_alice, prompt="fox \u202egnp\n\u2066hare")["Location"]
    html = as_alice.get(location).content.decode()
    assert "<title>fox gnp hare · Mesh Gallery</title>" in html
    assert '<h1 id="prompt" dir="auto">fox \u202egnp\n\u2066hare</h1>' in html


def test_unknown_and_doubled_fields(as_alice: Client, alice: User, painter: CatalogModel) -> None:
    fields = [
        *(("prompt", "one"), ("prompt", "two"), ("n", "1"), ("n", "2")),
        *(("seed", "99999999999"), ("owner", "999"), ("is_staff", "1"), ("cost", "0")),
        ("submit_token", new_submit_token()),
    ]
    assert send_raw(as_alice, urlencode(fields)).status_code == 303
    made = Generation.objects.get()
    assert (made.owner, made.prompt, made.n, made.parameters) == (alice, "two", 2, {})
    alice.refresh_from_db()
    assert not alice.is_staff


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (urlencode({"prompt": "x" * 1_000_000, "submit_token": "a" * 20}), "", 413),
        ("&".join(f"f{number}=1" for number in range(101)), "", 400),
        (b'--x\r\nContent-Disposition: form-data; name="prompt"\r\n\r\nfox', "multipart/x", 422),
        (
            b'--x\r\nContent-Disposition: form-data; name="prompt"; filename="a.png"\r\n\r\n'
            + b"\x89PNG" * 100_000
            + b"\r\n--x--\r\n",
            "multipart/form-data; boundary=x",
            415,
        ),
        (
            b'--x\r\nContent-Disposition: form-data; name="file"; filename=""\r\n\r\n\r\n--x--\r\n',
            "multipart/form-data; boundary=x",
            422,
        ),
        (b"not a body", "multipart/form-data; boundary=", 400),
        (b'{"prompt": "fox"}', "application/json", 422),
    ],
)
def test_bodies_that_no_form_sends(
    as_alice: Client, painter: CatalogModel, body: str | bytes, kind: str, status: int
) -> None:
    extra = {"content_type": kind} if kind else {}
    response = send_raw(as_alice, body, **extra)
    assert response.status_code == status
    assert "data-sentence" in response.content.decode() or status == 422
    assert not Generation.objects.exists()


ENCODINGS = (
    *("unicode_escape", "raw_unicode_escape", "utf-7", "utf-16", "iso-8859-1", "hex", "zip"),
    *("rot13", "idna", "punycode", "undefined", "nonsense", "a\x00b", "ü", "x" * 5000),
)
SAID = (*(f"charset={name}" for name in ENCODINGS), "charset*=idna''%ff", "x*=idna''%ff")


@pytest.mark.parametrize("said", SAID)
@pytest.mark.parametrize("query", ["", "q=%ff%fe", "&".join(["q=1"] * 200)])
def test_other_encodings_are_refused(as_alice: Client, said: str, query: str) -> None:
    """Django reads an address by the charset that a request names: “\\ud800” was stored as that."""
    for method, kind in (("GET", "text/plain"), ("POST", "multipart/form-data; boundary=x")):
        response = as_alice.generic(
            method, f"/tags/?{query}", b"--x--", content_type=f"{kind}; {said}"
        )
        assert response.status_code == 400
        assert response["Cache-Control"] == "private, no-store"
    assert not Tag.objects.exists()


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", "us-ascii", "utf8"])
def test_escapes_are_letters(as_alice: Client, charset: str) -> None:
    body = '--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n\\ud800 föx\r\n--x--\r\n'
    kind = f"multipart/form-data; boundary=x; charset={charset}"
    sent = as_alice.generic("POST", "/tags/", body.encode(), content_type=kind)
    assert sent.status_code == 303
    assert Tag.objects.get().name == "\\ud800 föx"


@pytest.mark.parametrize(
    "head",
    [
        *("name*=rot13''x", "name*=idna''%ff", 'name="a"; filename*=rot13x'),
        *('name="a"\r\nContent-Type: text/plain; charset*=hex00', 'name="\xff"'),
        *('name="a"\r\nContent-Type: text/plain; charset=rot13',),
        'name="a"\r\nContent-Transfer-Encoding: rot13',
    ],
)
def test_part_of_a_form_in_another_encoding_breaks_nothing(as_alice: Client, head: str) -> None:
    body = f"--x\r\nContent-Disposition: form-data; {head}\r\n\r\nv\r\n--x--\r\n".encode("latin-1")
    sent = as_alice.generic("POST", "/tags/", body, content_type="multipart/form-data; boundary=x")
    assert sent.status_code in {400, 415, 422}
    assert not Tag.objects.exists()


def test_forged_form_lands_on_a_page_with_a_way_back(alice: User, painter: CatalogModel) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    response = client.post("/generations/", {"prompt": "secret words", "submit_token": "a" * 20})
    html = response.content.decode()
    assert response.status_code == 403
    assert "Nothing was done and nothing was charged." in html
    assert 'href="/"' in html
    assert "secret words" not in html


@pytest.mark.parametrize(
    "query",
    [
        *("page=-1", "page=1e9", "sort=password", "order=id;drop", "owner__password=x"),
        *("after=-1", "after=abc", "after=99999999999999999999", "after=1.5", "after=%00"),
        *("remix=x", "remix=%00", "remix=" + "9" * 400, "q=" + "a" * 10_000, "q=%00"),
        *("wording=%FF", "after=1&after=2", "after=9223372036854775807"),
    ],
)
def test_senseless_address_is_a_page(
    as_alice: Client, alice: User, submit: Submit, query: str
) -> None:
    submit(alice)
    response = as_alice.get(f"/?{query}")
    assert response.status_code == 200
    expected = 0 if query == "after=1&after=2" else 1
    assert len(tiles(response.content.decode())) == expected


@pytest.mark.parametrize(
    "change",
    [
        *(lambda i: str(i).upper(), lambda i: i.hex, lambda i: f"{i}%00", lambda i: f"{i}%20"),
        *(lambda i: f"../{i}", lambda i: f"{i}%2F", lambda i: "9" * 400, lambda i: f"{{{i}}}"),
    ],
)
@pytest.mark.parametrize("kind", ["generations", "images"])
def test_an_address_has_one_spelling(
    as_alice: Client, alice: User, submit: Submit, kind: str, change: Callable[[Any], str]
) -> None:
    row = submit(alice).pk
    assert as_alice.get(f"/{kind}/{change(row)}/").status_code == 404


@pytest.mark.parametrize("action", ["", "cancel/", "run-again/", "stop-waiting/", "dismiss/"])
def test_somebody_elses_looks_exactly_like_missing(
    as_carol: Client, alice: User, submit: Submit, action: str
) -> None:
    theirs, missing = (
        (as_carol.post if action else as_carol.get)(f"/generations/{row}/{action}")
        for row in (submit(alice).pk, uuid4())
    )
    assert (theirs.status_code, theirs.content) == (404, missing.content)
    assert dict(theirs.headers) == dict(missing.headers)


@pytest.mark.parametrize("slot", ["-1", "16", "x", "", "1.5", "9" * 400])
def test_tile_that_cannot_be_is_404(
    as_alice: Client, alice: User, submit: Submit, slot: str
) -> None:
    generation = submit(alice)
    for action in ("dismiss", "run-again"):
        fields = {"slot": slot, "submit_token": new_submit_token()}
        response = as_alice.post(f"/generations/{generation.pk}/{action}/", fields)
        assert response.status_code == 404
    assert Generation.objects.count() == 1


@pytest.mark.parametrize("host", ["evil.example", "", "testserver:80@evil.example", "a b", "[::"])
def test_foreign_host_is_refused(as_alice: Client, host: str) -> None:
    response = as_alice.get("/", headers={"host": host})
    assert response.status_code == 400
    assert "evil" not in response.content.decode()


def test_letters_are_written_with_our_own_address(
    client: Client, alice: User, settings: Any
) -> None:
    alice.email = "alice@example.org"
    alice.save()
    client.post("/accounts/reset/", {"email": alice.email}, headers={"host": "testserver:9999"})
    letters.drain(5)
    assert f"\n{settings.PUBLIC_URL}/accounts/reset/" in mail.outbox[0].body
    assert "9999" not in mail.outbox[0].body


@pytest.mark.parametrize("method", ["TRACE", "FOO", "PUT", "DELETE"])
def test_method_nobody_has_is_405(as_alice: Client, method: str) -> None:
    assert as_alice.generic(method, "/").status_code == 405
    assert as_alice.generic(method, "/generations/").status_code == 405
    assert as_alice.head("/generations/").status_code == 405


@pytest.mark.parametrize("session", ["forged", "x" * 100_000, "a\x00b", "../../etc/passwd"])
def test_forged_session_is_nobody(client: Client, db: None, session: str) -> None:
    client.cookies["session"] = session
    response = client.get("/")
    assert (response.status_code, response["Location"]) == (302, "/accounts/login/?next=/")


# The same form, again


def test_reload_and_back_are_the_same_run_until_something_is_edited(
    as_alice: Client, painter: CatalogModel
) -> None:
    token = new_submit_token()
    wishes = [{"prompt": "fox"}, {"prompt": "fox"}, {"prompt": "hare"}, {"prompt": "fox", "n": "2"}]
    places = [post(as_alice, submit_token=token, **fields)["Location"] for fields in wishes]
    assert places[0] == places[1]
    assert len(set(places)) == 3
    assert Generation.objects.count() == 3
    assert Attempt.objects.count() == 4


def test_token_of_somebody_else_is_new(
    as_alice: Client, as_carol: Client, painter: CatalogModel
) -> None:
    token = new_submit_token()
    places = {post(client, submit_token=token)["Location"] for client in (as_alice, as_carol)}
    assert len(places) == 2


@pytest.mark.django_db(transaction=True)
def test_forty_at_once_of_one_form_are_one_run(alice: User, painter: CatalogModel) -> None:
    token, start = new_submit_token(), threading.Barrier(40)
    signed_in = Client()
    signed_in.force_login(alice)
    answers: list[tuple[int, str]] = []

    def hurry() -> None:
        client = Client()
        client.cookies = signed_in.cookies
        start.wait()
        response = post(client, n="3", submit_token=token)
        answers.append((response.status_code, response["Location"]))
        connection.close()

    threads = [threading.Thread(target=hurry) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    generation = Generation.objects.get()
    assert answers == [(303, f"/generations/{generation.pk}/")] * 40
    assert Attempt.objects.count() == 3


# Words of other forms
