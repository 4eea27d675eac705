"""The decoding child: what it may do, how it dies, and that nobody else suffers."""

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from generations.imaging import keeper
from generations.imaging.derive import Deriver, Undecodable
from tests.imaging.pictures import bomb, encoded, noise, quarters

ROOT = Path(__file__).resolve().parents[2]


def children() -> list[psutil.Process]:
    found = []
    for process in psutil.Process().children():
        try:
            if "generations.imaging.child" in process.cmdline():
                found.append(process)
        except psutil.Error:
            continue
    return found


def wait_for(condition, seconds=15.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.02)


@pytest.fixture
def original(tmp_path) -> Path:
    path = tmp_path / "original"
    path.write_bytes(encoded(quarters(), "PNG"))
    return path


@pytest.fixture
def make(request):
    """Derivers that are closed at the end; their children are the only new ones."""

    def make(**options) -> Deriver:
        made = Deriver(**options)
        request.addfinalizer(made.close)
        return made

    return make


@pytest.fixture
def only(request):
    """The one child of this test's deriver."""
    before = {process.pid for process in children()}

    def only() -> psutil.Process:
        (process,) = [one for one in children() if one.pid not in before]
        return process

    return only


def test_no_child_before_the_first_picture(make, only, original):
    deriver = make()
    with pytest.raises(ValueError, match="not enough values"):
        only()
    deriver.derive(original)
    assert only().is_running()


def test_one_child_serves_many_pictures_and_threads(make, only, original):
    deriver = make()
    pids, done = set(), []
    for _ in range(5):
        thread = threading.Thread(target=lambda: done.append(deriver.derive(original)))
        thread.start()
        thread.join()
        pids.add(only().pid)
    assert len(pids) == 1
    assert [[file.edge for file in derived.files] for derived in done] == [[320, 640]] * 5


def test_the_child_is_bounded_and_knows_no_secrets(make, only, original, monkeypatch):
    monkeypatch.setenv("MESH_API_KEY", "rsk_canary")
    monkeypatch.setenv("SECRET_KEY", "canary")
    make(memory_mb=700).derive(original)
    child = only()
    assert child.rlimit(psutil.RLIMIT_AS) == (700 * 1024 * 1024,) * 2
    assert child.rlimit(psutil.RLIMIT_FSIZE) == (0, 0)
    assert child.rlimit(psutil.RLIMIT_CORE) == (0, 0)
    used = sum(child.cpu_times()[:2])
    assert child.rlimit(psutil.RLIMIT_CPU)[0] <= used + 32
    known = {*keeper.PASSED_ON, *keeper.ALLOCATOR, "PYTHONPATH", "LC_CTYPE"}
    assert set(child.environ()) <= known
    assert child.cwd() == "/"


