"""What a person named, found by its name."""

from typing import TypeVar, cast

from django.db.models import Model, QuerySet, Value
from django.db.models.functions import Lower

M = TypeVar("M", bound=Model)


def named(rows: QuerySet[M], name: str) -> QuerySet[M]:
    """Those of this name in any case, by the very expression that makes it unique.

    `iexact` compares capitals: PostgreSQL then holds some letters for different, the Ohm sign and
    the omega among them, whose small letter is one.
    """
    found = rows.alias(small=Lower("name")).filter(small=Lower(Value(name)))
    return cast("QuerySet[M]", found)
