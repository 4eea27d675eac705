"""`python -m tests.faults.template`: what a row begins with, in VAR_DIR."""

import os

import django


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "meshgallery.settings"
    django.setup()

    from django.core.management import call_command

    from generations.management.local.prepare import collect_static
    from generations.models import Budget, BudgetScope, BudgetSpan, User
    from generations.pipeline.catalog import refresh_catalog
    from tests.faults.servers import PASSWORD, PEOPLE

    call_command("migrate", verbosity=0)
    collect_static()
    refresh_catalog()
    # Wide enough for every row: each submission reserves from two of them.
    Budget.objects.create(scope=BudgetScope.INSTALLATION, span=BudgetSpan.MONTH, limit_micros=10**9)
    Budget.objects.create(scope=BudgetScope.EACH, span=BudgetSpan.DAY, limit_pictures=10**6)
    for name in PEOPLE:
        User.objects.create_user(name, password=PASSWORD)


if __name__ == "__main__":
    main()
