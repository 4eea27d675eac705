from typing import Any

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.db import connections
from django.db.models.signals import post_delete, post_migrate, post_save, pre_migrate

from generations import known


class GenerationsConfig(AppConfig):
    name = "generations"
    verbose_name = "Mesh Gallery"

    def ready(self) -> None:
        from generations.sessions import note_sign_in

        user_logged_in.connect(note_sign_in, dispatch_uid="proved")
        post_migrate.connect(_install_words, sender=self, dispatch_uid="words")
        pre_migrate.connect(_lift, sender=self, dispatch_uid="lift")
        post_migrate.connect(_install_usage, sender=self, dispatch_uid="usage")
        for name in ("CatalogModel", "Price", "Gate", "Budget"):
            for change in (post_save, post_delete):
                change.connect(known.forget, sender=f"generations.{name}", dispatch_uid=name)


def _install_words(*, using: str, **_: Any) -> None:
    """What Django's own migrations don't know of; a table made anew has lost its triggers."""
    from generations.models import words

    if words.is_wanted(connections[using]):
        words.install(connections[using])


def _lift(*, using: str, plan: Any = (), **_: Any) -> None:
    """SQLite makes tables anew, which it refuses while triggers of others speak of them.

    Should the migrations break off, what misses its trigger is caught up with by the next ones.
    """
    from generations.models import UsageFilled, usage_triggers, words

    connection = connections[using]
    if not plan or connection.vendor != "sqlite":
        return
    words.lift(connection)
    usage_triggers.drop(connection)
    if usage_triggers.is_wanted(connection):
        UsageFilled.objects.using(using).all().delete()


def _install_usage(*, using: str, **_: Any) -> None:
    """Whatever changed while the triggers weren't there is counted anew."""
    from generations.ledger import daily
    from generations.models import UsageFilled, usage_triggers

    connection = connections[using]
    if not usage_triggers.is_wanted(connection):
        return
    if not usage_triggers.are_installed(connection):
        UsageFilled.objects.all().delete()
        usage_triggers.install(connection)
    if not daily.is_filled():
        daily.fill()
