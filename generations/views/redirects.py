from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme


def see_other(name: str, **places: Any) -> HttpResponse:
    """303: the browser GETs the page, and a reload sends nothing again."""
    response = redirect(name, **places)
    response.status_code = 303
    return response


def see_next(request: HttpRequest, *, otherwise: str) -> HttpResponse:
    """303 to the page that a form names in `next`, if it is one of ours."""
    wanted = request.POST.get("next", "")
    is_ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, None)
    return see_other(wanted if is_ours else otherwise)
