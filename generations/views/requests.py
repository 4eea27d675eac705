from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest
from django_htmx.middleware import HtmxDetails

from generations import policy
from generations.errors import NotAllowed
from generations.models import Membership, Role, User


class SignedInRequest(HttpRequest):
    """What a view gets behind `SignInRequired`: somebody, and whether htmx asks."""

    user: User
    htmx: HtmxDetails


Row = TypeVar("Row", bound=Model)


def team_of(request: SignedInRequest) -> str:
    """The team that an address names, "" where it names none; 404 for one that isn't theirs."""
    team = request.GET.get("team", "")
    if team and policy.membership_in(request.user, team) is None:
        raise Http404
    return team


def membership_of(request: SignedInRequest, slug: str, *, least: Role = Role.VIEWER) -> Membership:
    """404 for a team that isn't theirs, 403 for a role that doesn't reach."""
    membership = policy.membership_in(request.user, slug)
    if membership is None:
        raise Http404
    policy.require_role(request.user, membership.team_id, least)
    return membership


def changeable_or_refused(changeable: QuerySet[Row], visible: QuerySet[Row], **lookup: Any) -> Row:
    """The row, if this person may change it; 403 for what they only see, 404 for all else."""
    if found := changeable.filter(**lookup).first():
        return found
    if visible.filter(**lookup).exists():
        raise NotAllowed(policy.REFUSAL)
    raise Http404
