"""Somebody without an account who holds a share link."""

from dataclasses import replace
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone

from generations.forms.filters import FilterForm
from generations.models import ShareGuest, ShareLink, Viewed
from generations.queries.filters import EVERYTHING, GalleryFilter
from generations.queries.shared import Shown, picks_text
from generations.services import shared as service

ADMISSION_COOKIE, GUEST_COOKIE = "admission", "guest"  # both for the link's own addresses alone
MOST_COOKIE = 200


class Guest:
    """A link that leads somewhere, and what this browser knows of it."""

    def __init__(self, request: HttpRequest, token: str, link: ShareLink) -> None:
        self.request, self.link = request, link
        self.home = reverse("shared", args=[token])
        self.shown = Shown(link, _wanted(link))
        self.key = request.COOKIES.get(GUEST_COOKIE, "")[:MOST_COOKIE]

    @cached_property
    def row(self) -> ShareGuest | None:
        return service.guest_with(self.link, self.key)

    @property
    def is_admitted(self) -> bool:
        shown = self.request.COOKIES.get(ADMISSION_COOKIE, "")[:MOST_COOKIE]
        return service.is_admitted(self.link, shown)

    def count(self, what: Viewed) -> None:
        """The owner's own looks aren't counted."""
        if self.request.method != "HEAD" and self.request.user != self.link.creator:
            service.count_view(self.link, what)

    def admit(self, response: HttpResponse) -> None:
        self._set(response, ADMISSION_COOKIE, service.admission_to(self.link))

    def greet(self, response: HttpResponse) -> HttpResponse:
        """A key before the first pick: two hearts pressed at once are then one guest's."""
        if self.link.allows_picks and not self.key:
            self.remember(response, service.new_key())
        return response

    def remember(self, response: HttpResponse, key: str) -> None:
        """By the guest's key, for as long as the link is open."""
        left = self.link.expires_at - timezone.now()
        self._set(response, GUEST_COOKIE, key, max_age=int(left.total_seconds()))

    def _set(self, response: HttpResponse, name: str, value: str, **more: Any) -> None:
        response.set_cookie(
            name,
            value,
            path=self.home,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
            **more,
        )

    @property
    def context(self) -> dict[str, Any]:
        """What all pages behind the link show."""
        link = self.link
        return {
            "home": self.home,
            "link": link,
            "creator_name": link.creator.get_username() if link.shows_creator else "",
            "picks_text": picks_text(self.row),
            "guest_name": self.row.name if self.row else "",
        }


def _wanted(link: ShareLink) -> GalleryFilter:
    if link.search is None:
        return EVERYTHING
    return replace(FilterForm(QueryDict(link.search.query)).filter, is_outside=True)
