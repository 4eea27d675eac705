from functools import cache, partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from generations.models import User
from generations.policy import can_review
from generations.queries.banners import banners
from generations.queries.notices import notices_for
from generations.queries.spending import spending_of


def everywhere(request: HttpRequest) -> dict[str, Any]:
    """What every page may show. Callables run only where a template asks for them."""
    user = getattr(request, "user", None)
    return {
        "on_sandbox": settings.ON_SANDBOX,
        "can_review": partial(can_review, user) if user else False,
        "signup_open": settings.SIGNUP_OPEN,
        "banners": partial(banners, is_fresh=_is_fragment(request)),
    } | (_money(user) if user and user.is_authenticated else {})


def _is_fragment(request: HttpRequest) -> bool:
    return bool(getattr(request, "htmx", False))


def _money(user: User) -> dict[str, Any]:
    """Asked for once, for whichever of them the page shows."""
    spending = cache(partial(spending_of, user))
    return {
        "meter": lambda: spending().meter,
        "budget_notices": lambda: notices_for(user, spending()),
    }
