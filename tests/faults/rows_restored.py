"""Lost disks and old backups."""

import shutil

from tests.faults.bench import FIXTURE, Bench, KillAt
from tests.faults.rows import row
from tests.faults.rows_killed import CALM_SECONDS, PROMPT, expect_all_kept
from tests.faults.rows_money import at_the_desk


@row(45, "host lost with its spool, after the answers came", store="s3")
def host_lost(bench: Bench) -> None:
    kill = KillAt("received", every=2, times=max(2, bench.load // 10))
    bench.start(workers=2, kill=kill, env={"HOST_AS": "lost-host"})
    submitted = bench.submit_meanwhile(PROMPT)
    bench.until(lambda: bench.deaths() == kill.times, CALM_SECONDS, "workers died")
    for part in bench.crew.named("worker"):
        part.end()
    bench.injected = bench.deaths()
    submitted.join()
    elsewhere = bench.var_dir.with_name("another-host")
    shutil.rmtree(bench.var_dir / "spool")
    shutil.copytree(bench.var_dir, elsewhere)
    bench.over()
    bench.start_workers(2, env={"VAR_DIR": str(elsewhere)})
    bench.wait_for_calm(CALM_SECONDS)
    counts = bench.count()
    in_flight = counts.unknown  # sent when the others were ended
    bench.expect(counts.stored == bench.load - in_flight, f"{counts.stored} kept")
    bench.expect(in_flight <= 2, f"{in_flight} unknown")


@row(46, "database restored from before anything was sent", database="sqlite", prompts=20)
def restored(bench: Bench) -> None:
    bench.start(workers=0)
    bench.submit(f"{FIXTURE} a fox number %d")
    end_all(bench)
    files = list(bench.var_dir.glob("meshgallery.sqlite3*"))
    backup = bench.var_dir / "backup"
    backup.mkdir()
    for path in files:
        shutil.copy2(path, backup)
    bench.add_background()
    bench.wait_for_calm(CALM_SECONDS)
    expect_all_kept(bench)
    end_all(bench)
    for path in bench.var_dir.glob("meshgallery.sqlite3*"):
        path.unlink()
    for path in backup.iterdir():
        shutil.copy2(path, bench.var_dir)
    bench.injected = bench.load
    bench.add_background()
    bench.until(lambda: bench.in_state("held") == bench.load, 60, "all wait for somebody to look")
    at_the_desk(bench, "open")
    bench.over()
    bench.wait_for_calm(CALM_SECONDS)
    expect_all_kept(bench)
    calls = bench.servers.sandbox.ledger()["requests"]
    bench.expect(calls == bench.load, f"{calls} requests for {bench.load} prompts")


def end_all(bench: Bench) -> None:
    for part in bench.crew.values():
        part.end()
