"""The decoding child: `python -m generations.imaging.child PARENT MEMORY_MB SECONDS`.

Reads one JSON request a line: `{"path", "name", "edges"}`, or `"target"` in place of the edges for
the whole picture in another format. Answers with one JSON line and, if it went well, the files
behind it, end to end. Whatever a hostile picture does to a decoder
happens in here: bounded memory and CPU, no file can be written, no secrets in the environment, and
it never outlives its parent.
"""

import base64
import ctypes
import json
import math
import os
import resource
import signal
import struct
import sys
import zlib
from typing import BinaryIO

from PIL import PngImagePlugin

from generations.imaging.recode import recode
from generations.imaging.render import Rendering, TooManyPixels, render

PR_SET_PDEATHSIG = 1
# Some tools keep a whole workflow in one text chunk; the memory limit stands behind this.
MAX_TEXT_BYTES = 16 * 1024 * 1024

# All that Pillow's three decoders raise on broken files.
BROKEN = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)


def main() -> None:
    parent, memory_mb, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    _die_with(parent)
    requests, answers = sys.stdin.buffer, _private_stdout()
    PngImagePlugin.MAX_TEXT_CHUNK = MAX_TEXT_BYTES
    _limit(memory_mb * 1024 * 1024)
    for line in requests:
        _allow_cpu(seconds)
        answers.write(answer(json.loads(line)))
        answers.flush()


def answer(request: dict[str, object]) -> bytes:
    path, name, target = request["path"], request["name"], request.get("target")
    edges = _edges_of(request)
    if not (isinstance(path, str) and isinstance(name, str)):
        raise TypeError("the parent sent something else")
    try:
        if isinstance(target, str):
            data = recode(path, name=name, target=target)
            return _line({"pictures": [{"size": len(data)}]}) + data
        return _packed(render(path, name=name, edges=edges))
    except TooManyPixels:
        return _problem("too_many_pixels")
    except MemoryError:
        return _problem("too_costly")
    except BROKEN as error:
        return _problem("too_costly" if "memory" in str(error) else "damaged")


def _edges_of(request: dict[str, object]) -> tuple[int, ...]:
    edges = request.get("edges", [])
    if not isinstance(edges, list):
        raise TypeError("the parent sent something else")
    return tuple(edges)


def _packed(rendering: Rendering) -> bytes:
    pictures = [
        {"edge": one.edge, "width": one.width, "height": one.height, "size": len(one.webp)}
        for one in rendering.pictures
    ]
    head = {
        "width": rendering.width,
        "height": rendering.height,
        "color": rendering.color,
        "placeholder": base64.b64encode(rendering.placeholder).decode(),
        "pictures": pictures,
    }
    return _line(head) + b"".join(one.webp for one in rendering.pictures)


def _problem(name: str) -> bytes:
    return _line({"problem": name})


def _line(value: dict[str, object]) -> bytes:
    return json.dumps(value).encode() + b"\n"


def _die_with(parent: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before we asked
        sys.exit(1)


def _private_stdout() -> BinaryIO:
    """The answers' pipe for us alone; what a library prints goes nowhere."""
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return answers


def _limit(memory_bytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _allow_cpu(seconds: float) -> None:
    """RLIMIT_CPU counts the whole life of a process, so each picture moves the mark on."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    mark = math.ceil(used.ru_utime + used.ru_stime + seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (mark, resource.RLIM_INFINITY))


if __name__ == "__main__":
    main()
