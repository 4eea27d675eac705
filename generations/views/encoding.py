"""What the server makes of what comes in: everything is UTF-8."""

from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest
from django.utils.http import parse_header_parameters

READ = {"", "utf-8", "utf8", "us-ascii"}


class OneEncoding(HttpRequest):
    """Is read as UTF-8 and never otherwise.

    Django believes the charset of a Content-Type, also on a GET, and decodes the address by it
    while it makes the request, outside of everything that answers errors. Python knows “encodings”
    that fail there, or make text which no database takes.
    """

    is_readable = True

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        try:
            kind, parameters = parse_header_parameters(meta.get("CONTENT_TYPE", ""))
        except (LookupError, ValueError):
            kind, parameters, self.is_readable = "", {}, False
        self.content_type, self.content_params = kind, parameters
        self.is_readable &= parameters.get("charset", "").lower() in READ


class WebRequest(OneEncoding, WSGIRequest):
    pass


class AsyncWebRequest(OneEncoding, ASGIRequest):
    pass
