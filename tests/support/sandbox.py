"""The sandbox as a real process on a free port."""

import json
import subprocess
import sys
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any

BASE_DIR = Path(__file__).resolve().parents[2]


class Sandbox:
    """Starts on entering, ends on leaving. `ledger()` is what it counted."""

    def __init__(self, *, speed: float = 1000) -> None:
        self.speed = speed
        self.url = ""

    def __enter__(self) -> "Sandbox":
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "generations.sandbox",
                "--port",
                "0",
                "--speed",
                f"{self.speed}",
            ],
            cwd=BASE_DIR,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self._process.stdout
        line = self._process.stdout.readline()
        assert "listening on" in line, line
        self.url = line.split()[-1].rstrip("/")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(5)

    def ledger(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.url}/_sandbox/ledger", timeout=5) as answer:
            return json.load(answer)

    def order(self, *, request_id: str, prompt: str = "a fox [[fixture=500kB]]") -> None:
        """A paid request as anybody could send it, under this id."""
        request = urllib.request.Request(
            f"{self.url}/v1/images/generations",
            data=json.dumps({"prompt": prompt}).encode(),
            headers={
                "Authorization": "Bearer rsk_somebody_else",
                "Content-Type": "application/json",
                "X-Request-Id": request_id,
            },
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            answer.read()

    def reset(self) -> None:
        request = urllib.request.Request(f"{self.url}/_sandbox/reset", data=b"", method="POST")
        with urllib.request.urlopen(request, timeout=5):
            pass