def test_the_child_loads_pillow_and_no_django():
    code = (
        "import sys, generations.imaging.child;"
        "print([name for name in ('PIL', 'django', 'celery', 'httpx') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout == "['PIL']\n"


def test_a_child_killed_midway_costs_one_picture(make, only, original):
    deriver = make()
    deriver.derive(original)
    child = only()
    child.suspend()
    with ThreadPoolExecutor(2) as pool:
        hit = pool.submit(deriver.derive, original)
        time.sleep(0.3)
        behind = pool.submit(deriver.derive, original)
        time.sleep(0.1)
        child.send_signal(signal.SIGKILL)
        with pytest.raises(Undecodable) as caught:
            hit.result(timeout=20)
        assert behind.result(timeout=20).width == 400
    assert caught.value.problem == "too_costly"
    assert only().pid != child.pid


def test_a_child_that_hangs_is_killed_at_the_limit(make, only, original):
    deriver = make(seconds=2)
    deriver.derive(original)
    child = only()
    child.suspend()
    began = time.monotonic()
    with pytest.raises(Undecodable) as caught:
        deriver.derive(original)
    assert caught.value.problem == "too_costly"
    assert 1.9 < time.monotonic() - began < 12
    wait_for(lambda: not child.is_running())
    assert deriver.derive(original).width == 400


def test_a_child_killed_while_it_rests_costs_nothing(make, only, original):
    deriver = make()
    deriver.derive(original)
    child = only()
    child.kill()
    wait_for(lambda: child.status() == psutil.STATUS_ZOMBIE)
    assert deriver.derive(original).width == 400


def test_a_picture_that_needs_too_much_memory_is_too_costly(make, original, tmp_path):
    big = tmp_path / "big"
    big.write_bytes(bomb(6_000))
    deriver = make(memory_mb=150)
    with pytest.raises(Undecodable) as caught:
        deriver.derive(big)
    assert caught.value.problem == "too_costly"
    assert deriver.derive(original).width == 400


def test_a_picture_that_needs_too_much_cpu_is_too_costly(make, original, tmp_path):
    big = tmp_path / "big"
    big.write_bytes(encoded(noise(2500, 2500), "WEBP", lossless=True, method=0))
    deriver = make(seconds=0.1)
    with pytest.raises(Undecodable) as caught:
        deriver.derive(big)
    assert caught.value.problem == "too_costly"


def test_an_idle_child_ends_and_comes_back(make, only, original):
    deriver = make(idle_seconds=0.2)
    deriver.derive(original)
    child = only()
    wait_for(lambda: not child.is_running())
    assert deriver.derive(original).width == 400


def test_thirty_threads_at_once_are_all_served(make, only, tmp_path):
    originals = []
    for number in range(30):
        originals.append(tmp_path / f"original-{number}")
        originals[-1].write_bytes(encoded(noise(300 + number, 200, seed=number), "PNG"))
    deriver = make(children=1)
    most = []

    def one(path: Path) -> tuple[int, int]:
        derived = deriver.derive(path)
        most.append(only().pid)
        return derived.width, derived.files[1].width

    with ThreadPoolExecutor(30) as pool:
        widths = list(pool.map(one, originals))
    assert widths == [(300 + number, 300 + number) for number in range(30)]
    assert len(set(most)) == 1


def test_two_children_work_side_by_side(make, original):
    before = len(children())
    deriver = make(children=2)
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda _: deriver.derive(original), range(24)))
    assert len(done) == 24
    assert len(children()) - before in {1, 2}


def test_close_ends_the_child_and_is_final(only, original):
    deriver = Deriver()
    deriver.derive(original)
    child = only()
    deriver.close()
    assert not child.is_running()
    with pytest.raises(RuntimeError, match="closed"):
        deriver.derive(original)


def test_the_child_dies_with_its_parent(original):
    code = (
        "import os, pathlib, time, psutil\n"
        "from generations.imaging.derive import Deriver\n"
        f"Deriver().derive(pathlib.Path({str(original)!r}))\n"
        "print(psutil.Process().children()[0].pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as parent:
        child = psutil.Process(int(parent.stdout.readline()))
        child.suspend()  # even if it could not notice by itself
        parent.kill()
    wait_for(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)


def test_after_a_fork_the_new_process_has_its_own(make, original):
    deriver = make()
    deriver.derive(original)
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            code = 0 if deriver.derive(original).width == 400 else 2
            deriver.close()
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert deriver.derive(original).width == 400


GOOD = (
    '{"width":400,"height":200,"color":"#112233","placeholder":"",'
    '"pictures":[{"edge":320,"size":4},{"edge":640,"size":4}]}'
)


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ("not json\\n", "too_costly"),
        ("[]\\n", "too_costly"),
        ("x" * 100_000 + "\\n", "too_costly"),
        ('{"pictures": 1}\\n', "too_costly"),
        ('{"pictures": [{"size": 99999999}]}\\n', "too_costly"),
        (GOOD + "\\n" + "too many bytes", "too_costly"),
        (GOOD + "\\nRIFFRIFF", "damaged"),
        (GOOD.replace("400", "401") + "\\nRIFFRIFF", "damaged"),
        (GOOD.replace(":4}", ":-4}") + "\\n", "damaged"),
        ("{}\\n", "damaged"),
        ('{"problem": "damaged"}\\n', "damaged"),
        ('{"problem": "too_many_pixels"}\\n', "too_many_pixels"),
        ('{"problem": "<script>"}\\n', "too_costly"),
        ('{"problem": ["list"]}\\n', "too_costly"),
        ("", "too_costly"),
    ],
)
def test_a_child_that_lies_is_not_believed(make, original, tmp_path, monkeypatch, answer, problem):
    liar = tmp_path / "liar.py"
    liar.write_text(f"import sys\nsys.stdin.readline()\nsys.stdout.write('{answer}')\n")
    monkeypatch.setattr(keeper, "COMMAND", (sys.executable, str(liar)))
    with pytest.raises(Undecodable) as caught:
        make().derive(original)
    assert caught.value.problem == problem
