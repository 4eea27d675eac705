from typing import Any

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.db import connections
from django.db.models.signals import post_delete, post_migrate, post_save

from generations import known


class GenerationsConfig(AppConfig):
    name = "generations"
    verbose_name = "Mesh Gallery"

    def ready(self) -> None:
        from generations.sessions import note_sign_in

        user_logged_in.connect(note_sign_in, dispatch_uid="proved")
        post_migrate.connect(_install_words, sender=self, dispatch_uid="words")
        for name in ("CatalogModel", "Price", "Gate", "Budget"):
            for change in (post_save, post_delete):
                change.connect(known.forget, sender=f"generations.{name}", dispatch_uid=name)


def _install_words(*, using: str, **_: Any) -> None:
    """What Django's own migrations don't know of; a table made anew has lost its triggers."""
    from generations.models import words

    if words.is_wanted(connections[using]):
        words.install(connections[using])
