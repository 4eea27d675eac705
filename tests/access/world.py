"""The things that the table's addresses name: one person's, or those they made for a team."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.tokens import default_token_generator
from django.core import signing
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from generations import lifecycle, storage, watch
from generations.models import (
    Album,
    AlbumImage,
    Attempt,
    Budget,
    Favorite,
    Gate,
    Generation,
    Image,
    ImageTag,
    Inspection,
    Invite,
    Membership,
    PromptTemplate,
    Role,
    SavedSearch,
    Session,
    Tag,
    Team,
    User,
)
from generations.models.team import space_of
from generations.queries.watching import STATE_CODES
from generations.services import account
from generations.services.changes import Trashed
from generations.services.invite import create_invite
from generations.services.share import Target, Terms, make_link
from generations.services.undo import undo_token
from generations.sessions import SessionStore, digest_of
from generations.storage import keys
from tests.conftest import Hang
from tests.views.conftest import picture_bytes

Submit = Callable[..., Generation]
PASSWORD = "a-password-of-tests"
NOBODYS: dict[type, Callable[[Any], Any]] = {
    UUID: lambda thing: uuid4(),
    int: lambda thing: thing + 100_000,
    str: lambda thing: "nobodys-" + "x" * 30,
}
FIRST_ID = 700_001  # long enough to be told from other numbers of a page
GIVEN = {"password", "uidb64"}  # words that aren't ids


@dataclass(slots=True)
class World:
    """`maker` made everything, for a team or for nobody else; `other` is who else may come."""

    maker: User
    other: User
    team: Team | None = None
    things: dict[str, Any] = field(default_factory=dict)
    signed_in: dict[int, Any] = field(default_factory=dict)  # cookies of each person's browser

    def missing(self) -> dict[str, Any]:
        """The same words with ids that nobody has."""
        return {
            name: thing if name in GIVEN else NOBODYS[type(thing)](thing)
            for name, thing in self.things.items()
        }


def person(name: str) -> User:
    return User.objects.create_user(name, f"{name}@example.org", PASSWORD)


def build(submit: Submit, hang: Hang, section: str = "personal") -> World:
    """Alice makes one thing of each kind, as a section of the table asks; carol is the other."""
    alice, carol = person("alice"), person("carol")
    world = World(alice, carol, things={"password": PASSWORD})
    for user in (alice, carol):
        client = Client()
        client.force_login(user)
        world.signed_in[user.pk] = client.cookies
    if section in {"team", "unapproved"}:
        _found_team(world, approved_only=section == "unapproved")
    _make_pictures(world, hang)
    _make_runs(world, submit)
    _sort(world)
    _share(world)
    _open_doors(world)
    _look_in(world)
    Gate.objects.create(name="account", is_closed=True, closed_at=timezone.now(), reason="paused")
    return world


def _found_team(world: World, *, approved_only: bool) -> None:
    """Bob owns it, alice contributes, dave looks."""
    bob, dave, erin = person("bob"), person("dave"), person("erin")
    world.team = Team.objects.create(
        name="Night shift", slug="night-shift", approved_only=approved_only
    )
    roles = {
        bob: Role.OWNER,
        world.maker: Role.CONTRIBUTOR,
        dave: Role.VIEWER,
        erin: Role.CURATOR,
    }
    rows = {
        user: Membership.objects.create(team=world.team, user=user, role=role)
        for user, role in roles.items()
    }
    invite, address = create_invite(bob, world.team, role=Role.VIEWER, most_uses=9)
    world.things |= {
        "team": world.team.slug,
        "member": rows[dave].pk,
        "leader": rows[erin].pk,
        "invite": invite.pk,
        "invite_link": address.rstrip("/").rpartition("/")[2],
    }
    assert isinstance(invite, Invite)


def _make_pictures(world: World, hang: Hang) -> None:
    moment = timezone.now() - timedelta(days=1)
    of_each = {
        "image": {"alt_text": "a red fox", "revised_prompt": "a red fox in deep snow"},
        "second": {},
        "third": {},
        "queued": {"queued_at": moment},
        "hidden": {"is_hidden": True},
        "trashed": {"trashed_at": moment},
    }
    for name, fields in of_each.items():
        image = hang(
            world.maker,
            team=world.team,
            mime="image/png",
            extension="png",
            edges=[[320, 64, 48]],
            sizes_done=True,
            **fields,
        )
        store_bytes(image)
        world.things[name] = image.pk
    world.things["undo"] = undo_token(world.maker, Trashed(moment.isoformat()))


def store_bytes(image: Image, word: bytes = b"") -> None:
    """An original and one size of it, in the store; `word` at their ends."""
    store, small = storage.get_store(), picture_bytes("WEBP") + word
    original = picture_bytes() + word
    for key, content, mime in (
        (image.key, original, "image/png"),
        (keys.derived_key(image.key, 320), small, "image/webp"),
    ):
        digest = hashlib.sha256(content).hexdigest()
        store.put_new(key, content, sha256=digest, content_type=mime)
    Image.objects.filter(pk=image.pk).update(
        size_bytes=len(original), sha256=hashlib.sha256(original).hexdigest()
    )


def _make_runs(world: World, submit: Submit) -> None:
    """Of five pictures that alice may make, four are taken."""
    budget = Budget.objects.create(user=world.maker, limit_pictures=5)
    world.things["budget"] = budget.pk
    waiting, sent, failed, lost = (submit(world.maker, team=world.team) for _ in range(4))
    attempt = lifecycle.claim("w", generation=sent.pk)
    assert attempt
    lifecycle.mark_sending(attempt)
    Attempt.objects.filter(generation=failed).update(
        state="rejected_free", code="bad_request", sent_at=Now(), finished_at=Now()
    )
    Attempt.objects.filter(generation=lost).update(
        state="unknown", sent_at=Now(), finished_at=Now()
    )
    world.things |= {"generation": waiting.pk, "sent": sent.pk, "failed": failed.pk}
    world.things |= {"lost": lost.attempts.get().pk, "refused": failed.attempts.get().pk}
    world.things["poll"] = watch.Token(
        user_id=world.maker.pk,
        space=space_of(world.maker.pk, world.team.pk if world.team else None),
        session="",
        version="",
        watched=(watch.Watched(waiting.attempts.get().pk, STATE_CODES["ready"]),),  # type: ignore[index]
    ).sign()


def _sort(world: World) -> None:
    whose = {"owner": world.maker, "team": world.team}
    album = Album.objects.create(name="Winter", **whose)
    tag = Tag.objects.create(pk=FIRST_ID, name="Foxes", **whose)
    template = PromptTemplate.objects.create(
        pk=FIRST_ID + 1, name="Mornings", text="a {season} morning", **whose
    )
    in_team = f"team={world.team.slug}&" if world.team else ""
    search = SavedSearch.objects.create(
        pk=FIRST_ID + 2, name="Foxes", query=f"{in_team}q=fox", **whose
    )
    for place, name in enumerate(("image", "third"), start=1):
        image = Image.objects.get(pk=world.things[name])
        marks = {"image": image, "sort_key": image.sort_key}
        AlbumImage.objects.create(album=album, position=1024 * place, **marks)
        ImageTag.objects.create(tag=tag, **marks)
    Favorite.objects.create(user=world.maker, **marks)
    world.things |= {"album": album.pk, "tag": tag.pk, "tag_name": tag.name}
    world.things |= {"template": template.pk, "search": search.pk}


def _share(world: World) -> None:
    """The album behind one link, and behind another that asks for a password."""
    for name, password in (("door", ""), ("locked_door", PASSWORD)):
        key, wanted = uuid4(), Terms(allows_download=True, allows_picks=True)
        target = Target(Album.objects.get(pk=world.things["album"]))
        token = make_link(
            User.objects.get(pk=world.maker.pk),
            target,
            key=key,
            days=7,
            terms=wanted,
            password=password,
        )
        world.things |= {name: token, "link": key, "new": uuid4()}


def _look_in(world: World) -> None:
    """Inspections of what alice made: counted only where carol is a superuser."""
    now, soon = timezone.now(), timezone.now() + timedelta(minutes=30)
    whose = {"team": world.team} if world.team else {"person": world.maker}
    of_each: dict[str, dict[str, Any]] = {
        "inspection": {"ends_at": soon},
        "ended": {"ends_at": soon, "ended_at": now},
        "lapsed": {"ends_at": now},
        "anothers": {"ends_at": soon, "inspector": person("olga")},
    }
    for name, fields in of_each.items():
        made = Inspection.objects.create(
            **{"inspector": world.other, "reason": "alice asked for help"} | whose | fields,
            created_at=now,
        )
        world.things[name] = made.pk


def _open_doors(world: World) -> None:
    """Secrets that were given to alice: letters' links, and a browser she signed in with."""
    alice = world.maker
    session = SessionStore()
    session["_auth_user_id"] = str(alice.pk)
    session.create()
    letter = [alice.pk, "new@example.org", alice.email]
    world.things |= {
        "letter": signing.dumps(letter, salt=account._EMAIL_SALT),
        "session": digest_of(session.session_key or ""),
        "uidb64": urlsafe_base64_encode(force_bytes(alice.pk)),
        "token": default_token_generator.make_token(alice),
    }
    assert Session.objects.filter(pk=world.things["session"]).exists()
