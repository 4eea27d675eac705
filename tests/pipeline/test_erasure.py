"""Somebody who leaves is forgotten, step by step, and nothing of theirs stays behind."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone

from generations import lifecycle, storage
from generations.errors import Conflict
from generations.models import (
    Album,
    Attempt,
    Budget,
    Erasure,
    Favorite,
    Generation,
    Image,
    Inspection,
    LedgerEntry,
    Membership,
    ModerationCheck,
    PromptTemplate,
    Role,
    SavedSearch,
    Session,
    ShareLink,
    Tag,
    Team,
    TeamEvent,
    User,
)
from generations.pipeline import erasure, housekeeping, run, sizes
from generations.services import erasure as erasure_service
from generations.services.account import rename_user
from generations.services.album import album_named
from generations.services.erasure import erase_account
from generations.services.image import trash_images
from generations.services.inspection import inspect_gallery
from generations.services.invite import create_invite
from generations.services.moving import move_images
from generations.services.sorting import Mark, put_on
from generations.services.tag import tag_named
from generations.services.team import (
    change_role,
    create_team,
    delete_team,
    hand_over,
    remove_member,
    set_share,
)
from tests.management.moving import breaches
from tests.support.sandbox import Sandbox

pytestmark = [pytest.mark.db, pytest.mark.django_db(transaction=True)]

Submit = Callable[..., Generation]
CREDENTIALS = {"username": "alice", "password": "alice-password"}


@pytest.fixture
def full(sandbox: Sandbox, alice: User, submit: Submit, settings: Any) -> User:
    """Alice with two pictures, one in the trash, a call that waits, one thing of each kind."""
    settings.MODERATION = "flag"
    for _ in range(2):
        run.run_next(submit(alice, "canary-alice").pk)
    sizes.drain(20)
    submit(alice, "canary-alice waits")
    assert ModerationCheck.objects.count() == 4
    kept, thrown = Image.objects.order_by("sort_key")
    for holder in (tag_named(alice, "canary-tag"), album_named(alice, "canary-album")):
        put_on(Mark(holder), alice, [kept.pk])
    Favorite.objects.create(user=alice, image=kept, sort_key=kept.sort_key)
    SavedSearch.objects.create(owner=alice, name="canary-search", query="q=x")
    PromptTemplate.objects.create(owner=alice, name="canary-template", text="x")
    in_a_week = timezone.now() + timedelta(days=7)
    album = Album.objects.get()
    ShareLink.objects.create(creator=alice, kind="album", album=album, expires_at=in_a_week)
    trash_images(alice, [thrown.pk])
    return alice


def forget() -> None:
    """What the worker does at its turns, once nothing is being made any more."""
    erasure.go_on()
    housekeeping.empty_trash()
    erasure.go_on()


def left(user: User) -> dict[str, int]:
    """What is there of somebody beside the books."""
    rows = {
        "images": Image.objects.filter(owner=user),
        "prompts": Generation.objects.filter(owner=user).exclude(prompt=""),
        "unfinished": Attempt.objects.filter(owner=user, state__in=["ready", "held", "claimed"]),
        "tags": Tag.objects.filter(owner=user),
        "albums": Album.objects.filter(owner=user),
        "hearts": Favorite.objects.filter(user=user),
        "searches": SavedSearch.objects.filter(owner=user),
        "templates": PromptTemplate.objects.filter(owner=user),
        "checks": ModerationCheck.objects.filter(generation__owner=user),
        "shares": ShareLink.objects.filter(creator=user),
        "sessions": Session.objects.filter(user=user),
    }
    return {name: found.count() for name, found in rows.items() if found.exists()}


def test_nothing_of_theirs_stays_but_the_books(full: User) -> None:
    spent = list(LedgerEntry.objects.filter(kind="settle").values_list("micros", flat=True))
    erase_account(full)
    forget()
    assert left(full) == {}
    assert list(storage.get_store().keys()) == []
    assert list(LedgerEntry.objects.filter(kind="settle").values_list("micros", flat=True)) == spent
    assert len(spent) == 2
    assert breaches() == []
    assert Erasure.objects.get().ended_at


def test_name_is_gone_at_once_and_nobody_signs_in(full: User, client: Client) -> None:
    client.post("/accounts/login/", CREDENTIALS)
    User.objects.filter(pk=full.pk).update(email="a@example.org", is_superuser=True)
    erase_account(full)
    full.refresh_from_db()
    assert full.username.startswith("former member ")
    assert (full.email, full.is_active, full.is_superuser) == ("", False, False)
    assert client.get("/").status_code == 302
    Client().post("/accounts/login/", CREDENTIALS)
    assert Session.objects.count() == 0


def test_name_is_free_for_others(full: User) -> None:
    erase_account(full)
    User.objects.create_user("alice")


@pytest.mark.parametrize("step", ["_cancel", "_give_up_pictures", "_unsort", "_unsay", "_is_left"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_cut_off_anywhere_it_goes_on(
    full: User, monkeypatch: pytest.MonkeyPatch, step: str, when: str
) -> None:
    erase_account(full)
    real = getattr(erasure, step)

    def dies(user: User) -> None:
        if when == "after":
            real(user)
        raise SystemExit

    monkeypatch.setattr(erasure, step, dies)
    with pytest.raises(SystemExit):
        erasure.go_on()
    monkeypatch.setattr(erasure, step, real)
    forget()
    assert (left(full), list(storage.get_store().keys()), breaches()) == ({}, [], [])


def test_store_that_is_away_leaves_the_row_that_leads_to_its_objects(
    full: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise storage.base.StoreUnavailable("The store is away.")

    erase_account(full)
    with monkeypatch.context() as patch:
        patch.setattr(type(storage.get_store()), "delete", away)
        for work in (erasure.go_on, housekeeping.empty_trash):
            housekeeping.guarded(work)
    assert Image.objects.count() == 2
    assert Erasure.objects.get().ended_at is None
    forget()
    assert (Image.objects.count(), list(storage.get_store().keys())) == (0, [])


def test_twice_is_once(full: User) -> None:
    erase_account(full)
    erase_account(full)
    forget()
    forget()
    assert left(full) == {}


def test_what_waits_is_never_sent(full: User, sandbox: Sandbox) -> None:
    before = sandbox.ledger()["requests"]
    erase_account(full)
    erasure.go_on()
    run.run_next(None)
    assert sandbox.ledger()["requests"] == before
    assert set(Attempt.objects.values_list("state", flat=True)) == {"stored", "canceled"}


def test_what_was_sent_ends_into_nothing_anybody_sees(
    sandbox: Sandbox, alice: User, submit: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = lifecycle.mark_accepted
    seen = []

    def leaves_meanwhile(attempt: Attempt, **answer: Any) -> bool:
        accepted = real(attempt, **answer)
        erase_account(alice)
        forget()
        seen.append(Erasure.objects.get().ended_at)
        return accepted

    monkeypatch.setattr(lifecycle, "mark_accepted", leaves_meanwhile)
    run.run_next(submit(alice, "canary-late").pk)
    sizes.drain(20)
    assert (seen, Image.objects.count()) == ([None], 1)
    forget()
    assert (left(alice), list(storage.get_store().keys()), breaches()) == ({}, [], [])
    assert Attempt.objects.get().cost_micros == 40_000


def test_what_comes_to_light_later_goes_too(full: User, hang: Any) -> None:
    erase_account(full)
    forget()
    hang(full, "canary-late", sizes_done=True, extension="png")
    erasure.look_again()
    forget()
    assert left(full) == {}


def test_others_keep_everything(full: User, bob: User, submit: Submit) -> None:
    run.run_next(submit(bob, "bob's own").pk)
    sizes.drain(20)
    erase_account(full)
    forget()
    assert left(bob) == {"images": 1, "prompts": 1, "checks": 2}
    assert Image.objects.get().trashed_at is None


def test_team_keeps_its_pictures_and_their_prompts(full: User, bob: User, hang: Any) -> None:
    team = create_team(bob, name="Crew")
    Membership.objects.create(team=team, user=full, role=Role.CONTRIBUTOR)
    TeamEvent.objects.create(team=team, actor=full, sentence="alice came in as contributor.")
    TeamEvent.objects.create(team=team, actor=bob, sentence="bob made alice a contributor.")
    shared = hang(full, "for the crew", sizes_done=True)
    Image.objects.filter(pk=shared.pk).update(team=team)
    erase_account(full)
    forget()
    assert [image.generation.prompt for image in Image.objects.all()] == ["for the crew"]
    assert not Membership.objects.filter(user=full).exists()
    assert [event.sentence for event in TeamEvent.objects.all() if "alice" in event.sentence] == []


def test_who_took_a_picture_out_of_a_team_keeps_its_prompt(
    alice: User, bob: User, hang: Any
) -> None:
    team = create_team(alice, name="Crew")
    Membership.objects.create(team=team, user=bob, role=Role.CONTRIBUTOR)
    image = hang(bob, "the only prompt", sizes_done=True)
    move_images(User.objects.get(pk=bob.pk), [image.pk], team)
    move_images(User.objects.get(pk=alice.pk), [image.pk], None)
    erase_account(User.objects.get(pk=bob.pk))
    forget()
    image.refresh_from_db()
    assert (image.owner, image.generation.prompt) == (alice, "the only prompt")
    assert Erasure.objects.get().ended_at


def everything_written() -> str:
    """Every row of every table, as text."""
    return "\n".join(
        str(row) for model in apps.get_models() for row in model._default_manager.values()
    )


def test_no_name_and_no_address_is_left_in_any_table(client: Client, alice: User) -> None:
    """Also where it stands in a sentence, and a name that they had before."""
    team = create_team(alice, name="Crew")
    other = User.objects.create_user("quinctilia", email="quinctilia@example.org")
    create_invite(alice, team, role=Role.VIEWER, email="Quinctilia@example.org")
    member = Membership.objects.create(team=team, user=other, role=Role.VIEWER)
    change_role(alice, member, Role.OWNER)
    set_share(alice, member, micros=5_000_000)
    create_team(other, name="Own")
    rename_user(other, "varusquin")
    hand_over(other, Membership.objects.get(team=team, user=alice))
    remove_member(alice, Membership.objects.get(team=team, user=other))
    client.force_login(User.objects.create_superuser("root"))
    budget = Budget.objects.get().pk
    changed = {"limit_micros": "6", "limit_pictures": "", "is_active": "on"}
    client.post(f"/admin/generations/budget/{budget}/change/", changed)
    delete_team(other, Team.objects.get(name="Own"))
    said = list(TeamEvent.objects.values_list("sentence", flat=True))
    assert "varusquin made the team." in said
    assert "alice made varusquin a owner." in said
    assert LogEntry.objects.filter(object_repr__contains="varusquin").exists()
    erase_account(User.objects.get(pk=other.pk))
    forget()
    assert [name for name in ("quinctilia", "varusquin") if name in everything_written()] == []
    assert TeamEvent.objects.filter(sentence__startswith="A former member made the").exists()


def test_that_somebody_looked_in_stays_without_its_words(full: User, bob: User) -> None:
    bob.is_superuser = True
    inspect_gallery(bob, full, reason="alice asked for help")
    erase_account(full)
    assert Inspection.objects.get().reason == erasure_service.REASON_GONE


def test_only_owner_of_a_team_has_to_settle_that_first(full: User) -> None:
    create_team(full, name="Crew")
    with pytest.raises(Conflict, match="“Crew” needs another owner first"):
        erase_account(full)
    full.refresh_from_db()
    assert (full.username, full.is_active, Erasure.objects.exists()) == ("alice", True, False)
    assert full.memberships.count() == 1


def test_everything_that_points_at_a_person_is_decided_upon() -> None:
    """A new kind of row fails here until somebody says what becomes of it when its person goes."""
    goes_at_once = {
        *("Session", "SecondFactor", "Membership", "Invite"),
        *("User_groups", "User_user_permissions"),
    }
    goes_in_steps = {
        *("Image", "Tag", "Album", "Favorite", "SavedSearch", "PromptTemplate", "ShareLink"),
        "DismissedNotice",
    }
    stays_without_words = {
        "Generation",
        "Attempt",
        "TeamEvent",
        "Erasure",
        "LogEntry",
        "Inspection",
    }
    stays_for_the_books = {"Budget", "BudgetPeriod"}
    # By a former member; "Image" is also who shared one with the team.
    stays_with_the_team = {"PromptVersion", "Review"}
    points = {
        each.related_model.__name__
        for each in User._meta.get_fields(include_hidden=True)
        if each.auto_created and not each.concrete
    }
    stays = stays_without_words | stays_for_the_books | stays_with_the_team
    assert points == goes_at_once | goes_in_steps | stays
