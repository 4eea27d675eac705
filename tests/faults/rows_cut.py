"""Database connections that break while "sent" is being committed."""

from urllib.parse import urlsplit, urlunsplit

from tests.faults.bench import FIXTURE, Bench
from tests.faults.proxy import Proxy
from tests.faults.rows import row
from tests.faults.rows_killed import CALM_SECONDS

CUTS = 80
BETWEEN_SECONDS = 0.15


def through(line: Proxy, address: str) -> str:
    """The database's address, with the proxy in front of it."""
    parts = urlsplit(address)
    host = f"{parts.username}:{parts.password}@127.0.0.1:{line.port}"
    return urlunsplit(parts._replace(netloc=host))


@row(16, "database connections cut while “sent” is committed")
def cut_at_the_commit(bench: Bench) -> None:
    line = bench.proxy(urlsplit(bench.database_url).port or 5432)
    bench.start(workers=0)
    bench.start_workers(2, env={"DATABASE_URL": through(line, bench.database_url)})
    submitted = bench.submit_meanwhile(f"{FIXTURE} [[slow=0.3]] a fox number %d")
    for _ in range(bench.load if bench.is_short else CUTS):
        bench.let_pass(BETWEEN_SECONDS)
        line.cut_all()
        bench.injected += 1
    submitted.join()
    bench.over()
    bench.wait_for_calm(CALM_SECONDS)
    slots = {each.generation for each in bench.rows.attempts() if each.state in ANSWERED}
    bench.expect(len(slots) == bench.load, f"{len(slots)} of {bench.load} kept or unknown")


ANSWERED = ("stored", "unknown", "resolved_free")
