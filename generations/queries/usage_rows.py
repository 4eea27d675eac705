"""The tables of a usage page: by model, and by person and model, the dearest first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from generations.models import CatalogModel, User
from generations.queries.usage import Sums

MOST_ROWS = 100


@dataclass(frozen=True, slots=True)
class Row:
    """One line; `share` of the most that one of them cost, for a bar of a hundred."""

    name: str
    sums: Sums
    share: float
    person: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """The dearest rows, and how many more there are."""

    rows: Sequence[Row]
    more: int = 0

    @property
    def more_text(self) -> str:
        return f"{self.more:,} more in the CSV file" if self.more else ""


def table_by_model(sums: Mapping[str, Sums]) -> Table:
    names = model_names(sums)
    return _table([(names[model], "", each) for model, each in sums.items()])


def table_by_person(sums: Mapping[tuple[int, str], Sums]) -> Table:
    """Each person's models."""
    people, names = usernames(owner for owner, _ in sums), model_names(model for _, model in sums)
    return _table([(names[model], people[owner], each) for (owner, model), each in sums.items()])


def _table(named: Sequence[tuple[str, str, Sums]]) -> Table:
    dearest = sorted(named, key=lambda row: (-row[2].spent_micros, -row[2].made, row[:2]))
    most = dearest[0][2].spent_micros if dearest else 0
    rows = [
        Row(name, each, round(each.spent_micros * 100 / most, 1) if most else 0, person)
        for name, person, each in dearest[:MOST_ROWS]
    ]
    return Table(rows, len(dearest) - len(rows))


def model_names(model_ids: Iterable[str]) -> dict[str, str]:
    """What people call them; a model that is gone keeps its id."""
    wanted = set(model_ids)
    rows = CatalogModel.objects.filter(model_id__in=wanted)
    return {each: each for each in wanted} | dict(rows.values_list("model_id", "name"))


def usernames(owner_ids: Iterable[int]) -> dict[int, str]:
    return dict(User.objects.filter(pk__in=set(owner_ids)).values_list("pk", "username"))
