"""Full text over prompts: one small language, on either database.

Words find what begins with them, in any order; “"in quotes"” finds exactly these words in a row;
a minus leaves out. Case doesn't matter.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Q
from django.db.models.expressions import RawSQL

from generations.models.words import scoped

MOST_TERMS = 12
LEAST_PREFIX = 2  # shorter words are meant as they are
_PIECE = re.compile(r'(-?)(?:"([^"]*)"?|([^\s"]+))')
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Term:
    words: tuple[str, ...]
    is_exact: bool = False
    is_unwanted: bool = False


def terms_of(text: str) -> list[Term]:
    """What a search box says; what holds no letter or digit is left out."""
    found = []
    for minus, quoted, plain in _PIECE.findall(text.lower()):
        words = tuple(_WORD.findall(quoted or plain))
        if words:
            is_exact = not plain or (len(words) == 1 and len(words[0]) < LEAST_PREFIX)
            found.append(Term(words, is_exact=is_exact, is_unwanted=bool(minus)))
    return found[:MOST_TERMS]


@dataclass(frozen=True, slots=True)
class Look:
    """With SQLite: a look through so many of a scope's texts, the newest below a sort key."""

    below: int | None
    texts: int


@dataclass(frozen=True, slots=True)
class Stretches:
    """With PostgreSQL: the stretches of time that are searched, by their numbers."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Newest:
    """With PostgreSQL: so many of the newest found from the sort key `low` to `high`."""

    low: int
    high: int
    most: int
    looked_at: int  # texts looked at one by one before the index is asked


Among = Look | Stretches | Newest | None


def text_matches(terms: Sequence[Term], *, scope: str, among: Among = None) -> Q:
    """For a query over pictures: all of it is found in the picture's text, which is of `scope`."""
    if connection.vendor == "postgresql":
        return Q(pk__in=RawSQL(*_found(_tsquery_of(terms, scope), scope, among)))  # noqa: S611
    found = "SELECT rowid FROM generations_imagewords WHERE generations_imagewords MATCH %s"
    parameters: list[Any] = [_fts5(terms, scope)]
    if isinstance(among, Look):
        found = f"{found} AND rowid >= ({FIRST_OF_LOOK}) AND rowid <= ({LAST_OF_LOOK})"
        parameters += 2 * [scope, NO_END if among.below is None else among.below, among.texts]
    return Q(text__pk__in=RawSQL(found, parameters), text__scope=scope)  # noqa: S611


def _found(query: str, scope: str, among: Among) -> tuple[str, list[Any]]:
    if isinstance(among, Newest):
        ends = [among.low, among.high, among.most, among.looked_at]
        return "SELECT generations_newest_found(%s, %s, %s, %s, %s, %s)", [query, scope, *ends]
    stretches = [among.first, among.last] if isinstance(among, Stretches) else [None, None]
    return "SELECT generations_found(%s, %s, %s, %s)", [query, scope, *stretches]


LOOKED_AT = """
SELECT id FROM generations_imagetext
WHERE scope = %s AND sort_key < %s ORDER BY sort_key DESC LIMIT %s"""
FIRST_OF_LOOK = f"SELECT min(id) FROM ({LOOKED_AT})"  # noqa: S608
LAST_OF_LOOK = f"SELECT max(id) FROM ({LOOKED_AT})"  # noqa: S608
NO_END = 2**63 - 1


def _tsquery_of(terms: Sequence[Term], scope: str) -> str:
    """A search of only things to leave out begins with all there is."""
    wanted = [_asked(term, scope) for term in terms]
    if all(term.is_unwanted for term in terms):
        wanted.insert(0, scoped(scope, ""))
    return f"({' & '.join(wanted)})"


def _asked(term: Term, scope: str) -> str:
    row = " <-> ".join(f"'{scoped(scope, word)}'" for word in term.words)
    query = row if term.is_exact else f"{row}:*"
    return f"!({query})" if term.is_unwanted else f"({query})"


def _fts5(terms: Sequence[Term], scope: str) -> str:
    """FTS5 has no query of only things to leave out: the scope is always wanted."""
    query = f"scope : {scope}"
    for term in sorted(terms, key=lambda term: term.is_unwanted):
        row = " ".join(term.words)
        each = f'body : "{row}"' + ("" if term.is_exact else " *")
        query = f"({query}) {'NOT' if term.is_unwanted else 'AND'} {each}"
    return query
