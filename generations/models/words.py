"""The text that finds a picture, and the database's own index over it.

`ImageText` rows are written by triggers on the pictures' table, so that no way of making a picture
can forget them. PostgreSQL keeps a generated tsvector with a GIN index beside each, in which every
word carries its scope and its stretch of thirty days: a search reads nobody else's part of the
index, and of one's own the newest first. Scope and stretch without a word are in it, too. SQLite
has an FTS5 table over the texts. `install` may run any number of times: it runs after each
migration, because SQLite drops a table's triggers whenever Django has to make that table anew.
"""

from pathlib import Path
from typing import Any

from django.db import models

from generations.models.generation import SLOTS
from generations.models.image import Image


class ImageText(models.Model):
    """Prompt, revised prompt and alt text of a picture; `scope` is whose it is, as one word."""

    image = models.OneToOneField(Image, models.CASCADE, related_name="text")
    scope = models.CharField(max_length=30)
    sort_key = models.BigIntegerField()
    body = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["scope", "-sort_key"], name="image_text_newest")]

    def __str__(self) -> str:
        return str(self.image_id)


def scope_of(space: int) -> str:
    """The word that every text of this gallery's pictures carries."""
    return f"t{-space}" if space < 0 else f"u{space}"


STRETCH_KEYS = 30 * 86_400_000_000 * SLOTS  # thirty days, in sort keys
FIRST_STRETCH, LAST_STRETCH = 535, 1065  # from 2013 to 2057; these two go on without end
ANY_STRETCH = "~"


def stretch_of(sort_key: int) -> int:
    """As PostgreSQL's `generations_stretch`."""
    return min(max(sort_key // STRETCH_KEYS, FIRST_STRETCH), LAST_STRETCH)


def scoped(scope: str, word: str) -> str:
    """A word as PostgreSQL's index has it, of any stretch; without one what every text has."""
    return f"{scope}s{ANY_STRETCH}x{word}" if word else f"{scope}s{ANY_STRETCH}"


def is_wanted(connection: Any) -> bool:
    """Whether pictures know their space: not after a migration back to before teams."""
    if Image._meta.db_table not in connection.introspection.table_names():
        return False
    with connection.cursor() as cursor:
        columns = connection.introspection.get_table_description(cursor, Image._meta.db_table)
    return any(column.name == "space" for column in columns)


def install(connection: Any) -> None:
    """The index and the triggers, where they aren't there yet."""
    statements = [_postgresql()] if connection.vendor == "postgresql" else _sqlite(connection)
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def lift(connection: Any) -> None:
    """Before SQLite makes a table anew, which it refuses while triggers of others speak of it."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        for name in ("image_text_insert", "image_text_update"):
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}")


def _sqlite(connection: Any) -> list[str]:
    """What came while the triggers were lifted is caught up with."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE name = 'image_text_insert'")
        was_lifted = cursor.fetchone() is None
    return [*SQLITE, CATCH_UP] if was_lifted else [*SQLITE]


def _postgresql() -> str:
    sql = Path(__file__).with_name("words_postgresql.sql").read_text()
    for name, text in (("new_row", _NEW_ROW), ("changed_row", _CHANGED_ROW), ("changes", _CHANGES)):
        sql = sql.replace(f"{{{name}}}", text)
    return sql


# All of it constant: nothing of a person's gets into these.
_SCOPE = "CASE WHEN NEW.space < 0 THEN 't' || -NEW.space ELSE 'u' || NEW.space END"
_NEW_ROW = """
INSERT INTO generations_imagetext (image_id, scope, sort_key, body)
SELECT NEW.id, {scope}, NEW.sort_key,
       g.prompt || ' ' || NEW.revised_prompt || ' ' || NEW.alt_text
FROM generations_generation g WHERE g.id = NEW.generation_id""".replace("{scope}", _SCOPE)
_CHANGED_ROW = """
UPDATE generations_imagetext
SET scope = {scope}, sort_key = NEW.sort_key,
    body = (SELECT g.prompt FROM generations_generation g WHERE g.id = NEW.generation_id)
           || ' ' || NEW.revised_prompt || ' ' || NEW.alt_text
WHERE image_id = NEW.id""".replace("{scope}", _SCOPE)
_CHANGES = "UPDATE OF owner_id, team_id, sort_key, revised_prompt, alt_text ON generations_image"
_FORGET = """INSERT INTO generations_imagewords (generations_imagewords, rowid, scope, body)
VALUES ('delete', OLD.id, OLD.scope, OLD.body)"""
_LEARN = """INSERT INTO generations_imagewords (rowid, scope, body)
VALUES (NEW.id, NEW.scope, NEW.body)"""

SQLITE = (
    """CREATE VIRTUAL TABLE IF NOT EXISTS generations_imagewords USING fts5(
          scope, body, content='generations_imagetext', content_rowid='id',
          prefix='2 3', tokenize="unicode61 remove_diacritics 2")""",
    f"""CREATE TRIGGER IF NOT EXISTS image_text_insert AFTER INSERT ON generations_image
        BEGIN {_NEW_ROW}; END""",
    f"""CREATE TRIGGER IF NOT EXISTS image_text_update AFTER {_CHANGES}
        BEGIN {_CHANGED_ROW}; END""",
    f"""CREATE TRIGGER IF NOT EXISTS image_words_insert AFTER INSERT ON generations_imagetext
        BEGIN {_LEARN}; END""",
    f"""CREATE TRIGGER IF NOT EXISTS image_words_update AFTER UPDATE ON generations_imagetext
        BEGIN {_FORGET}; {_LEARN}; END""",
    f"""CREATE TRIGGER IF NOT EXISTS image_words_delete AFTER DELETE ON generations_imagetext
        BEGIN {_FORGET}; END""",
)
# For the pictures that were there before the triggers were.
CATCH_UP = """
INSERT INTO generations_imagetext (image_id, scope, sort_key, body)
SELECT i.id, {scope}, i.sort_key,
       g.prompt || ' ' || i.revised_prompt || ' ' || i.alt_text
FROM generations_image i JOIN generations_generation g ON g.id = i.generation_id
WHERE NOT EXISTS (SELECT 1 FROM generations_imagetext t WHERE t.image_id = i.id)""".replace(
    "{scope}", _SCOPE.replace("NEW", "i")
)
