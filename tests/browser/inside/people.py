"""People, and what is somebody's own."""

from django.conf import settings
from django.test import Client

from generations.models import Image, PromptTemplate, SavedSearch, User
from generations.services.album import album_named
from generations.services.image import trash_images
from generations.services.sorting import Mark, put_on
from generations.services.tag import tag_named
from generations.services.team import create_team
from tests.browser.inside.pictures import hang_pictures


def add_user(username: str) -> None:
    """Somebody without a password, which takes long to hash: `session_of` lets them in."""
    User.objects.create_user(username)


def session_of(username: str) -> str:
    """The key of a session that the sign-in page could have made."""
    browser = Client()
    browser.force_login(User.objects.get(username=username))
    return browser.cookies[settings.SESSION_COOKIE_NAME].value


def keep_everything(username: str) -> dict[str, str]:
    """A person with three pictures and one thing of every kind; the parts of their addresses."""
    a, b, thrown = (Image.objects.get(generation=run) for run in hang_pictures(username, 3))
    owner = a.owner
    tag, album = tag_named(owner, "harbour"), album_named(owner, "Coast")
    for holder in (tag, album):
        put_on(Mark(holder), owner, [a.pk, b.pk])
    trash_images(owner, [thrown.pk])
    SavedSearch.objects.create(owner=owner, name="Boats", query="q=boats")
    template = PromptTemplate.objects.create(owner=owner, name="Mornings", text="In {place}")
    team = create_team(owner, name=f"Crew of {username}")
    things = {"a": a, "b": b, "thrown": thrown, "album": album, "tag": tag, "template": template}
    names = {name: str(each.pk) for name, each in things.items()}
    return {"run": str(a.generation_id), "team": team.slug} | names
