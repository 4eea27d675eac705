"""The triggers that note what changes the sums of `usage.py`, for both databases.

What an attempt counts for depends on three rows: its own, its generation's (the model, whether it
was imported) and its pictures' (how many still hang). Each trigger notes the difference that its
own row makes, so the changes always add up to what the rows say, whoever wrote them. A row is
expected to come after those it points at, and to go before them.
"""

from typing import Any, NamedTuple

from django.db import transaction

from generations.models.generation import SLOTS
from generations.models.usage import CHARGED_STATES, UsageChange

ATTEMPT, IMAGE = "generations_attempt", "generations_image"
GENERATION = "generations_generation"
DAY = {
    "sqlite": f"date({{row}}.sort_key / {1_000_000 * SLOTS}, 'unixepoch')",
    "postgresql": f"(DATE '1970-01-01' + ({{row}}.sort_key / {86_400_000_000 * SLOTS})::integer)",
}
DIFFERS = {"sqlite": "{0} IS NOT {1}", "postgresql": "{0} IS DISTINCT FROM {1}"}
NOTE = """INSERT INTO generations_usagechange
  (day, owner_id, space, model_id, made, kept, spent_micros, unpriced) """
NOTE_OWN = """{note} SELECT {keys}, {numbers} FROM generations_generation run
  WHERE run.id = {row}.generation_id AND run.imported_at IS NULL;"""
NOTE_KEPT = """{note} SELECT {keys}, 0, {difference}, 0, 0 FROM generations_attempt call
  JOIN generations_generation run ON run.id = call.generation_id
  WHERE call.id = {row}.attempt_id AND run.imported_at IS NULL AND {hangs};"""
NOTE_ALL = """{note} SELECT {keys}, {numbers} FROM generations_attempt call
  WHERE call.generation_id = {row}.id AND {row}.imported_at IS NULL;"""
KEYS = "{day}, {row}.owner_id, {row}.space, {model}"

_charged = ", ".join(f"'{state.value}'" for state in CHARGED_STATES)
MADE = "CASE WHEN {row}.state = 'stored' THEN {row}.slot_count ELSE 0 END"
SPENT = "coalesce({row}.cost_micros, 0)"
UNPRICED = (
    f"CASE WHEN {{row}}.cost_micros IS NULL AND {{row}}.state IN ({_charged})"
    " THEN {row}.slot_count ELSE 0 END"
)
COUNTS = f"({{row}}.cost_micros IS NOT NULL OR {{row}}.state IN ({_charged}))"
# A copy cost nothing, and isn't kept once more.
HANGS = "({row}.trashed_at IS NULL AND NOT {row}.is_hidden AND {row}.copied_at IS NULL)"
KEPT = """(SELECT count(*) FROM generations_image kept WHERE kept.attempt_id = {row}.id
  AND kept.trashed_at IS NULL AND NOT kept.is_hidden AND kept.copied_at IS NULL)"""


class Trigger(NamedTuple):
    name: str
    table: str
    event: str
    condition: str
    body: str


def names() -> set[str]:
    return {trigger.name for trigger in _triggers("sqlite")}


def is_wanted(connection: Any) -> bool:
    """Whether there is a table to note anything in, and pictures say which of them are copies: not
    after a migration back."""
    if UsageChange._meta.db_table not in connection.introspection.table_names():
        return False
    with connection.cursor() as cursor:
        columns = connection.introspection.get_table_description(cursor, IMAGE)
    return any(column.name == "copied_at" for column in columns)


def are_installed(connection: Any) -> bool:
    catalog = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
        " AND tgrelid IN (SELECT oid FROM pg_class WHERE relnamespace ="
        " current_schema()::regnamespace)",
    }
    with connection.cursor() as cursor:
        cursor.execute(catalog[connection.vendor])
        return names() <= {name for (name,) in cursor.fetchall()}


def install(connection: Any) -> None:
    """As they are to be now; who is just paying is waited for, one table at a time.

    They are known by their names: whoever changes one drops the old one in a migration.
    """
    triggers = _triggers(connection.vendor)
    for table in (GENERATION, ATTEMPT, IMAGE):
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            for trigger in triggers:
                if trigger.table == table:
                    _put(cursor, connection.vendor, trigger)


def _put(cursor: Any, vendor: str, trigger: Trigger) -> None:
    name, table, event, condition, body = trigger
    cursor.execute(_dropped(vendor, trigger))
    head = f"CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW WHEN ({condition})"
    if vendor == "sqlite":
        cursor.execute(f"{head} BEGIN {body} END")
        return
    function = f"generations_{name}"
    cursor.execute(
        f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN {body} RETURN NULL; END $$"
    )
    cursor.execute(f"{head} EXECUTE FUNCTION {function}()")


