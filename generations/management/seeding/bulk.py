"""Rows by the thousand: COPY on PostgreSQL, executemany on SQLite."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection, models

from generations.models import words

LARGE = 50_000


class Table:
    """A model's table, of whose columns some are given with each row and the rest never change.

    Values are what both databases take as they are: UUIDs as hex, moments as UTC text, JSON text.
    """

    def __init__(self, model: type[models.Model], *given: str, **constant: Any) -> None:
        fields = [
            each for each in model._meta.concrete_fields if not _is_made_by_the_database(each)
        ]
        unsaid = [each for each in fields if each.attname not in {*given, *constant}]
        constant |= {each.attname: _default(each) for each in unsaid}
        self.name = model._meta.db_table
        self.columns = [*given, *constant]
        self._constant = tuple(constant.values())

    def insert(self, rows: Iterable[Sequence[Any]]) -> None:
        """Inside the caller's transaction."""
        whole = ((*row, *self._constant) for row in rows)
        columns = ", ".join(f'"{name}"' for name in self.columns)
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                with cursor.copy(f'COPY "{self.name}" ({columns}) FROM STDIN') as copy:
                    for row in whole:
                        copy.write_row(row)
                return
            places = ", ".join(["%s"] * len(self.columns))
            cursor.executemany(f'INSERT INTO "{self.name}" ({columns}) VALUES ({places})', [*whole])  # noqa: S608


def _is_made_by_the_database(field: "models.Field[Any, Any]") -> bool:
    return field.generated or isinstance(field, models.AutoField | models.BigAutoField)


def _default(field: "models.Field[Any, Any]") -> Any:
    value = field.get_default()
    return field.get_db_prep_save(value, connection) if isinstance(value, dict | list) else value


@contextmanager
def text_index_later(count: int) -> Iterator[None]:
    """Builds PostgreSQL's full-text index once after a large load: kept up, it costs most of it.

    Searches are slow meanwhile. Whoever is killed in between leaves it to the next migration.
    """
    if connection.vendor != "postgresql" or count < LARGE:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX IF EXISTS image_text_words")
    try:
        yield
    finally:
        words.install(connection)


def analyze() -> None:
    """What the planner knows of the tables is of before the load."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
