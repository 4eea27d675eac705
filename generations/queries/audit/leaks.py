"""I12: our own secrets, looked for in the database's texts and in the logs. Never told itself."""

from collections.abc import Iterable, Iterator
from functools import reduce
from operator import or_
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.apps import apps
from django.conf import settings
from django.db.models import CharField, JSONField, Model, Q, TextField
from django.db.models.functions import Cast

from generations.queries.audit.counting import Options, Tally

SHORTEST = 8  # anything shorter is found by chance
PIECE_BYTES = 1024 * 1024
# What people may write themselves, and what is a hash of a secret by design.
FREE_TEXT = {("generation", "prompt"), ("user", "password")}


def count_secrets(options: Options, tally: Tally) -> None:
    secrets = secrets_of_ours()
    for model in apps.get_app_config("generations").get_models():
        names = list(_text_columns(model))
        if _is_anywhere(model, names, secrets):
            for name in names:
                _search_column(model, name, secrets, tally)
    for path in log_files():
        for name in _secrets_in(path, secrets):
            tally.add(path.name, f"holds {name}")


def secrets_of_ours() -> dict[str, str]:
    """By the name of the setting it comes from."""
    found: dict[str, str | None] = {
        "SECRET_KEY": settings.SECRET_KEY,
        "MESH_API_KEY": "" if settings.ON_SANDBOX else settings.MESH_API_KEY,
        "S3_SECRET_ACCESS_KEY": settings.S3_SECRET_ACCESS_KEY,
        "the database's password": str(settings.DATABASES["default"].get("PASSWORD") or ""),
        "the broker's password": unquote(urlsplit(settings.REDIS_URL or "").password or ""),
        "the mail server's password": settings.EMAIL_HOST_PASSWORD,
    }
    return {name: value for name, value in found.items() if value and len(value) >= SHORTEST}


def _text_columns(model: type[Model]) -> Iterator[str]:
    for field in model._meta.concrete_fields:
        is_text = isinstance(field, CharField | TextField | JSONField)
        if is_text and not field.choices and (model._meta.model_name, field.name) not in FREE_TEXT:
            yield field.name


def _is_anywhere(model: type[Model], names: list[str], secrets: dict[str, str]) -> bool:
    """One walk over the table, which for all but a leaking one is the only one."""
    texts = {f"{name}_audited": Cast(name, TextField()) for name in names}
    found = [Q(**{f"{text}__contains": value}) for text in texts for value in secrets.values()]
    anywhere = reduce(or_, found, Q(pk__in=[]))
    return model._default_manager.alias(**texts).filter(anywhere).exists()


def _search_column(model: type[Model], name: str, secrets: dict[str, str], tally: Tally) -> None:
    rows = model._default_manager.alias(text_audited=Cast(name, TextField()))
    for secret, value in secrets.items():
        found = rows.filter(text_audited__contains=value)
        tally.add_rows(found, f"({model._meta.model_name}.{name}) holds {secret}")


def log_files() -> Iterator[Path]:
    folder = Path(settings.VAR_DIR) / "logs"
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def _secrets_in(path: Path, secrets: dict[str, str]) -> Iterable[str]:
    """Read in pieces that overlap, so that a value across two of them is found."""
    wanted = {name: value.encode() for name, value in secrets.items()}
    overlap = max((len(value) for value in wanted.values()), default=1) - 1
    seen, tail = set(), b""
    with path.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            text = tail + piece
            seen |= {name for name, value in wanted.items() if value in text}
            tail = text[-overlap:] if overlap else b""
    return sorted(seen)
