from django.db import IntegrityError
from django.db.models import QuerySet

from generations import policy
from generations.errors import Conflict, GalleryError
from generations.models import ImageTag, Tag, User
from generations.queries.names import named
from generations.services.sorting import Mark, delete_holder
from generations.transactions import writing

MOST_TAGS = 1000


def tag_named(user: User, name: str, team: str = "") -> Tag:
    """One gallery's tag of this name in any case, made if there is none."""
    tags = policy.tags_of(user, team)
    if found := named(tags, name).first():
        return found
    holder = policy.team_to_fill(user, team)
    if tags.count() >= MOST_TAGS:
        raise GalleryError(f"There are {MOST_TAGS:,} tags, and that is the most.", code="many_tags")
    try:
        with writing():
            return Tag.objects.create(owner=user, team=holder, name=name)
    except IntegrityError:  # made a moment earlier, in another window
        return named(tags, name).get()


def rename_tag(tag: Tag, name: str) -> None:
    """Another name. If another tag has it already, both become that one."""
    same_gallery = Tag.objects.filter(team=tag.team_id) if tag.team_id else _own_tags(tag)
    others = named(same_gallery.exclude(pk=tag.pk), name)
    if not others.exists():
        try:
            with writing():
                Tag.objects.filter(pk=tag.pk).update(name=name)
            return
        except IntegrityError:  # another got it a moment earlier
            pass
    into = others.first()
    if into is None:
        raise Conflict("It was deleted in the meantime.")
    merge_tags(tag, into=into)


def _own_tags(tag: Tag) -> QuerySet[Tag]:
    return Tag.objects.filter(owner=tag.owner_id, team=None)


def merge_tags(tag: Tag, *, into: Tag) -> None:
    """What carried `tag` carries `into`; `tag` is gone. Conflict if either was gone before."""
    with writing():
        for each in sorted((tag, into), key=lambda row: row.pk):  # one order for all: no deadlock
            Mark(each).lock()
        already = ImageTag.objects.filter(tag=into).values("image")
        ImageTag.objects.filter(tag=tag).exclude(image__in=already).update(tag=into)
        tag.delete()


def delete_tag(tag: Tag) -> None:
    """The word goes, the pictures stay."""
    delete_holder(Mark(tag))
