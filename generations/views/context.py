from typing import Any

from django.conf import settings
from django.http import HttpRequest

from generations.queries.banners import banners


def everywhere(request: HttpRequest) -> dict[str, Any]:
    """What every page may show. Callables run only where a template asks for them."""
    return {
        "on_sandbox": settings.ON_SANDBOX,
        "signup_open": settings.SIGNUP_OPEN,
        "banners": banners,
        "meter": None,
    }
