from generations.models import DismissedNotice, User
from generations.queries.spending import Limit
from generations.transactions import writing


def dismiss_notice(user: User, limit: Limit) -> None:
    """Until the limit's next period begins, or nothing is left of it."""
    rows = DismissedNotice.objects.filter(
        user=user, budget=limit.budget_id, is_money=limit.is_money
    )
    with writing():
        rows.filter(begun__lt=limit.begun).delete()
        rows.get_or_create(
            user=user, budget_id=limit.budget_id, is_money=limit.is_money, begun=limit.begun
        )
