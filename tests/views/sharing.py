"""Links made without the form, and every address behind one."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.test import Client
from django.utils import timezone

from generations.models import Album, Image, SavedSearch, ShareLink, Team, User
from generations.models.share import digest_of
from generations.services.album import album_named
from generations.services.share import Target, Terms, make_link
from generations.services.sorting import Mark, put_on

KINDS = ["album", "search", "selection"]
OPEN: dict[str, Any] = {"allows_download": True, "allows_picks": True}


def share(
    owner: User,
    thing: Image | Album | SavedSearch | None = None,
    *,
    ids: tuple[UUID, ...] = (),
    password: str = "",
    days: int = 30,
    **terms: Any,
) -> str:
    """The token of a new link."""
    target = Target(thing, ids)
    return make_link(owner, target, key=uuid4(), days=days, password=password, terms=Terms(**terms))


def link_with(token: str) -> ShareLink:
    return ShareLink.objects.get(token_hash=digest_of(token))


def album_of(owner: User, *images: Image, name: str = "Coast", team: Team | None = None) -> Album:
    album = album_named(owner, name, team.slug if team else "")
    put_on(Mark(album), owner, [image.pk for image in images])
    return album


def expire(token: str) -> None:
    link = link_with(token)
    link.expires_at = timezone.now() - timedelta(seconds=1)
    link.save()


def addresses(token: str, image: Image) -> list[tuple[str, str]]:
    """Method and address of all there is behind a link, for one of its pictures."""
    home = f"/s/{token}/"
    pictures = [f"{home}{image.pk}/{each}" for each in ("", "320", "640", "original")]
    posts = [f"{home}{image.pk}/pick/", f"{home}name/", f"{home}unlock/"]
    return [
        *(("get", address) for address in (home, *pictures, f"{home}zip")),
        *(("post", address) for address in posts),
    ]


def answer_of(client: Client, method: str, address: str) -> Any:
    fields = {"on": "1", "name": "Gus", "password": "a-password"}
    return client.post(address, fields) if method == "post" else client.get(address)


def body(response: Any) -> bytes:
    return b"".join(response) if response.streaming else response.content


def text(response: Any) -> str:
    return body(response).decode()


def shown(client: Client, token: str, query: str = "") -> list[str]:
    """The pictures on a link's page, in its order."""
    page = text(client.get(f"/s/{token}/{query}"))
    return re.findall(r'<article class="tile [^"]*" id="p-([0-9a-f-]{36})"', page)


def shared_as(kind: str, owner: User, images: list[Image], **terms: Any) -> str:
    """A link to pictures whose prompt holds a fox."""
    if kind == "image":
        return share(owner, images[0], **terms)
    if kind == "album":
        return share(owner, album_of(owner, *images), **terms)
    if kind == "search":
        search = SavedSearch.objects.create(owner=owner, name="F", query="q=fox")
        return share(owner, search, **terms)
    return share(owner, ids=tuple(image.pk for image in images), **terms)
