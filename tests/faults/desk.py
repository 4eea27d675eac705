"""`python -m tests.faults.desk WORD …`: what an operator would do by hand, in a row's database.

`pictures 37` and `micros 37000` limit the first person's day; `open` reopens the account's gate.
"""

import os
import sys


def main(word: str, amount: str = "") -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "meshgallery.settings")
    import django

    django.setup()
    from generations import lifecycle
    from generations.models import Budget, User
    from tests.faults.servers import PEOPLE

    if word == "open":
        lifecycle.open_gate(lifecycle.ACCOUNT_GATE)
    else:
        person = User.objects.get(username=PEOPLE[0])
        Budget.objects.create(user=person, span="day", **{f"limit_{word}": int(amount)})


if __name__ == "__main__":
    main(*sys.argv[1:])
