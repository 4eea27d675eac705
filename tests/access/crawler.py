"""Somebody who follows every link and every form that only asks, and reads whatever comes."""

import html
import io
import re
import zipfile
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from django.test import Client
from django.urls import Resolver404, resolve

OF_A_KIND = 3  # addresses of one name, asked for the same fields
_LINK = re.compile(r'\s(?:href|src|url|hx-get|data-[\w-]*(?:url|src|href)|poster)="([^"]*)"')
_TOKEN = re.compile(r'poll-watch token="([^"]+)"')
_FORM = re.compile(r"<form(?P<form>[^>]*)>(?P<inside>.*?)</form>", re.DOTALL)
_FIELD = re.compile(r'<input[^>]*\bname="([^"]+)"(?:[^>]*\bvalue="([^"]*)")?')
_SELECT = re.compile(r'<select[^>]*\bname="([^"]+)"[^>]*>(.*?)</select>', re.DOTALL)
_OPTION = re.compile(r'<option[^>]*\bvalue="([^"]*)"')
_ACTION = re.compile(r'\baction="([^"]*)"')


@dataclass(slots=True)
class Crawler:
    """`canaries` are words that tell whose a text is; `found` says which of them stood where."""

    client: Client
    canaries: re.Pattern[str]
    most: int
    found: dict[str, set[str]] = field(default_factory=dict)
    asked: set[tuple[str, bool]] = field(default_factory=set)
    kinds: Counter[str] = field(default_factory=Counter)
    names: set[str] = field(default_factory=set)

    def walk(self, *starts: str) -> "Crawler":
        """Breadth first; pages and, where a page would ask by script, its fragments."""
        ahead = deque((start, False) for start in starts)
        while ahead and len(self.asked) < self.most:
            address, by_script = ahead.popleft()
            if self._is_worth_asking(address, by_script):
                ahead.extend(self.look(address, by_script=by_script))
        return self

    def _is_worth_asking(self, address: str, by_script: bool) -> bool:
        parts = urlsplit(address)
        try:
            name = resolve(parts.path).view_name
        except Resolver404:
            return False
        keys = sorted({key for key, _ in parse_qsl(parts.query)})
        kind = f"{name} {keys} {by_script}"
        if (address, by_script) in self.asked or self.kinds[kind] >= OF_A_KIND:
            return False
        self.kinds[kind] += 1
        self.names.add(name)
        return True

    def look(self, address: str, *, by_script: bool = False) -> Iterable[tuple[str, bool]]:
        """Read one answer; where it leads."""
        self.asked.add((address, by_script))
        headers = {"hx-request": "true"} if by_script else {}
        response: Any = self.client.get(address, headers=headers)
        content = response.getvalue() if response.streaming else response.content
        text = "\n".join([f"{k}: {v}" for k, v in response.headers.items()] + list(_read(content)))
        for word in self.canaries.findall(html.unescape(text)):
            self.found.setdefault(word, set()).add(address)
        if location := response.headers.get("Location"):
            return [(urljoin(address, location), False)]
        is_page = "html" in response.headers.get("Content-Type", "")
        return list(_ways(text, address)) if is_page else []


def _read(content: bytes) -> Iterator[str]:
    """As text; of an archive every name and every file in it."""
    yield content.decode(errors="replace")
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            for name in packed.namelist():
                yield name
                yield packed.read(name).decode(errors="replace")


def _ways(text: str, page: str) -> Iterator[tuple[str, bool]]:
    for link in _LINK.finditer(text):
        address = urljoin(page, html.unescape(link[1])).partition("#")[0]
        if address.startswith("/"):
            yield address, False
            if "hx-get" in link[0]:
                yield address, True
    for token in _TOKEN.findall(text):
        yield f"/poll/?{urlencode({'token': token})}", True
    for form in _FORM.finditer(text):
        if "post" not in form["form"].lower():
            yield from _sent(form["form"], form["inside"], page)


def _sent(form: str, inside: str, page: str) -> Iterator[tuple[str, bool]]:
    """The form as it stands, and once for each choice of each list."""
    action = _ACTION.search(form)
    address = urljoin(page, html.unescape(action[1]) if action else page).partition("?")[0]
    fields = {name: html.unescape(value) for name, value in _FIELD.findall(inside)}
    yield f"{address}?{urlencode(fields)}", False
    for name, options in _SELECT.findall(inside):
        for value in _OPTION.findall(options):
            yield f"{address}?{urlencode(fields | {name: html.unescape(value)})}", False
