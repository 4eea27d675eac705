"""What browsers refused to load or run on our pages: told to the log, and to nothing else."""

import json
import logging
import re
import threading
import time
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

ADDRESS = "/csp-report/"
MOST_BYTES = 16_000
MOST_REPORTS = 5  # of one answer
A_MINUTE = 30  # of one process: what is broken shows in the first
TYPES = {"application/csp-report", "application/reports+json", "application/json"}
_WORD = re.compile(r"[a-z][a-z0-9-]{0,39}")

_log = logging.getLogger(__name__)


class Allowance:
    """So many in a minute, then none until the next."""

    def __init__(self, most: int) -> None:
        self._most, self._lock = most, threading.Lock()
        self._began, self._given = 0.0, 0

    def take(self) -> bool:
        with self._lock:
            now = time.monotonic()
            if now - self._began >= 60:
                self._began, self._given = now, 0
            self._given += 1
            return self._given <= self._most


allowance = Allowance(A_MINUTE)


@csrf_exempt  # browsers send it by themselves, without a form
@login_not_required
@require_POST
def csp_report(request: HttpRequest) -> HttpResponse:
    """Anybody may write here, so little is read, and nothing is repeated as it came."""
    if request.content_type not in TYPES:
        return HttpResponse(status=415)
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        return HttpResponse(status=413)
    if not allowance.take():
        return HttpResponse(status=429, headers={"Retry-After": "60"})
    try:
        told = json.loads(request.body)
    except (ValueError, RecursionError):
        return HttpResponse(status=400)
    for report in _reports(told)[:MOST_REPORTS]:
        _log.warning("A page broke its policy: %s", _sentence(report))
    return HttpResponse(status=204)


def _reports(told: Any) -> list[dict[str, Any]]:
    """Both forms: the earlier one's single report, and the later one's list."""
    if isinstance(told, dict):
        found = [told.get("csp-report")]
    elif isinstance(told, list):
        found = [each.get("body") for each in told if isinstance(each, dict)]
    else:
        found = []
    return [each for each in found if isinstance(each, dict)]


def _sentence(report: dict[str, Any]) -> str:
    directive = _word(_either(report, "effective-directive", "effectiveDirective"))
    blocked = _origin(_either(report, "blocked-uri", "blockedURL"))
    page = _place(_either(report, "document-uri", "documentURL"))
    source = _place(_either(report, "source-file", "sourceFile"))
    line = _either(report, "line-number", "lineNumber")
    where = f", {source} line {int(line)}" if line.isdecimal() and len(line) < 7 else ""
    return f"{directive} kept out {blocked} on {page}{where}"


def _either(report: dict[str, Any], *names: str) -> str:
    return next((str(report[name]) for name in names if report.get(name)), "")


def _word(text: str) -> str:
    found = _WORD.match(text)
    return found[0] if found else "something"


def _origin(address: str) -> str:
    """Of an address where it leads, without what may be secret in it; of a word the word."""
    try:
        parts = urlsplit(address)
        host, scheme = parts.hostname, parts.scheme
    except ValueError:
        return "an address"
    if host and scheme in {"http", "https", "ws", "wss"} and re.fullmatch(r"[\w.:-]{1,80}", host):
        return f"{scheme}://{host}"
    return _word(address)


def _place(address: str) -> str:
    """Which of our pages or files, by name: the address itself may hold a token."""
    try:
        path = urlsplit(address).path
        return f"page “{resolve(path).view_name}”"
    except Resolver404:
        is_file = re.fullmatch(r"/static/[\w./-]{1,100}", path)
        return path if is_file else "another page"
    except ValueError:
        return "another page"
