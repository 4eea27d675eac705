"""Two people, or the owners of two teams, each with a thing of every kind."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.test import Client

from generations.models import (
    Album,
    AlbumImage,
    Generation,
    Image,
    PromptTemplate,
    SavedSearch,
    Tag,
    Team,
    User,
)
from tests.conftest import Hang

Submit = Callable[..., Generation]


@dataclass(slots=True)
class Side:
    """One person with one thing of each kind, in a gallery of their own or of their team."""

    user: User
    client: Client
    image: Image
    second: Image
    album: Album
    tag: Tag
    template: PromptTemplate
    search: SavedSearch
    run: Generation
    team: Team | None = None


def side(
    name: str, submit: Submit, hang: Hang, *, team: Team | None = None, user: User | None = None
) -> Side:
    user = user or User.objects.create_user(name, password="a-password-of-tests")
    client = Client()
    client.force_login(user)
    whose: dict[str, Any] = {"owner": user, "team": team}
    image, second = hang(user, team=team), hang(user, team=team)
    album = Album.objects.create(name=f"{name} album", **whose)
    for place, each in enumerate((image, second), start=1):
        AlbumImage.objects.create(
            album=album, image=each, position=1024 * place, sort_key=each.sort_key
        )
    return Side(
        user,
        client,
        image,
        second,
        album,
        Tag.objects.create(name=f"{name} tag", **whose),
        PromptTemplate.objects.create(name=f"{name} template", text="a {season} fox", **whose),
        SavedSearch.objects.create(owner=user, name=f"{name} search", query="q=fox"),
        submit(user, team=team),
        team,
    )
