"""Typed readers over the environment. Any NAME may also come as NAME_FILE, a path to its value.

A wrong value raises `WrongSetting` with one sentence that names the variable.
"""

import contextlib
import os
import secrets
import tempfile
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit


class WrongSetting(Exception):
    """A variable holds something we can't use; the text is for the person who set it."""


def text(name: str, default: str = "") -> str:
    """The variable's value, or what the file named by NAME_FILE holds. Empty counts as unset."""
    if value := os.environ.get(name, "").strip():
        return value
    if path := os.environ.get(f"{name}_FILE", "").strip():
        try:
            return Path(path).read_text().strip()
        except OSError as error:
            raise WrongSetting(f"{name}_FILE: {path} can't be read ({error.strerror}).") from error
    return default


def flag(name: str, *, default: bool) -> bool:
    value = text(name).lower()
    if not value:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise WrongSetting(f"{name} must be on or off, not “{value}”.")


def number(name: str, default: int, *, low: int, high: int) -> int:
    value = text(name)
    if not value:
        return default
    if not value.isascii() or not value.isdigit() or not low <= int(value) <= high:
        raise WrongSetting(f"{name} must be a whole number from {low} to {high}, not “{value}”.")
    return int(value)


def seconds(name: str, default: float, *, low: float = 0.05, high: float = 86_400) -> float:
    value = text(name)
    if not value:
        return default
    try:
        result = float(value)
    except ValueError:
        result = float("nan")
    if not low <= result <= high:
        raise WrongSetting(f"{name} must be from {low:g} to {high:g} seconds, not “{value}”.")
    return result


def choice(name: str, default: str, among: tuple[str, ...]) -> str:
    value = text(name, default)
    if value not in among:
        raise WrongSetting(f"{name} must be one of {', '.join(among)}, not “{value}”.")
    return value


def words(name: str) -> list[str]:
    return [word.strip() for word in text(name).split(",") if word.strip()]


def http_url(name: str, default: str = "") -> str:
    """An http(s) address without a trailing slash."""
    value = text(name, default)
    if not value:
        return ""
    try:
        parts = urlsplit(value)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise WrongSetting(f"{name} must be an http or https address, not “{value}”.")
    return value.rstrip("/")


def redis_url(name: str, default: str = "") -> str:
    value = text(name, default)
    if value and not value.startswith(("redis://", "rediss://")):
        # The value may hold a password: it isn't repeated.
        raise WrongSetting(f"{name} must look like redis://:password@host:6379/0.")
    return value


# A thread borrows a connection only while it talks: hundreds of streams need a handful. The pauses
# between tries double; after a server was away for a minute the next would be a minute later, so
# the pool soon gives up and whoever asks next makes it try again.
POOL = {"min_size": 1, "max_size": 16, "timeout": 10, "reconnect_timeout": 4}


# A server that vanishes without a word is noticed in seconds, not when the kernel gives up; and a
# process that stands still in the middle of a transaction holds up nobody for longer than this.
ALIVE = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
    "options": "-c lock_timeout=10s -c idle_in_transaction_session_timeout=60s",
}


def database(url: str, var_dir: Path) -> dict[str, object]:
    """Django's DATABASES entry. Without an address: SQLite in write-ahead mode under `var_dir`."""
    if not url:
        return sqlite(var_dir / "meshgallery.sqlite3")
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return sqlite(Path(unquote(parts.path.removeprefix("/"))))
    if parts.scheme not in {"postgres", "postgresql"}:
        raise WrongSetting("DATABASE_URL must begin with postgresql:// or sqlite:///.")
    try:
        port = parts.port
    except ValueError as error:
        raise WrongSetting("DATABASE_URL has a port that is no number.") from error
    if not parts.path.strip("/"):
        raise WrongSetting("DATABASE_URL must end with the database's name.")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.removeprefix("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(port or ""),
        "CONN_HEALTH_CHECKS": True,  # one that died in the pool is found before it is used
        "OPTIONS": {"pool": POOL} | ALIVE | dict(parse_qsl(parts.query)),
    }


def sqlite(path: Path) -> dict[str, object]:
    # IMMEDIATE: a transaction that begins by reading can't be refused when it comes to write.
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
        # Threads of one process are to meet as they do in life: in a file.
        "TEST": {"NAME": str(path.with_name("test.sqlite3"))},
    }


def email(url: str, var_dir: Path) -> dict[str, object]:
    """Django's e-mail settings. Without an address, letters are files in `var_dir`/mail."""
    if not url:
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": str(var_dir / "mail"),
        }
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps", "smtp+tls"} or not parts.hostname:
        raise WrongSetting("EMAIL_URL must look like smtp+tls://user:password@host:587.")
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or {"smtp": 25, "smtps": 465, "smtp+tls": 587}[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
        "EMAIL_TIMEOUT": 10,
    }


def secret_file(path: Path, length: int) -> str:
    """A secret made once and kept in `path`, readable by its owner alone. Racing makers agree."""
    try:
        return _secret_in(path, length)
    except OSError as error:
        raise WrongSetting(
            f"VAR_DIR: {path.parent} can't be used ({error.strerror}); choose another folder."
        ) from error


def _secret_in(path: Path, length: int) -> str:
    if path.is_file():
        return path.read_text().strip()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, draft = tempfile.mkstemp(dir=path.parent)  # mode 0600
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(length))
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    os.unlink(draft)
    return path.read_text().strip()
