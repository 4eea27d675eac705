from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib.auth.middleware import AuthenticationMiddleware, LoginRequiredMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.functional import SimpleLazyObject

from generations.errors import GalleryError
from generations.sessions import user_of
from generations.views.errors import DATABASE_AWAY, OtherEncoding, database_away

GUESTS = "/s/"  # where share links lead
PERMISSIONS_POLICY = ", ".join(
    f"{name}=()"
    for name in (
        *("accelerometer", "autoplay", "browsing-topics", "camera", "display-capture"),
        *("encrypted-media", "geolocation", "gyroscope", "hid", "magnetometer", "microphone"),
        *("midi", "payment", "serial", "usb", "xr-spatial-tracking"),
    )
)
# For what no view made: a redirect to https, a file, a host that isn't ours.
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": PERMISSIONS_POLICY,
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


class EveryAnswer:
    """The headers that no answer lacks, whoever made it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        for name, value in ALWAYS.items():
            response.headers.setdefault(name, value)
        return response


class Readable:
    """Refuses what isn't written in UTF-8: to guess would be to store something else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not getattr(request, "is_readable", True):
            raise OtherEncoding
        return self.get_response(request)


class GuestsOrigin:
    """A form behind a share link counts as one of our own pages' where the browser says so.

    Those pages keep their address to themselves (“no-referrer”), and then browsers say “null” for
    where a form comes from. Its token is looked at all the same.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        is_nameless = request.META.get("HTTP_ORIGIN") == "null"
        is_ours = request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"
        if is_nameless and is_ours and request.path_info.startswith(GUESTS):
            request.META["HTTP_ORIGIN"] = f"{request.scheme}://{request.get_host()}"
        return self.get_response(request)


class PrivatePages:
    """Answers are for one person and aren't kept by anybody, unless a view says otherwise."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        patch_vary_headers(response, ["HX-Request", "Cookie"])
        return response


class Sessions(SessionMiddleware):
    """Tells a session what it is used with."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.session.user_agent = request.headers.get("User-Agent", "")  # type: ignore[attr-defined]


class WhoAsks(AuthenticationMiddleware):
    """Nobody is looked up before somebody wants to know."""

    def process_request(self, request: HttpRequest) -> None:
        request.user = SimpleLazyObject(partial(user_of, request))  # type: ignore[assignment]


class SignInRequired(LoginRequiredMiddleware):
    """Every view asks for sign-in unless it says otherwise.

    Pages lead to the sign-in form; pictures and posted fragments look as if they weren't there.
    """

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., Any], *args: Any
    ) -> HttpResponseBase | None:
        if not getattr(view_func, "login_required", True):
            return None  # before Django looks who it is: an idle poll asks no database
        return super().process_view(request, view_func, *args)

    def handle_no_permission(  # type: ignore[override]
        self, request: HttpRequest, view_func: Callable[..., Any]
    ) -> HttpResponseBase:
        match = request.resolver_match
        if request.method not in {"GET", "HEAD"} or (match and match.url_name == "image_file"):
            raise Http404
        if getattr(request, "htmx", False) or "HX-Request" in request.headers:
            return sign_in_again(request)
        return super().handle_no_permission(request, view_func)


def sign_in_again(request: HttpRequest) -> HttpResponse:
    """401 that leads htmx to the sign-in form."""
    return HttpResponse(status=401, headers={"HX-Redirect": reverse("login")})


class GalleryErrors:
    """A GalleryError that reaches the edge becomes a page with its sentence."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, DATABASE_AWAY):
            return database_away(request, error)
        if not isinstance(error, GalleryError):
            return None
        return render(request, "error.html", {"error": error}, status=error.status)
