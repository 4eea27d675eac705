"""Every word of everybody's carries their mark: whoever looks around finds none of another's."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from generations import policy
from generations.models import (
    Album,
    AlbumImage,
    Attempt,
    Favorite,
    Generation,
    Image,
    ImageTag,
    Membership,
    PromptTemplate,
    Role,
    SavedSearch,
    Tag,
    Team,
    TeamEvent,
    User,
)
from generations.services.invite import create_invite
from generations.services.share import Target, Terms, make_link
from tests.access.crawler import Crawler
from tests.access.table import lines
from tests.access.world import store_bytes
from tests.conftest import Hang

pytestmark = pytest.mark.django_db

Submit = Callable[..., Generation]
CANARY = re.compile(r"zq(?:alice|carol|otters|herons)[a-z]+")


@dataclass(slots=True)
class Tenant:
    """A gallery whose every text begins with its mark."""

    name: str
    maker: User
    team: Team | None = None
    things: dict[str, Any] = field(default_factory=dict)
    token: str = ""

    def word(self, kind: str) -> str:
        return f"zq{self.name}{kind}"


def person(name: str, **fields: Any) -> User:
    return User.objects.create_user(name, f"zq{name}mail@example.org", "password", **fields)


def _furnish(tenant: Tenant, submit: Submit, hang: Hang) -> Tenant:
    word, whose = tenant.word, {"owner": tenant.maker, "team": tenant.team}
    made = [
        hang(
            tenant.maker,
            word("prompt"),
            team=tenant.team,
            mime="image/png",
            extension="png",
            edges=[[320, 64, 48]],
            sizes_done=True,
            revised_prompt=word("revised"),
            alt_text=word("alt"),
            **fields,
        )
        for fields in ({}, {}, {"is_hidden": True}, {"trashed_at": timezone.now()})
    ]
    for image in made:
        store_bytes(image, word("bytes").encode())
    for state in ("ready", "rejected_free", "unknown"):
        run = submit(tenant.maker, word("asked"), team=tenant.team)
        if state != "ready":
            Attempt.objects.filter(generation=run).update(
                state=state, message=f"No: {word('asked')}", sent_at=Now(), finished_at=Now()
            )
    album = Album.objects.create(name=word("album"), description=word("story"), **whose)
    tag = Tag.objects.create(name=word("tag"), **whose)
    for place, image in enumerate(made[:2], start=1):
        marks = {"image": image, "sort_key": image.sort_key}
        AlbumImage.objects.create(album=album, position=place, **marks)
        ImageTag.objects.create(tag=tag, **marks)
        Favorite.objects.create(user=tenant.maker, **marks)
    tenant.things = {
        "image": made[0].pk,
        "trashed": made[3].pk,
        "generation": run.pk,
        "album": album.pk,
        "tag": tag.pk,
        "template": PromptTemplate.objects.create(
            name=word("template"), text=f"{word('text')} {{season}}", **whose
        ).pk,
    }
    return tenant


def _ask_for_review(tenant: Tenant, hang: Hang) -> None:
    """One picture that staff may look at, until somebody has decided."""
    image = hang(
        tenant.maker,
        tenant.word("queuedprompt"),
        mime="image/png",
        edges=[[320, 64, 48]],
        revised_prompt=tenant.word("queuedrevised"),
        queued_at=timezone.now(),
    )
    store_bytes(image, tenant.word("queuedbytes").encode())


def _save_and_share(tenant: Tenant) -> None:
    """What belongs to a person and never to a team."""
    search = SavedSearch.objects.create(
        owner=tenant.maker, name=tenant.word("search"), query=f"q={tenant.word('query')}"
    )
    tenant.things["search"] = search.pk
    tenant.token = make_link(
        tenant.maker,
        Target(Album.objects.get(pk=tenant.things["album"])),
        key=uuid4(),
        days=7,
        terms=Terms(title=tenant.word("title"), allows_download=True),
    )


def _team(name: str) -> Team:
    return Team.objects.create(name=f"zq{name}name", slug=name)


@pytest.fixture
def tenants(submit: Submit, hang: Hang) -> dict[str, Tenant]:
    """Two people and two teams; "ex" made what the otters have, and was removed."""
    found = {name: Tenant(name, person(name)) for name in ("alice", "carol")}
    for name in ("otters", "herons"):
        owner, team = User.objects.create_user(f"{name}-owner"), _team(name)
        Membership.objects.create(team=team, user=owner, role=Role.OWNER)
        create_invite(owner, team, role=Role.VIEWER, email=f"zq{name}guest@example.org")
        TeamEvent.objects.create(team=team, actor=owner, sentence=f"zq{name}event")
        found[name] = Tenant(name, owner, team)
    otters = found["otters"]
    for name, role in (("viewer", "viewer"), ("contributor", "contributor"), ("ex", "contributor")):
        otters.maker = User.objects.create_user(f"otters-{name}")
        Membership.objects.create(team=otters.team, user=otters.maker, role=role)
    for tenant in found.values():
        _furnish(tenant, submit, hang)
        if tenant.team is None:
            _save_and_share(tenant)
            _ask_for_review(tenant, hang)
    Membership.objects.filter(user=otters.maker).delete()
    return found


EVERYTHING = "[a-z]+"
# Whose words somebody may meet, and which of them. The operator's pages list people with their
# addresses, and calls with their team. Staff see what somebody asked them to review. Guests of a
# link are told what a picture shows, should they not see it.
MAY_READ = {
    "anon": "",
    "guest": "zqalice(title|alt|bytes)",
    "alice": f"zqalice{EVERYTHING}",
    "carol": f"zqcarol{EVERYTHING}",
    "otters-viewer": f"zqotters(?!guest|event){EVERYTHING}",
    "otters-contributor": f"zqotters(?!guest|event){EVERYTHING}",
    "otters-owner": f"zqotters{EVERYTHING}",
    "otters-ex": "",
    "herons-owner": f"zqherons{EVERYTHING}",
    "staff": "zq(alice|carol)queued[a-z]+",
    "superuser": "zq(alice|carol)queued[a-z]+|zq(alice|carol)mail|zq(otters|herons)name",
}
# What they do meet: a crawler that sees nothing at all would find no fault.
MUST_READ = {
    "guest": {"zqalicetitle", "zqalicebytes"},
    "alice": {
        f"zqalice{kind}"
        for kind in (
            *("prompt", "revised", "alt", "bytes", "asked", "album", "story", "tag"),
            *("template", "text", "search", "query", "mail"),
        )
    },
    "otters-viewer": {"zqottersprompt", "zqottersname", "zqottersalbum", "zqottersbytes"},
    "otters-owner": {"zqottersguest", "zqottersevent", "zqottersrevised", "zqottersalt"},
    "staff": {"zqalicequeuedprompt", "zqalicequeuedbytes", "zqcarolqueuedprompt"},
    "superuser": {"zqalicemail"},
}


def _browser(role: str) -> Client:
    client = Client()
    if role in {"anon", "guest"}:
        return client
    if role in {"staff", "superuser"}:
        person(f"zz{role}", is_staff=True, is_superuser=role == "superuser")
        role = f"zz{role}"
    client.force_login(User.objects.get(username=role))
    return client


def _without_places() -> list[str]:
    """Every address that names no thing."""
    found = []
    for name in dict.fromkeys(line.name for line in lines("nothing", "personal", "team")):
        try:
            found.append(reverse(name))
        except NoReverseMatch:
            continue
    return found


def _guesses(tenants: dict[str, Tenant]) -> list[str]:
    """The addresses of everybody's things, as somebody may know them from a link."""
    found = []
    for tenant in tenants.values():
        image = tenant.things["image"]
        found += [reverse("image_file", args=[image, size]) for size in ("320", "original")]
        found += [reverse(name, args=[image]) for name in ("image", "provenance", "sort_image")]
        found += [reverse("trashed", args=[tenant.things["trashed"]])]
        found += [reverse("trashed_file", args=[tenant.things["trashed"], 320])]
        found += [reverse("generation", args=[tenant.things["generation"]])]
        found += [
            reverse(name, args=[tenant.things["album"]])
            for name in ("album", "album_zip", "edit_album", "arrange_album")
        ]
        found += [reverse("use_template", args=[tenant.things["template"]])]
        found += [reverse("delete_tag", args=[tenant.things["tag"]])]
        found += [f"/?album={tenant.things['album']}", f"/?tag={tenant.things['tag']}"]
        found += [f"/?remix={tenant.things['generation']}&wording={image}"]
        found += [f"/compare/?a={image}", f"/?q={tenant.word('prompt')[:4]}"]
        if tenant.team:
            found += [reverse(name, args=[tenant.team.slug]) for name in ("team", "team_people")]
    return found


