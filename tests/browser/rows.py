"""What only the rows can tell, or can be put there quickly: asked of a process beside the stack."""

import json
import subprocess
import sys
from typing import Any
from weakref import WeakKeyDictionary

from tests.support.stack import BASE_DIR, Stack

SERVE = "from tests.browser import inside; inside.serve()"
_clerks: "WeakKeyDictionary[Stack, Clerk]" = WeakKeyDictionary()


def ask(stack: Stack, call: str) -> Any:
    """What a function of `tests.browser.inside` returns in the stack's own database."""
    assert stack.process
    clerk = _clerks.get(stack)
    if clerk is None or not clerk.serves(stack.process):
        if clerk:
            clerk.close()
        clerk = _clerks[stack] = Clerk(stack, stack.process)
    return clerk.ask(call)


def signed_in(stack: Stack, username: str) -> Any:
    """The cookie of somebody who is signed in already: the form is not what is looked at."""
    session = ask(stack, f"session_of({username!r})")
    cookie = {"name": "session", "value": session, "domain": "127.0.0.1", "path": "/"}
    return {"cookies": [cookie | {"httpOnly": True, "sameSite": "Lax"}], "origins": []}


class Clerk:
    """A `manage.py shell` that answers line by line, for as long as this start of the stack runs.

    Starting one takes seconds, and the next start of a stack may have other addresses.
    """

    def __init__(self, stack: Stack, running: "subprocess.Popen[bytes]") -> None:
        self.running = running
        self.complaints = stack.var_dir.with_name(f"{stack.var_dir.name}.clerk")
        with self.complaints.open("ab") as complaints:
            self.shell = subprocess.Popen(
                [sys.executable, str(BASE_DIR / "manage.py"), "shell", "-v0", "-c", SERVE],
                cwd=BASE_DIR,
                env=stack.env,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=complaints,
                text=True,
            )
        stack.beside.callback(self.close)

    def serves(self, running: "subprocess.Popen[bytes]") -> bool:
        return self.running is running and self.shell.poll() is None

    def ask(self, call: str) -> Any:
        assert self.shell.stdin
        assert self.shell.stdout
        self.shell.stdin.write(f"{call}\n")
        self.shell.stdin.flush()
        answer = self.shell.stdout.readline()
        assert answer, f"{call}\n{self.complaints.read_text(errors='replace')}"
        return json.loads(answer)

    def close(self) -> None:
        self.shell.kill()
        self.shell.communicate()