def drop(connection: Any) -> None:
    """Before a migration of SQLite's: it can't make a table anew that a trigger speaks of."""
    tables = connection.introspection.table_names()
    with connection.cursor() as cursor:
        for trigger in _triggers(connection.vendor):
            if trigger.table in tables:
                cursor.execute(_dropped(connection.vendor, trigger))


def _dropped(vendor: str, trigger: Trigger) -> str:
    on = f" ON {trigger.table}" if vendor == "postgresql" else ""
    return f"DROP TRIGGER IF EXISTS {trigger.name}{on}"


def _triggers(vendor: str) -> list[Trigger]:
    return [*_of_attempts(vendor), *_of_images(vendor), *_of_generations(vendor)]


def _of_attempts(vendor: str) -> list[Trigger]:
    place = ("generation_id", "owner_id", "team_id", "sort_key")
    growths = [_new_less_old(each) for each in (MADE, SPENT, UNPRICED)]
    made, spent, unpriced = growths
    grown = _note(vendor, "NEW", f"{made}, 0, {spent}, {unpriced}")
    new = _note(vendor, "NEW", numbers_of("NEW", kept="0"))
    gone = _note(vendor, "OLD", numbers_of("OLD", sign="-"))
    # What else changes in the same UPDATE is noted by the other trigger, under the new keys.
    there = _note(vendor, "NEW", numbers_of("OLD"))
    return [
        Trigger("usage_attempt_insert", ATTEMPT, "INSERT", COUNTS.format(row="NEW"), new),
        Trigger(
            "usage_attempt_numbers",
            ATTEMPT,
            "UPDATE OF state, slot_count, cost_micros",
            " OR ".join(f"{each} <> 0" for each in growths),
            grown,
        ),
        Trigger(
            "usage_attempt_place",
            ATTEMPT,
            f"UPDATE OF {', '.join(place)}",
            _moved(vendor, *place),
            gone + there,
        ),
        Trigger("usage_attempt_delete", ATTEMPT, "DELETE", "OLD.id IS NOT NULL", gone),
    ]


def _of_images(vendor: str) -> list[Trigger]:
    old, new = HANGS.format(row="OLD"), HANGS.format(row="NEW")
    changed = f"{_moved(vendor, 'attempt_id')} OR {old} <> {new}"
    columns = "attempt_id, trashed_at, is_hidden"
    less, more = _note_kept(vendor, "OLD", "-1"), _note_kept(vendor, "NEW", "1")
    return [
        Trigger("usage_image_insert", IMAGE, "INSERT", new, more),
        Trigger("usage_image_update", IMAGE, f"UPDATE OF {columns}", changed, less + more),
        Trigger("usage_image_delete", IMAGE, "DELETE", old, less),
    ]


def _of_generations(vendor: str) -> list[Trigger]:
    imported = "(OLD.imported_at IS NULL) <> (NEW.imported_at IS NULL)"
    changed = f"{imported} OR OLD.model_id <> NEW.model_id"
    columns = "model_id, imported_at"
    less, more = _note_all(vendor, "OLD", "-"), _note_all(vendor, "NEW", "")
    ours = "OLD.imported_at IS NULL"
    return [
        Trigger(
            "usage_generation_update", GENERATION, f"UPDATE OF {columns}", changed, less + more
        ),
        Trigger("usage_generation_delete", GENERATION, "DELETE", ours, less),
    ]


def _new_less_old(number: str) -> str:
    return f"({number.format(row='NEW')}) - ({number.format(row='OLD')})"


def _moved(vendor: str, *columns: str) -> str:
    return " OR ".join(DIFFERS[vendor].format(f"OLD.{each}", f"NEW.{each}") for each in columns)


def numbers_of(row: str, *, sign: str = "", kept: str = "") -> str:
    """The four of an attempt, or with a minus what takes them away."""
    four = (MADE, kept or KEPT, SPENT, UNPRICED)
    return ", ".join(f"{sign}({each.format(row=row)})" for each in four)


def _keys(vendor: str, row: str, model: str) -> str:
    return KEYS.format(day=DAY[vendor].format(row=row), row=row, model=model)


def _note(vendor: str, row: str, numbers: str) -> str:
    """For an attempt's own trigger."""
    keys = _keys(vendor, row, "run.model_id")
    return NOTE_OWN.format(note=NOTE, keys=keys, numbers=numbers, row=row)


def _note_kept(vendor: str, row: str, difference: str) -> str:
    """For a picture's: it counts where its attempt does."""
    keys, hangs = _keys(vendor, "call", "run.model_id"), HANGS.format(row=row)
    return NOTE_KEPT.format(note=NOTE, keys=keys, difference=difference, row=row, hangs=hangs)


def _note_all(vendor: str, row: str, sign: str) -> str:
    """For a generation's: all of its attempts."""
    keys, numbers = _keys(vendor, "call", f"{row}.model_id"), numbers_of("call", sign=sign)
    return NOTE_ALL.format(note=NOTE, keys=keys, numbers=numbers, row=row)
