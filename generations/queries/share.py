"""A person's share links: what they show, who looked, what guests picked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from generations import policy, wording
from generations.models import (
    ShareImage,
    ShareLink,
    SharePick,
    ShareView,
    Team,
    User,
    Viewed,
)
from generations.queries.albums import picture_cards
from generations.queries.cards import Card

MOST_OVER = 100  # links that were revoked or expired
MOST_PICKS = 1000  # on one page
VIEWED_TEXT = {
    Viewed.PAGE: "the page",
    Viewed.PICTURE: "a picture",
    Viewed.DOWNLOAD: "downloads",
    Viewed.PICKS: "picks",
}


@dataclass(frozen=True, slots=True)
class LinkRow:
    id: UUID
    url: str
    name: str
    state: str  # live, expired or revoked
    state_text: str
    terms_text: str
    views_text: str
    picks_text: str  # empty where guests can't pick
    created_at: datetime
    creator_name: str
    thing_url: str  # of the one picture or the album that it shows; empty for others


@dataclass(frozen=True, slots=True)
class ViewedDay:
    day: date
    counts_text: str


@dataclass(frozen=True, slots=True)
class GuestPicks:
    name: str
    cards: Sequence[Card]

    @property
    def ids(self) -> str:
        return ",".join(str(card.image_id) for card in self.cards)


def link_rows(user: User) -> list[LinkRow]:
    """Every link of the person's that leads somewhere, then some that lead nowhere any more;
    newest first."""
    live = policy.live_shares().filter(creator=user)
    over = policy.visible_shares(user).exclude(pk__in=live.values("pk"))
    return [_row(link) for link in (*_newest_first(live), *_newest_first(over)[:MOST_OVER])]


def _newest_first(
    links: "QuerySet[ShareLink]", *, team: Team | None = None
) -> "QuerySet[ShareLink]":
    return _counted(links, team=team).order_by("-created_at", "pk")


def team_link_rows(user: User, team: Team) -> list[LinkRow]:
    """The same of all members' links that show something of a team's."""
    found, open_ones = policy.team_shares(user, team), policy.live_shares().values("pk")
    live, over = found.filter(pk__in=open_ones), found.exclude(pk__in=open_ones)
    rows = (*_newest_first(live, team=team), *_newest_first(over, team=team)[:MOST_OVER])
    return [_row(link, whose="their") for link in rows]


def team_link_row(link: ShareLink, team: Team) -> LinkRow:
    return _row(_counted(ShareLink.objects.filter(pk=link.pk), team=team).get(), whose="their")


def link_row(link: ShareLink) -> LinkRow:
    return _row(_counted(ShareLink.objects.filter(pk=link.pk)).get())


def _counted(links: "QuerySet[ShareLink]", *, team: Team | None = None) -> "QuerySet[ShareLink]":
    """Of a selection all pictures, or a team's alone: the others aren't the team's business."""
    pages = ShareView.objects.filter(link=OuterRef("pk"), what=Viewed.PAGE).values("link")
    picks = SharePick.objects.filter(guest__link=OuterRef("pk")).values("guest__link")
    own = {"image__team": team} if team else {}
    chosen = ShareImage.objects.filter(link=OuterRef("pk"), **own).values("link")
    beside = ("image", "album", "search", "creator", "revoked_by")
    return links.select_related(*beside).annotate(
        page_views=Coalesce(Subquery(pages.annotate(sum=Sum("count")).values("sum")), 0),
        pick_count=Coalesce(Subquery(picks.annotate(count=Count("pk")).values("count")), 0),
        chosen=Coalesce(Subquery(chosen.annotate(count=Count("pk")).values("count")), 0),
    )


def _row(link: Any, *, whose: str = "your") -> LinkRow:
    state, state_text = _state(link)
    return LinkRow(
        id=link.pk,
        url=reverse("share", args=[link.pk]),
        name=name_of(link, chosen=link.chosen),
        state=state,
        state_text=state_text,
        terms_text=_terms_text(link, whose),
        views_text=wording.count(link.page_views, "view"),
        picks_text=wording.count(link.pick_count, "pick") if link.allows_picks else "",
        created_at=link.created_at,
        creator_name=link.creator.username,
        thing_url=_thing_url(link),
    )


def _thing_url(link: ShareLink) -> str:
    if link.album_id:
        return reverse("album", args=[link.album_id])
    return reverse("image", args=[link.image_id]) if link.image_id else ""


def name_of(link: ShareLink, *, chosen: int) -> str:
    """What it shows, in the owner's words."""
    if link.album:
        return f"Album “{link.album.name}”"
    if link.search:
        return f"Search “{link.search.name}”"
    return "One picture" if link.image_id else wording.count(chosen, "selected picture")


def _state(link: Any) -> tuple[str, str]:
    if link.revoked_at:
        by_another = link.revoked_by and link.revoked_by_id != link.creator_id
        who = f" by {link.revoked_by.username}" if by_another else ""
        return "revoked", f"revoked {wording.moment(link.revoked_at)}{who}"
    state, word = ("live", "until") if link.expires_at > timezone.now() else ("expired", "expired")
    return state, f"{word} {wording.moment(link.expires_at)}"


def _terms_text(link: ShareLink, whose: str) -> str:
    """“prompts and models, picking, with a password”."""
    terms = {
        "prompts and models": link.shows_prompts,
        "prices": link.shows_cost,
        f"{whose} name": link.shows_creator,
        "downloads": link.allows_download,
        "picking": link.allows_picks,
        "behind a password": link.password,
    }
    return ", ".join(name for name, is_on in terms.items() if is_on) or "pictures alone"


def viewed_days(link: ShareLink) -> list[ViewedDay]:
    """The newest day first."""
    rows = ShareView.objects.filter(link=link).order_by("-day", "what")
    return [
        ViewedDay(
            day, ", ".join(f"{VIEWED_TEXT[Viewed(row.what)]} {row.count:,}×" for row in of_day)
        )
        for day, of_day in groupby(rows, key=lambda row: row.day)
    ]


def picks_of(link: ShareLink, user: User) -> list[GuestPicks]:
    """Who picked what, the first guest first; what is in the trash is left out."""
    rows = SharePick.objects.filter(guest__link=link).select_related("guest")
    picks = list(rows.order_by("guest__created_at", "guest", "-image__sort_key")[:MOST_PICKS])
    images = policy.shareable_images(user).filter(pk__in={pick.image_id for pick in picks})
    cards = {image.pk: card for image, card in picture_cards(images, user)}
    guests = groupby(picks, key=lambda pick: pick.guest)
    return [
        GuestPicks(
            guest.name or f"Guest {number}",
            # The owner's own hearts would look like the guest's.
            [
                replace(cards[pick.image_id], is_favorite=False)
                for pick in of_guest
                if pick.image_id in cards
            ],
        )
        for number, (guest, of_guest) in enumerate(guests, start=1)
    ]
