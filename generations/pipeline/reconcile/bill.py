"""The provider's bill as a CSV file: what it charged, by request."""

import csv
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from uuid import UUID

from generations.models import Attempt

# Headers as compared: small letters and figures alone.
ID_HEADERS = frozenset(
    {"attempt", "attemptid", "requestid", "xrequestid", "clientrequestid", "request", "id"}
)
AMOUNT_HEADERS = (
    *("amountusd", "costusd", "chargeusd", "chargedusd", "priceusd", "totalusd", "usd"),
    *("amount", "cost", "charge", "charged", "price", "total"),
)
# Figures with a point; commas only where they can't be taken for one.
AMOUNT = re.compile(r"-?(?:\d+|\d{1,3}(?:,\d{3})+(?=\.))(?:\.\d+)?|-?\.\d+", re.ASCII)
MOST_USD = 100_000  # for one request; beyond that it is a mistake


class UnreadableBill(Exception):
    """The text says what is missing."""


@dataclass(slots=True)
class Bill:
    """Charges in micro-dollars by request, and the period it is said to hold completely."""

    charges: dict[str, int] = field(default_factory=dict)
    unread_lines: list[int] = field(default_factory=list)
    complete_from: datetime | None = None
    complete_until: datetime | None = None

    def charge_of(self, attempt: Attempt) -> int | None:
        """None: not on it. By the id we sent, else by the one the provider answered with."""
        found = self.charges.get(str(attempt.pk))
        return self.charges.get(attempt.request_id) if found is None else found

    def would_name(self, attempt: Attempt) -> bool:
        """Whether a charge for it would have to be on this bill."""
        if self.complete_until is None or self.unread_lines or attempt.sent_at is None:
            return False
        begin = self.complete_from or datetime.min.replace(tzinfo=UTC)
        return begin <= attempt.sent_at < self.complete_until


@dataclass(frozen=True, slots=True)
class _Columns:
    ids: tuple[int, ...]
    amount: int
    currency: int | None


def read_bill(path: Path) -> Bill:
    """Lines of one request are added up; a line that can't be read is noted, never guessed."""
    bill = Bill()
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            header = file.readline()
            delimiter = max(",;\t", key=header.count)
            columns = _columns(next(csv.reader([header], delimiter=delimiter), []))
            rows = csv.reader(file, delimiter=delimiter)
            for row in rows:
                if any(cell.strip() for cell in row) and not _is_added(bill, row, columns):
                    bill.unread_lines.append(rows.line_num + 1)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnreadableBill(f"{path} can't be read: {error}") from error
    return bill


def _columns(header: list[str]) -> _Columns:
    names = [re.sub(r"[^a-z0-9]", "", cell.lower()) for cell in header]
    ids = tuple(place for place, name in enumerate(names) if name in ID_HEADERS)
    amounts = [names.index(name) for name in AMOUNT_HEADERS if name in names]
    if not ids or not amounts:
        raise UnreadableBill(
            "The bill's first line must name a column with the request's id (request_id, attempt)"
            " and one with the amount in US dollars (amount, cost)."
        )
    return _Columns(ids, amounts[0], names.index("currency") if "currency" in names else None)


def _is_added(bill: Bill, row: list[str], columns: _Columns) -> bool:
    cells = dict(enumerate(cell.strip() for cell in row))
    names = {_request_name(cells[place]) for place in columns.ids if cells.get(place)}
    micros = _micros(cells.get(columns.amount, ""))
    currency = cells.get(-1 if columns.currency is None else columns.currency, "")
    if not names or micros is None or currency.upper() not in ("", "USD", "$"):
        return False
    for name in names:
        bill.charges[name] = bill.charges.get(name, 0) + micros
    return True


def _request_name(text: str) -> str:
    """Our own ids in the one form we compare; the provider's as they are."""
    try:
        return str(UUID(text))
    except ValueError:
        return text


def _micros(text: str) -> int | None:
    """ "$0.04", "0.04 USD", "1,204.50"; what could mean two amounts means none."""
    bare = re.sub(r"^(-?)\s*(?:USD|\$)\s*|\s*(?:USD|\$)$", r"\1", text, flags=re.IGNORECASE)
    if not AMOUNT.fullmatch(bare):
        return None
    usd = Decimal(bare.replace(",", ""))
    if abs(usd) > MOST_USD:
        return None
    return int((usd * 1_000_000).to_integral_value(ROUND_HALF_UP))
