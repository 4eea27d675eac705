"""The models as every page needs them: the same for everybody."""

from generations import known, ledger, policy
from generations.models import CatalogModel, User


def usable_models(user: User) -> list[CatalogModel]:
    """Those that may be chosen, with today's prices, as they were within the last two seconds."""
    return known.lately("models", lambda: list(ledger.with_prices(policy.usable_models(user))))


def model_names() -> dict[str, str]:
    """Every model's name by its id, also of those that can't be chosen any more."""
    rows = CatalogModel.objects.order_by().values_list("model_id", "name")
    return known.lately("names", lambda: dict(rows.all()))
