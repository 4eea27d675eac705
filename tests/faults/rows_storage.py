"""The picture store is away, broken, slow, or loses its answers: pictures come later."""

import time
from urllib.parse import urlsplit

from tests.faults.bench import FIXTURE, Bench
from tests.faults.rows import row
from tests.faults.rows_killed import CALM_SECONDS, PROMPT, expect_all_kept, expect_one_object_each
from tests.support.store_front import StoreFront, Trouble

SLOW_BYTES = 10_000
PAGE_SECONDS = 10  # on a shared machine
BY_ADDRESS = "[[as=url]]"


def store_port(bench: Bench) -> int:
    assert bench.s3
    return urlsplit(bench.s3.endpoint_url).port or 0


def through(port: int) -> dict[str, str]:
    return {"S3_ENDPOINT_URL": f"http://127.0.0.1:{port}"}


@row(18, "S3 stopped for a while", store="s3")
def stopped(bench: Bench) -> None:
    """What is answered meanwhile waits in the spool; people's pages work and say so."""
    bench.start()
    bench.submit(PROMPT, count=bench.load // 2)
    bench.servers.seaweed.stop()
    bench.injected = 1
    try:
        bench.submit(PROMPT, count=bench.load - bench.load // 2)
        bench.until(lambda: bench.in_state("received", "stored") == bench.load, 60, "all received")
        expect_pages(bench, bench.long(75))
        bench.expect(bench.in_state("received") > 0, "nothing had to wait for the store")
    finally:
        bench.servers.seaweed.start()
    bench.over()
    bench.wait_for_calm(CALM_SECONDS)
    expect_all_kept(bench)
    expect_one_object_each(bench)


def expect_pages(bench: Bench, seconds: float) -> None:
    """The gallery answers in good time while the store is away."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        began = time.monotonic()
        status = bench.people[0].get("/").status_code
        took = time.monotonic() - began
        bench.expect(
            status == 200 and took < PAGE_SECONDS, f"the gallery said {status} after {took:.1f} s"
        )
        bench.let_pass(1)


@row(19, "S3 answers half of all requests with 500 or 503", store="s3", prompts=30)
def failing_half(bench: Bench) -> None:
    with StoreFront(store_port(bench)) as front:
        front.trouble = Trouble(error_share=0.5)
        bench.start(env=through(front.port))
        bench.submit(PROMPT)
        bench.wait_for_calm(300)
        bench.injected = front.caused
    bench.expect(bench.injected > bench.load, f"only {bench.injected} requests failed")
    expect_all_kept(bench)
    expect_one_object_each(bench)


@row(20, "S3 at 10 kB/s", store="s3", prompts=20)
def slow(bench: Bench) -> None:
    """No lease is lost meanwhile: nobody takes over what is being stored, nothing is unknown."""
    line = bench.proxy(store_port(bench))
    line.line.bytes_per_second = SLOW_BYTES
    bench.start(env=through(line.port))
    bench.submit(PROMPT)
    bench.injected = 1
    bench.let_pass(bench.long(90))
    bench.expect(bench.in_state("received", "stored") == bench.load, "an answer was given up")
    lost = lease_losses(bench)
    bench.expect(lost == 0, f"{lost} lost their lease")
    line.line.bytes_per_second = 0
    bench.over()
    bench.wait_for_calm(CALM_SECONDS)
    expect_all_kept(bench)


def lease_losses(bench: Bench) -> int:
    """Taken over by another while their holder was still at work; putting off isn't that."""
    rows = bench.rows.select("SELECT fence, code FROM generations_attempt")
    return sum(fence > 1 and code != "storage_away" for fence, code in rows)


@row(21, "S3 stores and the answer is lost", store="s3")
def loses_answers(bench: Bench) -> None:
    """The second try finds the same bytes and is content with that."""
    with StoreFront(store_port(bench)) as front:
        front.trouble = Trouble(loses_first_answer=True)
        bench.start(env=through(front.port))
        bench.submit(PROMPT)
        bench.wait_for_calm(240)
        bench.injected = front.caused
    alarms = bench.crew["worker-0"].log_path.read_text().count("other bytes")
    bench.expect(alarms == 0, f"{alarms} alarms about other bytes")
    bench.expect(bench.injected >= bench.load, f"only {bench.injected} answers were lost")
    expect_all_kept(bench)
    expect_one_object_each(bench)


@row(44, "picture's address expires while S3 is slow", store="s3", prompts=20)
def address_expires(bench: Bench) -> None:
    """Downloaded first, stored later: a slow store doesn't cost a picture."""
    line = bench.proxy(store_port(bench))
    line.line.bytes_per_second = SLOW_BYTES
    bench.start(env=through(line.port))
    bench.submit(f"{FIXTURE} {BY_ADDRESS} [[url_expires=5]] a fox number %d")
    bench.injected = 1
    bench.let_pass(bench.long(30) + 5)
    line.line.bytes_per_second = 0
    bench.over()
    bench.wait_for_calm(CALM_SECONDS)
    counts = bench.count()
    bench.expect(counts.unusable == 0, f"{counts.unusable} addresses expired before the download")
    expect_all_kept(bench)
