"""What was asked for: generations, their attempts, the models one may choose."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from generations.models import Attempt, CatalogModel, Generation
from generations.policy.actor import Actor
from generations.policy.images import visible_images
from generations.policy.shown import runs_shown_to, tiles_shown_to
from generations.policy.spaces import changed_rows, own_or_shared, seen_by, space_for
from generations.policy.teams import membership_in


def own_generations(user: Actor) -> QuerySet[Generation]:
    """What the person asked for themselves, for whichever gallery they still belong to."""
    if not user.is_authenticated:
        return Generation.objects.none()
    return visible_generations(user).filter(owner=user)


def visible_generations(user: Actor) -> QuerySet[Generation]:
    return Generation.objects.filter(own_or_shared(user), runs_shown_to(user))


def remixable_generations(user: Actor) -> QuerySet[Generation]:
    """Those, and what brought forth a picture that the person sees: it may hang in another gallery
    than its run."""
    hanging = visible_images(user).filter(generation=OuterRef("pk"))
    return Generation.objects.filter(own_or_shared(user) & runs_shown_to(user) | Exists(hanging))


def changeable_generations(user: Actor) -> QuerySet[Generation]:
    """Those the person may cancel, dismiss and run again."""
    return Generation.objects.filter(changed_rows(user))


def visible_attempts(user: Actor) -> QuerySet[Attempt]:
    return Attempt.objects.filter(seen_by(user), tiles_shown_to(user))


def gallery_attempts(user: Actor, team: str = "") -> QuerySet[Attempt]:
    """Those that speak on a tile of one gallery."""
    space = space_for(user, team) if user.is_authenticated else None
    if space is None:
        return Attempt.objects.none()
    shown = tiles_shown_to(user) if team else Q()
    return Attempt.objects.filter(shown, space=space, is_vacant=True, is_hidden=False)


def usable_models(user: Actor, team: str = "") -> QuerySet[CatalogModel]:
    """Models that this person may choose in the form, for one gallery."""
    if not user.is_authenticated:
        return CatalogModel.objects.none()
    rows = CatalogModel.objects.filter(is_enabled=True, is_available=True)
    membership = membership_in(user, team) if team else None
    allowed = membership.team.allowed_models if membership else []
    return rows.filter(model_id__in=allowed) if allowed else rows
