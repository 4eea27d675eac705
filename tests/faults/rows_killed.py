"""A worker or the web server is killed at each point where it could hurt."""

import contextlib

import psutil

from tests.faults.bench import FIXTURE, Bench, KillAt
from tests.faults.crew import launcher
from tests.faults.rows import row

PROMPT = f"{FIXTURE} [[slow=0.2]] a fox number %d"
CALM_SECONDS = 90.0


def killed_at(bench: Bench, point: str) -> int:
    """How many workers died at this point, each with exactly one picture in its hands."""
    bench.start(workers=2, kill=KillAt(point, times=max(2, bench.load // 10)))
    bench.submit(PROMPT)
    bench.wait_for_calm(CALM_SECONDS)
    bench.injected = bench.deaths()
    bench.expect(bench.injected > 1, f"only {bench.injected} workers were killed")
    return bench.injected


def expect_all_kept(bench: Bench) -> None:
    counts = bench.count()
    bench.expect(counts.stored == bench.load, f"{counts.stored} of {bench.load} kept")
    bench.expect(counts.unknown == 0, f"{counts.unknown} unknown")


def expect_killed_unknown(bench: Bench, kills: int) -> None:
    counts = bench.count()
    bench.expect(counts.unknown == kills, f"{counts.unknown} unknown after {kills} kills")
    bench.expect(counts.stored == bench.load - kills, f"{counts.stored} kept")


@row(1, "worker killed after the claim")
def after_claim(bench: Bench) -> None:
    killed_at(bench, "claimed")
    expect_all_kept(bench)


@row(2, "worker killed after connecting, before sending", database="sqlite")
def before_sending(bench: Bench) -> None:
    killed_at(bench, "connected")
    expect_all_kept(bench)


@row(3, "worker killed in flight")
def in_flight(bench: Bench) -> None:
    expect_killed_unknown(bench, killed_at(bench, "in_flight"))
    counts = bench.count()
    bench.expect(counts.unknown_billed == counts.unknown, "an unknown one was not billed")


@row(49, "worker killed after “sent” was committed, before the first byte")
def before_first_byte(bench: Bench) -> None:
    expect_killed_unknown(bench, killed_at(bench, "sending_committed"))
    counts = bench.count()
    bench.expect(counts.unknown_billed == 0, "what was never sent was billed")


@row(4, "worker killed in the middle of the body")
def mid_body(bench: Bench) -> None:
    expect_killed_unknown(bench, killed_at(bench, "mid_body"))


@row(50, "worker killed with the whole body in its part file")
def part_whole(bench: Bench) -> None:
    killed_at(bench, "part_whole")
    expect_all_kept(bench)


@row(5, "worker killed between fsync and commit", database="sqlite")
def spooled(bench: Bench) -> None:
    killed_at(bench, "spooled")
    expect_all_kept(bench)


@row(51, "worker killed after “received” was committed")
def received(bench: Bench) -> None:
    killed_at(bench, "received")
    expect_all_kept(bench)


@row(6, "worker killed in the upload", store="s3")
def mid_upload(bench: Bench) -> None:
    killed_at(bench, "mid_upload")
    expect_all_kept(bench)
    expect_one_object_each(bench)


@row(7, "worker killed between upload and commit", store="s3")
def uploaded(bench: Bench) -> None:
    killed_at(bench, "uploaded")
    expect_all_kept(bench)
    expect_one_object_each(bench)


def expect_one_object_each(bench: Bench) -> None:
    keys = list(bench.store.keys())
    originals = sum(key.endswith(".png") for key in keys)
    bench.expect(originals == bench.load, f"{originals} originals in the store")


@row(52, "worker killed after the last commit")
def stored(bench: Bench) -> None:
    killed_at(bench, "stored")
    expect_all_kept(bench)


@row(8, "only the decoding child killed")
def decoding_child(bench: Bench) -> None:
    """Our worker's pool is threads; its only child is the one that decodes."""
    bench.start()
    submitted = bench.submit_meanwhile(PROMPT)
    while not (submitted.is_over and bench.is_calm()) and bench.injected < bench.load // 6:
        bench.let_pass(0.3)
        bench.injected += kill_children(bench.crew["worker-0"].pid)
    submitted.join()
    bench.wait_for_calm(CALM_SECONDS)
    bench.expect(bench.injected > 0, "no child was ever there")
    bench.expect(bench.crew["worker-0"].ends == [], "the worker died with its child")
    expect_all_kept(bench)


def kill_children(pid: int) -> int:
    killed = 0
    for child in psutil.Process(pid).children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            child.kill()
            killed += 1
    return killed


@row(9, "web server killed between commit and ring")
def web_before_ring(bench: Bench) -> None:
    """Each death takes the whole server; people press the button again with the same token."""
    times = max(2, bench.load // 15)
    every = max(3, bench.load // 12)
    kill = {"KILL_EVERY": f"{every}", "KILL_TIMES": f"{times}", "KILL_DIR": str(bench.kill_dir)}
    bench.add("web", launcher("web"), env=kill)
    bench.add_background()
    bench.let_people_in()
    bench.submit(PROMPT)
    bench.over()
    bench.wait_for_calm(CALM_SECONDS)
    bench.injected = bench.deaths()
    bench.expect(bench.injected == times, f"{bench.injected} of {times} deaths")
    bench.expect(bench.seconds_to_recover <= 25, "the lost rings were noticed too late")
    expect_all_kept(bench)