def crawled(role: str, tenants: dict[str, Tenant], *, most: int = 300) -> Crawler:
    crawler = Crawler(_browser(role), CANARY, most)
    if role == "guest":
        return crawler.walk(reverse("shared", args=[tenants["alice"].token]))
    for address in _guesses(tenants):
        crawler.look(address)
    return crawler.walk(*_without_places())


def leaks(role: str, crawler: Crawler) -> dict[str, set[str]]:
    allowed = re.compile(MAY_READ[role] or r"\b\B")
    return {word: at for word, at in crawler.found.items() if not allowed.fullmatch(word)}


@pytest.mark.parametrize("role", MAY_READ)
def test_nobody_meets_a_word_of_anothers(role: str, tenants: dict[str, Tenant]) -> None:
    crawler = crawled(role, tenants)
    assert leaks(role, crawler) == {}
    assert MUST_READ.get(role, set()) - crawler.found.keys() == set()
    if role not in {"anon", "guest"}:
        assert len(crawler.names) > 30


WIDENED = {
    "visible_images": lambda *_: Image.objects.filter(trashed_at=None),
    "gallery_images": lambda *_: Image.objects.filter(trashed_at=None, is_hidden=False),
    "restorable_images": lambda *_: Image.objects.exclude(trashed_at=None),
    "trashed_images": lambda *_: Image.objects.exclude(trashed_at=None),
    "visible_generations": lambda *_: Generation.objects.all(),
    "own_generations": lambda *_: Generation.objects.all(),
    "gallery_attempts": lambda *_: Attempt.objects.filter(is_vacant=True),
    "albums_of": lambda *_: Album.objects.all(),
    "visible_albums": lambda *_: Album.objects.all(),
    "tags_of": lambda *_: Tag.objects.all(),
    "changeable_tags": lambda *_: Tag.objects.all(),
    "visible_templates": lambda *_: PromptTemplate.objects.all(),
    "searches_of": lambda *_: SavedSearch.objects.all(),
}


@pytest.mark.parametrize("name", WIDENED)
def test_a_wider_policy_would_be_noticed(
    name: str, tenants: dict[str, Tenant], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policy, name, WIDENED[name])
    assert leaks("carol", crawled("carol", tenants, most=100))
