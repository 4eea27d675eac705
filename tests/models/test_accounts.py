"""Names that could be taken for each other by the case of their letters are one name."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.test import Client

from generations.models import User

pytestmark = [pytest.mark.db, pytest.mark.django_db]

TWINS = [
    ("émile", "ÉMILE"),
    ("alice", "ALICE"),
    ("strasse", "straße"),
    ("straße", "STRASSE"),
    ("ivo", "ıvo"),
    ("fish", "ﬁsh"),
    ("kim", "ｋｉｍ"),
    ("σας", "ΣΑΣ"),
    ("kelvin", "\u212aelvin"),
    ("suse", "ſuſe"),
]
TAKEN = "A user with that username already exists."
PASSWORDS = dict.fromkeys(("password1", "password2"), "long-enough-words")


@pytest.mark.parametrize(("first", "second"), TWINS)
def test_a_look_alike_is_nobody_new(client: Client, first: str, second: str) -> None:
    User.objects.create_user(first)
    response = client.post("/accounts/signup/", {"username": second, **PASSWORDS})
    assert response.status_code == 422
    assert TAKEN in response.content.decode()
    assert User.objects.get().username == first


@pytest.mark.parametrize(("first", "second"), TWINS)
def test_nobody_renames_themselves_to_a_look_alike(
    as_carol: Client, carol: User, first: str, second: str
) -> None:
    User.objects.create_user(first)
    response = as_carol.post("/account/name/", {"username": second})
    assert response.status_code == 422
    assert "Somebody else has this name." in response.content.decode()
    carol.refresh_from_db()
    assert carol.username == "carol"


def test_one_s_own_name_may_change_its_case(as_carol: Client, carol: User) -> None:
    assert as_carol.post("/account/name/", {"username": "Carol"}).status_code == 303
    carol.refresh_from_db()
    assert (carol.username, carol.folded) == ("Carol", "carol")


def test_the_operator_is_told_too(client: Client) -> None:
    User.objects.create_user("émile")
    client.force_login(User.objects.create_superuser("root"))
    fields = {"username": "ÉMILE", "usable_password": "true", **PASSWORDS}
    response = client.post("/admin/generations/user/add/", fields)
    assert TAKEN in response.content.decode()
    assert User.objects.count() == 2


def test_the_database_holds_it_however_it_is_written(alice: User) -> None:
    for name, write in {
        "ALICE": lambda: User.objects.bulk_create([User(username="ALICE")]),
        "Alıce": lambda: User.objects.create(username="Alıce"),
    }.items():
        with pytest.raises(IntegrityError), transaction.atomic():
            write()
        assert not User.objects.filter(username=name).exists()
    alice.username = "Alissa"
    alice.save(update_fields=["username"])
    alice.refresh_from_db()
    assert alice.folded == "alissa"


def test_look_alikes_of_an_earlier_release_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    fill = import_module("generations.migrations.0028_folded_names").fill
    first, second = (User.objects.create_user(name) for name in ("émile", "other"))
    User.objects.filter(pk=second.pk).update(username="ÉMILE")
    fill(apps, SimpleNamespace(connection=connection))
    assert User.objects.get(username="émile").folded == "émile"
    assert User.objects.get(username="ÉMILE").folded == f"émile {second.pk}"
    assert first.pk < second.pk
