"""The database restarts, goes away, or has no connection left; SQLite under many writers."""

import psycopg

from tests.faults.bench import FIXTURE, Bench
from tests.faults.rows import row
from tests.faults.rows_killed import CALM_SECONDS, PROMPT, expect_all_kept


@row(14, "PostgreSQL restarted at once, three times under load")
def restarted(bench: Bench) -> None:
    bench.start(workers=2)
    submitted = bench.submit_meanwhile(PROMPT, threads=4)
    for _ in range(3):
        bench.let_pass(1.5)
        bench.servers.postgres.stop()
        if not bench.injected and not bench.is_short:  # the answer takes the pool's ten seconds
            seen = bench.people[0].get("/").status_code
            bench.expect(seen == 503, f"without the database the gallery answers {seen}")
        bench.servers.postgres.start()
        bench.injected += 1
    bench.over()
    submitted.join()
    bench.wait_for_calm(CALM_SECONDS)
    counts = bench.count()
    kept = counts.stored + counts.unknown
    bench.expect(kept == bench.load, f"{kept} of {bench.load} kept or unknown")
    expect_retry_page(bench)


def expect_retry_page(bench: Bench) -> None:
    """Whatever a person met on the way is the page that asks to try again, never a bare error."""
    met = {status for receipt in bench.receipts for status in receipt.statuses}
    bench.expect(met <= {303, 503}, f"people met {sorted(met)}")


@row(15, "PostgreSQL down for 60 s while answers arrive")
def down_while_answers_arrive(bench: Bench) -> None:
    bench.start(env={"MESH_SILENCE_SECONDS": "30"})
    bench.submit(f"{FIXTURE} [[slow={6 if bench.is_short else 12}]] a fox %d", threads=16)
    bench.until(lambda: billed(bench) == bench.load, 60, "all were sent")
    bench.servers.postgres.stop()
    bench.until(lambda: at_work(bench) == 0, 60, "all were answered")
    bench.let_pass(bench.long(60))
    bench.servers.postgres.start()
    bench.injected = 1
    bench.over()
    bench.wait_for_calm(CALM_SECONDS)
    seconds = bench.seconds_to_recover
    bench.expect(seconds <= 45, f"{seconds:.0f} s until the database's return was noticed")
    expect_all_kept(bench)


def billed(bench: Bench) -> int:
    return int(bench.servers.sandbox.ledger()["billed"])


def at_work(bench: Bench) -> int:
    """Requests that the provider still works on or sends the answer of."""
    calls = bench.servers.sandbox.ledger()["by_request_id"].values()
    return sum(call["state"] in {"received", "working"} for call in calls)


@row(17, "SQLite with 8 workers and 50 people submitting", database="sqlite")
def many_writers(bench: Bench) -> None:
    bench.start(workers=3 if bench.is_short else 8)
    bench.submit(PROMPT, threads=50)
    bench.injected = 1
    bench.wait_for_calm(CALM_SECONDS)
    errors = bench.server_errors()
    bench.expect(errors == 0, f"people met {errors} server errors")
    expect_all_kept(bench)


@row(48, "PostgreSQL has ten connections for everybody")
def few_connections(bench: Bench) -> None:
    ordinary = ordinary_role(bench)
    bench.servers.postgres.stop()
    bench.servers.postgres.start("max_connections=12", "superuser_reserved_connections=2")
    try:
        bench.start(workers=2, env={"DATABASE_URL": ordinary})
        bench.submit(PROMPT, threads=16)
        bench.injected = 1
        bench.wait_for_calm(CALM_SECONDS)
        expect_all_kept(bench)
    finally:
        bench.servers.postgres.stop()
        bench.servers.postgres.start()


def ordinary_role(bench: Bench) -> str:
    """The database's address for a role that can't have the connections kept for us."""
    name = bench.database_url.rpartition("/")[2]
    with psycopg.connect(bench.database_url, autocommit=True) as connection:
        for statement in (
            f"CREATE ROLE {name} LOGIN PASSWORD 'ordinary'",
            f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {name}",
            f"GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {name}",
        ):
            connection.execute(statement.encode())
    return f"postgresql://{name}:ordinary@127.0.0.1:{bench.servers.postgres.port}/{name}"
