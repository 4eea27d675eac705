"""The counters of a row, from three witnesses: the database, the provider's bill, the store."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from generations.storage.base import Store
from tests.faults.database import AttemptRow, Database, ImageRow, is_open_money
from tests.faults.people import Receipt

# What ends an attempt's reservation in the ledger; a refusal may have cost the tokens it read.
ENDINGS: dict[str, list[set[str]]] = {
    "stored": [{"settle"}],
    "charged_unusable": [{"settle"}],
    "rejected_free": [{"release"}, {"settle"}],
    "canceled": [{"release"}],
}
BUDGETS = 2  # each attempt reserves from so many; see template.py


@dataclass(frozen=True)
class Counts:
    """One letter of the specification each; see reliability's fault matrix."""

    prompts: int  # P: acknowledged by HTTP
    billed: int  # B: by the provider's own count
    stored: int  # S
    unknown: int  # U
    unknown_billed: int  # U_b
    unusable: int  # C
    repeated: int  # D: requests beyond an attempt's first
    paid_twice: int  # slots for which the software paid again by itself
    lost: int  # acknowledged, and not in the database
    stuck: int  # neither ended nor explained
    rejected: int
    overrun: int  # O
    unreleased: int  # R: attempts whose money doesn't match their state
    foreign: int  # X: orphan objects, rows without objects, other bytes

    @property
    def explained(self) -> int:
        """V: in a final or an explained state."""
        return self.prompts - self.lost - self.stuck

    @property
    def objects_are_right(self) -> bool:
        return self.foreign == 0

    def broken_rules(self) -> list[str]:
        """The rule of every row, as sentences about what does not hold."""
        accounted = self.stored + self.unknown_billed + self.unusable
        rules = {
            f"{self.repeated} attempts were sent more than once": self.repeated == 0,
            f"{self.paid_twice} slots were paid for twice": self.paid_twice == 0,
            f"{self.billed} billed, {accounted} accounted for": self.billed == accounted,
            f"{self.lost} lost": self.lost == 0,
            f"{self.stuck} stuck": self.stuck == 0,
            f"{self.overrun} grants over a budget": self.overrun == 0,
            f"{self.unreleased} reservations don't match": self.unreleased == 0,
            f"{self.foreign} objects and rows don't match": self.foreign == 0,
        }
        return [sentence for sentence, holds in rules.items() if not holds]


def count(
    database: Database,
    receipts: Iterable[Receipt],
    bill: Mapping[str, Any],
    store: Store,
    *,
    known_sha256: str = "",
) -> Counts:
    """`known_sha256`: what every stored picture must be, where the whole load asked for one."""
    attempts = database.attempts()
    calls: Mapping[str, Any] = bill["by_request_id"]
    states = Counter(attempt.state for attempt in attempts)
    paid = [each for each in attempts if calls.get(each.id, {}).get("billed")]
    acknowledged = [receipt for receipt in receipts if receipt.is_acknowledged]
    return Counts(
        prompts=len(acknowledged),
        billed=bill["billed"],
        stored=states["stored"],
        unknown=states["unknown"],
        unknown_billed=sum(each.state == "unknown" for each in paid),
        unusable=states["charged_unusable"],
        repeated=sum(max(0, call["requests"] - 1) for call in calls.values()),
        paid_twice=_paid_twice(attempts, paid),
        lost=_lost(acknowledged, attempts, database),
        stuck=sum(not each.is_explained for each in attempts),
        rejected=states["rejected_free"],
        overrun=database.overrun_grants(),
        unreleased=_mismatched_money(attempts, database),
        foreign=_mismatched_objects(attempts, database.images(), store, known_sha256),
    )


def _paid_twice(attempts: list[AttemptRow], paid: list[AttemptRow]) -> int:
    """Slots with two bills, and repeats of what wasn't provably free."""
    slots = Counter((each.generation, each.first_slot) for each in paid)
    ends = {each.id: each.state for each in attempts}
    unfounded = sum(
        each.was_sent and each.is_automatic and ends.get(each.previous) != "rejected_free"
        for each in attempts
    )
    return sum(bills - 1 for bills in slots.values()) + unfounded


def _lost(receipts: list[Receipt], attempts: list[AttemptRow], database: Database) -> int:
    """Acknowledged prompts without exactly one generation with an attempt for each slot."""
    generations = database.generations()
    slots: dict[str, set[int]] = {}
    for each in attempts:
        covered = range(each.first_slot, each.first_slot + each.slot_count)
        slots.setdefault(each.generation, set()).update(covered)
    lost = 0
    for receipt in receipts:
        found = generations.get((receipt.person, receipt.token), [])
        is_whole = len(found) == 1 and slots.get(found[0][0]) == set(range(found[0][1]))
        lost += not (is_whole and found[0][0] in receipt.address)
    return lost


def _mismatched_money(attempts: list[AttemptRow], database: Database) -> int:
    """Money that isn't where the states say: held too long, freed twice, counted wrong."""
    ledger = database.ledger()
    wrong = sum(not _is_booked(each, ledger.get(each.id, {})) for each in attempts)
    due = Counter((each.id, is_open_money(each.state)) for each in attempts for _ in range(BUDGETS))
    found = Counter(database.reservations())
    return wrong + (due - found).total() + (found - due).total() + database.wrong_periods()


def _is_booked(attempt: AttemptRow, entries: Mapping[str, int | None]) -> bool:
    """Whether the ledger has the entries of the attempt's state, and no other."""
    if entries.get("reserve", "none") != attempt.reserved_micros:
        return False
    ending = set(entries) - {"reserve"}
    if attempt.state == "unknown":
        return ending == {"hold"}
    # One that was unknown for a while keeps the note of it.
    return ending - {"hold"} in ENDINGS.get(attempt.state, [set()])


def _mismatched_objects(
    attempts: list[AttemptRow], images: list[ImageRow], store: Store, known_sha256: str
) -> int:
    keys = set(store.keys())
    stems = {image.key.rpartition(".")[0] for image in images}
    originals = {image.key for image in images}
    orphans = {key for key in keys - originals if not _belongs(key, stems, attempts)}
    wrong = sum(
        image.key not in keys
        or _sha256(store, image.key) != image.sha256
        or (bool(known_sha256) and image.sha256 != known_sha256)
        for image in images
    )
    with_image = {image.attempt for image in images}
    unpictured = sum(each.state == "stored" and each.id not in with_image for each in attempts)
    return len(orphans) + wrong + unpictured


def _belongs(key: str, stems: set[str], attempts: list[AttemptRow]) -> bool:
    """A size beside its original, or the kept bytes of an answer that could not be used."""
    if key.startswith("quarantine/"):
        return any(each.id in key for each in attempts)
    return key.endswith(".webp") and key.rpartition("-")[0] in stems


def _sha256(store: Store, key: str) -> str:
    digest = hashlib.sha256()
    for piece in store.open(key).chunks:
        digest.update(piece)
    return digest.hexdigest()
