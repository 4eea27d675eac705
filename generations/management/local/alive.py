"""Signs of life, for health checks that start fast because they need no Django.

Worker and beat touch a file from the very loop that does their work; web is asked over HTTP.
`python -m generations.management.local.alive web|worker|beat` ends with 0 when all is well.
"""

import http.client
import os
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

BEAT_SECONDS = 2.0
STALE_SECONDS = 30.0
ASK_SECONDS = 5.0


def path_of(name: str, run_dir: Path) -> Path:
    return run_dir / f"{name}.alive"


def touch(name: str, run_dir: Path) -> None:
    run_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    path_of(name, run_dir).touch(mode=0o600)


def forget(name: str, run_dir: Path) -> None:
    path_of(name, run_dir).unlink(missing_ok=True)


def is_alive(name: str, run_dir: Path) -> bool:
    try:
        age_seconds = time.time() - path_of(name, run_dir).stat().st_mtime
    except FileNotFoundError:
        return False
    return age_seconds < STALE_SECONDS


def readyz(host: str, port: int, public_url: str) -> int:
    """The status of /readyz as its own visitors would see it; 0 when nobody answers."""
    near = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    caller = http.client.HTTPConnection(near, port, timeout=ASK_SECONDS)
    try:
        caller.request("GET", "/readyz", headers={"Host": urlsplit(public_url).netloc})
        return caller.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        caller.close()


def main(name: str) -> int:
    if name == "web":
        host, port = os.environ.get("HOST") or "127.0.0.1", int(os.environ.get("PORT") or 8000)
        public_url = os.environ.get("PUBLIC_URL") or f"http://{host}:{port}"
        return 0 if readyz(host, port, public_url) == 200 else 1
    return 0 if is_alive(name, Path(os.environ.get("VAR_DIR") or "var", "run")) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
