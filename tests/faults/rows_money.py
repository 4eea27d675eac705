"""Money under races: a budget that many want at once, a cancel that meets the sending."""

import random
import subprocess
import threading
import time

from tests.faults.bench import FIXTURE, Bench
from tests.faults.crew import launcher
from tests.faults.people import Receipt
from tests.faults.rows import row
from tests.faults.rows_killed import CALM_SECONDS
from tests.support.stack import BASE_DIR

SUBMISSIONS = 200
ROOM = 37
PRICE_MICROS = 42_000
CANCELS = 500


def at_the_desk(bench: Bench, *words: str) -> None:
    """What an operator does."""
    subprocess.run(launcher("desk", *words), cwd=BASE_DIR, env=bench.env, check=True, timeout=60)


@row(42, "200 at once against a budget for 37", prompts=ROOM)
def budget_race(bench: Bench) -> None:
    at_the_desk(bench, "micros", f"{ROOM * PRICE_MICROS + PRICE_MICROS - 1}")
    race_for_the_budget(bench)


@row(53, "200 at once against a budget for 37, on SQLite", database="sqlite", prompts=ROOM)
def budget_race_on_sqlite(bench: Bench) -> None:
    at_the_desk(bench, "pictures", f"{ROOM}")
    race_for_the_budget(bench)


def race_for_the_budget(bench: Bench) -> None:
    bench.start()
    receipts = press_at_once(bench, SUBMISSIONS)
    bench.injected = SUBMISSIONS
    bench.receipts += [receipt for receipt in receipts if receipt.is_acknowledged]
    bench.wait_for_calm(CALM_SECONDS)
    statuses = [receipt.statuses[0] for receipt in receipts]
    met = {status: statuses.count(status) for status in set(statuses)}
    bench.expect(met == {303: ROOM, 422: SUBMISSIONS - ROOM}, f"people met {met}")
    counts = bench.count()
    bench.expect(counts.stored == ROOM, f"{counts.stored} kept")


def press_at_once(bench: Bench, count: int) -> list[Receipt]:
    """One person's forms, each with a token of its own, all posted in the same moment."""
    person = bench.people[0]
    receipts = [Receipt(f"race-number-{number}", person.name) for number in range(count)]
    barrier = threading.Barrier(count)

    def press(number: int, receipt: Receipt) -> None:
        barrier.wait(60)
        person.press(receipt, f"{FIXTURE} fox {number}")

    threads = [threading.Thread(target=press, args=each) for each in enumerate(receipts)]
    for thread in threads:
        thread.start()
    bench.until(lambda: not any(each.is_alive() for each in threads), 120, "all were answered")
    return receipts


@row(43, "cancel races the sending", prompts=CANCELS)
def cancel_race(bench: Bench) -> None:
    bench.start(workers=2)
    person = bench.people[0]

    def submit_and_cancel(numbers: range) -> None:
        for number in numbers:
            receipt = person.submit(f"{FIXTURE} [[slow=0.1]] fox {number}")
            bench.receipts.append(receipt)
            time.sleep(random.uniform(0, 0.4))
            person.post(f"{receipt.address}cancel/", {})

    crowd = 8
    threads = [
        threading.Thread(target=submit_and_cancel, args=(range(first, bench.load, crowd),))
        for first in range(crowd)
    ]
    for thread in threads:
        thread.start()
    bench.until(lambda: not any(each.is_alive() for each in threads), 300, "all were canceled")
    bench.submitted_at = time.monotonic()
    bench.injected = bench.load
    bench.wait_for_calm(CALM_SECONDS)
    calls = bench.servers.sandbox.ledger()["by_request_id"]
    canceled = [each for each in bench.rows.attempts() if each.state == "canceled"]
    both = sum(each.id in calls for each in canceled)
    bench.expect(both == 0, f"{both} canceled and sent")
    bench.expect(0 < len(canceled) < bench.load, f"{len(canceled)} canceled: there was no race")
    counts = bench.count()
    whole = counts.stored + len(canceled)
    bench.expect(whole == bench.load, f"{whole} kept or canceled")
