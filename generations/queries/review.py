"""What a reviewer is shown: the next picture nobody else has, how many are left, the trail."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from generations import policy
from generations.models import CheckVerdict, Image, Review, ReviewState, User, Verdict
from generations.queries.moderation import findings_of, found_by_check, why_withheld
from generations.queries.picture import Picture, picture

MOST_COUNTED = 1000
MOST_MAKERS = 200
STAFF_QUEUE = "-staff"  # in place of a team's slug, and never one
PAGE = 60
CHECK = "automatic check"  # in place of a reviewer
Queryset = QuerySet[Image]


@dataclass(frozen=True, slots=True)
class ReviewFilter:
    """Named as in the address. All empty: everything that waits for this reviewer."""

    team: str = ""
    by: str = ""
    model: str = ""
    state: str = ""
    check: str = ""  # what the automatic check said

    def as_query(self, **more: Any) -> str:
        return urlencode([*self.pairs(), *more.items()])

    def pairs(self) -> list[tuple[str, str]]:
        """For an address or a form's hidden fields."""
        found = [(each.name, getattr(self, each.name)) for each in fields(self)]
        return [(name, value) for name, value in found if value]


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a picture's trail."""

    reviewer: str
    verdict: str
    reason: str
    note: str
    when: Any
    is_undone: bool


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A picture as its reviewer sees it; `about` is the picture with all that is known of it."""

    about: Picture
    sort_key: int
    src: str
    srcset: str
    state: str
    state_label: str
    maker: str
    team: str
    trail: Sequence[Step]


def queue(user: User, wanted: ReviewFilter) -> list[Queryset]:
    """What waits for this person, in parts that each have an index in the order of `sort_key`."""
    states = [ReviewState(wanted.state)] if wanted.state else _open_states(wanted)
    wholes = [
        policy.team_queue(user, team)
        for team in policy.curated_teams(user)
        if wanted.team in {"", team.slug}
    ]
    if wanted.team in {"", STAFF_QUEUE}:
        wholes.append(policy.staff_queue(user))
    narrow = Q(owner__username=wanted.by) if wanted.by else Q()
    narrow &= Q(model_id=wanted.model) if wanted.model else Q()
    narrow &= found_by_check(wanted.check) if wanted.check else Q()
    return [_in_state(whole.filter(narrow), state, user) for whole in wholes for state in states]


def _open_states(wanted: ReviewFilter) -> Sequence[ReviewState]:
    """What the check flagged is found among the few that are flagged."""
    is_flagged = wanted.check == CheckVerdict.FLAGGED
    return [ReviewState.FLAGGED] if is_flagged else list(policy.OPEN)


def _in_state(images: Queryset, state: ReviewState, user: User) -> Queryset:
    """What one has flagged waits for somebody else's opinion."""
    found = images.filter(review_state=state)
    if state != ReviewState.FLAGGED:
        return found
    own = Review.objects.filter(
        image=OuterRef("pk"), reviewer=user, verdict=Verdict.FLAG, undone_at=None
    )
    return found.exclude(Exists(own))


def first_of(parts: Sequence[Queryset], most: int, *, order: str = "sort_key") -> list[UUID]:
    """The first few of all parts together; each brings its own from its index."""
    rows = [
        row for part in parts for row in part.order_by(order).values_list("sort_key", "pk")[:most]
    ]
    found = sorted(set(rows), reverse=order.startswith("-"))
    return [pk for _, pk in found[:most]]


def free_for(user: User, images: Queryset) -> Queryset:
    """Those that nobody else has before them now."""
    lapsed = Q(held_until=None) | Q(held_until__lt=timezone.now())
    return images.filter(lapsed | Q(review_holder=user))


def count_left(user: User, wanted: ReviewFilter) -> str:
    """“12”, “1,000 and more”: what waits for this person, also while others hold it."""
    ids: set[UUID] = set()
    for part in queue(user, wanted):
        ids |= set(part.order_by().values_list("pk", flat=True)[: MOST_COUNTED + 1])
        if len(ids) > MOST_COUNTED:
            return f"{MOST_COUNTED:,} and more"
    return f"{len(ids):,}"


def reviewed(image: Image) -> Reviewed:
    """`image` with its generation, attempt, owner and team selected."""
    edges = {edge: width for edge, width, _ in image.edges}
    url = reverse("review_image", args=[image.pk])
    state = ReviewState(image.review_state)
    return Reviewed(
        about=picture(image),
        sort_key=image.sort_key,
        src=f"{url}{max(edges)}" if edges else "",
        srcset=", ".join(f"{url}{edge} {width}w" for edge, width in edges.items()),
        state=state.value,
        state_label=state.label,
        maker=image.owner.username,
        team=image.team.name if image.team else "",
        trail=trail(image),
    )


def trail(image: Image) -> list[Step]:
    """What reviewers said of it in the gallery where it hangs now, and the automatic check
    anywhere; newest first."""
    rows = Review.objects.filter(image=image, space=image.space).select_related("reviewer")
    by_people = [
        Step(
            row.reviewer.username,
            ReviewState(Verdict(row.verdict).leads_to).label,
            row.get_reason_display(),
            row.note,
            row.created_at,
            row.undone_at is not None,
        )
        for row in rows.order_by("-created_at", "-pk")
    ]
    by_check = [
        Step(f"{CHECK} of the {each.of}", each.verdict, each.categories, "", each.when, False)
        for each in findings_of(image)
    ]
    return sorted(by_people + by_check, key=lambda step: step.when, reverse=True)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a picture's page says of its review."""

    label: str
    why_withheld: str  # empty unless the automatic check holds it back
    is_queued: bool
    can_ask: bool
    can_review: bool
    trail: Sequence[Step]


def standing_of(image: Image, user: User) -> Standing | None:
    """None for who may not know."""
    if not policy.reads_trail(user, image):
        return None
    state = ReviewState(image.review_state)
    is_open = state in policy.OPEN
    is_own = image.team_id is None and state == ReviewState.REJECTED
    is_queued = image.queued_at is not None and is_open
    is_left = is_queued and state == ReviewState.FLAGGED  # nobody takes a flagged one out
    return Standing(
        label="" if state == ReviewState.PENDING else state.label,
        why_withheld=why_withheld(image),
        is_queued=is_queued,
        can_ask=policy.can_ask(user, image) and (is_open or is_own) and not is_left,
        can_review=any(team.pk == image.team_id for team in policy.curated_teams(user)),
        trail=trail(image),
    )


def makers(user: User) -> list[str]:
    """Whom a reviewer can filter by."""
    ids = [team.pk for team in policy.curated_teams(user)]
    names = set(User.objects.filter(memberships__team__in=ids).values_list("username", flat=True))
    queued = policy.staff_queue(user).order_by().values_list("owner__username", flat=True)
    names |= set(queued.distinct()[:MOST_MAKERS])
    return sorted(names)


def page_of_queue(
    user: User, wanted: ReviewFilter, *, after: int | None = None
) -> tuple[list[Image], int | None]:
    """A page of the queue, oldest first, and the next one's cursor."""
    parts = queue(user, wanted)
    if after is not None:
        parts = [part.filter(sort_key__gt=after) for part in parts]
    ids = first_of(parts, PAGE + 1)
    rows = Image.objects.filter(pk__in=ids[:PAGE]).select_related("generation", "owner", "team")
    found = sorted(rows, key=lambda image: image.sort_key)
    return found, found[-1].sort_key if len(ids) > PAGE else None


def decidable(user: User, ids: Sequence[UUID]) -> Queryset:
    return policy.reviewable_images(user).filter(pk__in=ids)
