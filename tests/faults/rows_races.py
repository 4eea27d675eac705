"""Many at once for the same thing."""

import re
import subprocess
import threading

from tests.faults.bench import FIXTURE, Bench
from tests.faults.crew import launcher
from tests.faults.people import Receipt
from tests.faults.rows import row
from tests.faults.rows_killed import CALM_SECONDS, PROMPT, expect_all_kept
from tests.support.stack import BASE_DIR

RACERS = 16
POSTS = 40


@row(36, "16 workers race for 20 rows", prompts=20)
def claims_race(bench: Bench) -> None:
    bench.start(workers=0, beats=0)
    bench.submit(PROMPT)
    bench.redis.flush()
    race = subprocess.run(
        launcher("racer", f"{RACERS}"),
        cwd=BASE_DIR,
        env=bench.env,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        timeout=120,
    )
    claims = race.stdout.split()
    rows = sorted(attempt.id for attempt in bench.rows.attempts())
    bench.expect(sorted(claims) == rows, f"{len(claims)} claims of {len(rows)} rows")
    bench.injected = RACERS
    bench.over()
    bench.add_background(workers=2)  # the racers are dead: their claims run out
    bench.wait_for_calm(CALM_SECONDS)
    expect_all_kept(bench)


@row(37, "40 parallel posts of one form, then back and once more", prompts=1)
def one_form_often(bench: Bench) -> None:
    bench.start()
    person = bench.people[0]
    token = submit_token_of(person.get("/").text)
    receipts = [Receipt(token, person.name) for _ in range(POSTS)]
    barrier = threading.Barrier(POSTS)
    prompt = f"{FIXTURE} one fox"

    def press(receipt: Receipt) -> None:
        barrier.wait(30)
        person.press(receipt, prompt)

    threads = [threading.Thread(target=press, args=(receipt,)) for receipt in receipts]
    for thread in threads:
        thread.start()
    bench.until(lambda: not any(each.is_alive() for each in threads), 60, "all were answered")
    bench.wait_for_calm(CALM_SECONDS)
    again = Receipt(token, person.name)
    person.press(again, prompt)
    addresses = {receipt.address for receipt in [*receipts, again]}
    bench.expect(len(addresses) == 1 and addresses != {""}, f"{len(addresses)} answers")
    bench.receipts.append(again)
    bench.injected = POSTS
    bench.wait_for_calm(CALM_SECONDS)
    expect_all_kept(bench)
    counts = bench.count()
    bench.expect(counts.billed == 1, f"{counts.billed} billed")


def submit_token_of(page: str) -> str:
    found = re.search(r'name="submit_token"[^>]* value="([^"]+)"', page)
    assert found
    return found[1]
