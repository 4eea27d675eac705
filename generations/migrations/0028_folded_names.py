from typing import Any

from django.db import migrations

import generations.models.accounts
from generations.models.accounts import folded_name


def fill(apps: Any, editor: Any) -> None:
    """Who came first has the name; later ones keep theirs, and nobody else comes to have it."""
    users = apps.get_model("generations", "User").objects.using(editor.connection.alias)
    taken: set[str] = set()
    for pk, username in users.order_by("date_joined", "pk").values_list("pk", "username"):
        folded = folded_name(username)
        if folded in taken:  # no form takes a blank in a name
            folded = f"{folded} {pk}"
        taken.add(folded)
        users.filter(pk=pk).update(folded=folded)


class Migration(migrations.Migration):
    dependencies = [("generations", "0027_inspection")]

    operations = [
        migrations.AddField(
            "user",
            "folded",
            generations.models.accounts.FoldedName(default=None, editable=False, max_length=500, null=True),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AlterField(
            "user",
            "folded",
            generations.models.accounts.FoldedName(editable=False, max_length=500, unique=True),
        ),
    ]
