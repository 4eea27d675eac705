import logging
import sys

from django.core.exceptions import BadRequest, RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader
from django.views import defaults

from generations.views.uploads import UploadRefused

_log = logging.getLogger(__name__)

DATABASE_AWAY = (OperationalError, InterfaceError)


class OtherEncoding(BadRequest):
    """It says of itself that it isn't written in UTF-8."""


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """For what can't be read at all: too large, a file, a host that isn't ours."""
    status, sentence = 400, "Something in it was broken. Go back and try again."
    if isinstance(exception, RequestDataTooBig):
        status, sentence = 413, "It was larger than anything asked for here. Nothing was done."
    if isinstance(exception, UploadRefused):
        status, sentence = 415, "No file is asked for here. Nothing was done."
    if isinstance(exception, OtherEncoding):
        sentence = "It isn’t written in UTF-8, which alone is read here. Nothing was done."
    page = loader.render_to_string("400.html", {"sentence": sentence})
    return HttpResponse(page, status=status)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page a form lands on when it wasn't made by us, or too long ago. Nothing was done."""
    return render(request, "403_csrf.html", status=403)


def database_away(request: HttpRequest, error: BaseException) -> HttpResponse:
    """Made without the database. A page tries again by itself; a form that was sent can't."""
    _log.error("The database is away: %s", error)
    was_sent = request.method not in {"GET", "HEAD"}
    page = loader.render_to_string("503.html", {"was_sent": was_sent})
    return HttpResponse(page, status=503)


def server_error(request: HttpRequest) -> HttpResponse:
    """For what breaks before any view runs: the session, too, is in the database."""
    error = sys.exc_info()[1]
    if isinstance(error, DATABASE_AWAY):
        return database_away(request, error)
    return defaults.server_error(request)
