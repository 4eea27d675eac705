"""What only the rows can tell, or can be put there quickly. Runs inside `manage.py shell`."""

import json
import subprocess
import sys
from typing import Any

from tests.support.stack import BASE_DIR, Stack

MARK = "answer: "


def ask(stack: Stack, call: str) -> Any:
    """What a function of `tests.browser.inside` returns in the stack's own database."""
    said = f"print({MARK!r} + json.dumps(inside.{call}))"
    code = f"import json; from tests.browser import inside; {said}"
    done = subprocess.run(
        [sys.executable, str(BASE_DIR / "manage.py"), "shell", "-v0", "-c", code],
        cwd=BASE_DIR,
        env=stack.env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    line = next((line for line in done.stdout.splitlines() if line.startswith(MARK)), None)
    assert line is not None, done.stdout + done.stderr
    return json.loads(line.removeprefix(MARK))
