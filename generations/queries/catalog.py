"""The models as every page needs them: the same for everybody."""

from generations import known, ledger, policy
from generations.models import CatalogModel, Team, User


def usable_models(user: User, team: Team | None = None) -> list[CatalogModel]:
    """Those that may be chosen for a gallery, with today's prices, as they were within the last
    two seconds."""
    rows = known.lately("models", lambda: list(ledger.with_prices(policy.usable_models(user))))
    allowed = set(team.allowed_models) if team else set()
    return [row for row in rows if not allowed or row.model_id in allowed]


def model_names() -> dict[str, str]:
    """Every model's name by its id, also of those that can't be chosen any more."""
    rows = CatalogModel.objects.order_by().values_list("model_id", "name")
    return known.lately("names", lambda: dict(rows.all()))
