"""The fault bench: real processes, real servers, real faults, and every prompt counted afterwards.

`make faults` runs all rows and writes docs/faults.md; `make faults ROWS="3 18" RUNS=5` some, more
often; `make soak` the long one. `pytest tests/faults` runs the short form.

How to write a row
------------------
Rows are small functions in modules named `rows_*.py` here; a new module needs no registration::

    from tests.faults.bench import FIXTURE, Bench
    from tests.faults.rows import row

    @row(25, "upstream resets after the request", store="s3")
    def upstream_resets(bench: Bench) -> None:
        bench.start()                                   # web, worker, beat; see Bench.start
        bench.submit(f"{FIXTURE} [[rst=request]]")      # bench.load prompts, through the web form
        bench.wait_for_calm(60)                         # every attempt in an end state
        counts = bench.count()
        bench.expect(counts.unknown == bench.load, f"unknown is {counts.unknown}")

The common rule (D = 0, B = S + U_b + C, P = V, O = 0, R = 0, X = 0) is checked after every row by
itself, and `manage.py audit` must find nothing; `bench.expect` is for the row's own number.
`row(…, database="sqlite" | "postgres", store="files" | "s3", prompts=60, env={…})` chooses the
surroundings; leases are 2 s and the sweep 1 s unless `env` says otherwise. A row has its own
database, Redis, bucket and VAR_DIR; PostgreSQL, SeaweedFS and the sandbox are shared by all rows,
so a row that stops one starts it again.

What a row has in its hands
---------------------------
- `bench.load`: prompts to submit, fewer in the short form. `bench.long(120)`: seconds of a long
  outage, a few in the short form.
- `bench.crew`: the processes by name. `crew["worker-0"].kill()`, `.pause()`, `.resume()`,
  `.terminate()`, `.start()`; one with `keeps_alive` is started again when it ends.
- `bench.submit(prompt, count=…, threads=…)` returns when all are acknowledged; `submit_meanwhile`
  returns at once, `.join()` later. `%d` in the prompt becomes the prompt's number.
- `bench.until(condition, seconds)`: every wait goes through it, because it also tends the crew.
- `bench.redis`, `bench.servers.postgres`, `bench.servers.seaweed`, `bench.servers.sandbox`: stop,
  start, flush. `bench.proxy(port)`: a TCP proxy to a port of loopback (`proxy.py`), made before
  `bench.start(env={…})` so that a part can be pointed at it.
- `bench.over()`: from here on the seconds to recover count (else from the end of submitting).
- `bench.injected += 1`: how often the fault was caused, for the table.
- `bench.rows.attempts()`: what the database says now, past the product's code.
- Kill points: `bench.start(kill=KillAt("spooled", every=4, times=6))`, see `worker.py`.
"""
