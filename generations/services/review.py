"""Verdicts on pictures: given, taken back, and who has which picture before them meanwhile."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from generations import policy, watch
from generations.errors import Conflict, NotAllowed
from generations.models import Image, Review, ReviewState, User, Verdict
from generations.queries.moderation import suspected
from generations.queries.review import ReviewFilter, first_of, free_for, queue
from generations.services.changes import Change, batches, batches_of
from generations.transactions import writing

HELD_FOR = timedelta(minutes=4)
CANDIDATES = 8  # looked at in one go: others may take some of them at the same moment
UNDO_FOR = timedelta(days=1)
MEANWHILE = "Somebody else decided about this picture in the meantime."
FLAGGED_BY_YOU = "You flagged this picture: somebody else gives the second opinion."


@dataclass(frozen=True, slots=True)
class Opinion:
    verdict: Verdict
    reason: str = ""
    note: str = ""


def take_next(user: User, wanted: ReviewFilter, *, after: int | None = None) -> Image | None:
    """The next picture that nobody else has, held for this person; None when nothing is left.

    Behind `after` first, then from the beginning again.
    """
    parts = [free_for(user, part) for part in queue(user, wanted)]
    turns = [parts] if after is None else [_behind(parts, after), parts]
    for turn in turns:
        for image_id in first_of(turn, CANDIDATES):
            if hold(user, image_id):
                return whole(image_id)
    return None


def _behind(parts: Sequence[QuerySet[Image]], after: int) -> list[QuerySet[Image]]:
    return [part.filter(sort_key__gt=after) for part in parts]


def hold(user: User, image_id: UUID) -> bool:
    """Whether it is this person's to look at now: one UPDATE, which one of two wins."""
    now = timezone.now()
    with writing():
        rows = free_for(user, policy.reviewable_images(user)).filter(pk=image_id)
        return bool(rows.update(review_holder=user, held_until=now + HELD_FOR))


def whole(image_id: UUID) -> Image | None:
    """With all that a reviewer is shown of it."""
    rows = Image.objects.select_related("attempt__generation", "generation", "owner", "team")
    return rows.filter(pk=image_id).first()


def give_verdict(user: User, image: Image, opinion: Opinion, *, seen: str) -> None:
    """One verdict on a picture as the reviewer saw it. The same once more is done already.

    Raises Conflict where somebody else was quicker, or has it before them now.
    """
    if _has_flagged(user, image):
        raise Conflict(FLAGGED_BY_YOU)
    moment = timezone.now()
    with writing():
        rows = free_for(user, policy.reviewable_images(user))
        if rows.filter(pk=image.pk, review_state=seen).update(**_decided(opinion, moment)):
            _note([image], user, opinion, moment)
            return
    if not _said_so(user, image, opinion):
        raise Conflict(MEANWHILE)


def _has_flagged(user: User, image: Image) -> bool:
    own = Review.objects.filter(image=image, reviewer=user, verdict=Verdict.FLAG, undone_at=None)
    return image.review_state == ReviewState.FLAGGED and own.exists()


def _said_so(user: User, image: Image, opinion: Opinion) -> bool:
    newest = Review.objects.filter(image=image, undone_at=None).order_by("-created_at", "-pk")
    last = newest.first()
    return bool(
        last
        and last.reviewer_id == user.pk
        and (last.verdict, last.reason) == (opinion.verdict, opinion.reason)
    )


def _decided(opinion: Opinion, moment: datetime) -> dict[str, object]:
    """A flag puts the picture before staff, too: a team may have one curator alone."""
    values: dict[str, object] = {"review_state": opinion.verdict.leads_to, "held_until": None}
    is_flag = opinion.verdict == Verdict.FLAG
    return values | ({"queued_at": Coalesce("queued_at", Value(moment))} if is_flag else {})


def _note(images: Sequence[Image], user: User, opinion: Opinion, moment: datetime) -> None:
    Review.objects.bulk_create(
        Review(
            image=image,
            reviewer=user,
            space=image.space,
            verdict=opinion.verdict,
            reason=opinion.reason,
            note=opinion.note,
            created_at=moment,
        )
        for image in images
    )
    watch.bump_on_commit([image.space for image in images])


def give_verdicts(
    user: User, ids: Sequence[UUID], opinion: Opinion, *, seen: Mapping[UUID, str] | None = None
) -> Change:
    """The same verdict on many; what one flagged oneself, or somebody else holds, stays, and so
    does what isn't in the state any more in which it was `seen`."""
    moment = timezone.now()
    whole, states = Change(), seen or {}
    for batch in batches_of(user, ids):
        with writing():
            there = policy.reviewable_images(user).filter(pk__in=batch)
            known = there.count()
            free = free_for(user, there).exclude(_flagged_by(user))
            others = free.exclude(review_state=opinion.verdict.leads_to).order_by("pk")
            rows = [
                row
                for row in others.select_for_update()
                if row.review_state == states.get(row.pk, row.review_state)
            ]
            Image.objects.filter(pk__in=[row.pk for row in rows]).update(
                **_decided(opinion, moment)
            )
            _note(rows, user, opinion, moment)
        whole += Change(len(rows), known - len(rows), len(batch) - known)
    return whole


def _flagged_by(user: User) -> Q:
    own = Review.objects.filter(reviewer=user, verdict=Verdict.FLAG, undone_at=None)
    return Q(review_state=ReviewState.FLAGGED, pk__in=own.values("image"))


def take_back_last(user: User) -> list[UUID]:
    """Undo the person's newest verdict, or all that they gave in one go; the pictures.

    What somebody decided after it stays. Empty: there is nothing to take back.
    """
    with writing():
        own = _own_verdicts(user)
        newest = own.order_by("-created_at").values_list("created_at", flat=True).first()
        if newest is None:
            return []
        rows = own.filter(created_at=newest)
        # Whoever decides about one of them at this moment comes before or after.
        images = Image.objects.filter(pk__in=list(rows.values_list("image", flat=True)))
        list(images.order_by("pk").select_for_update(no_key=True).values_list("pk"))
        taken = list(rows)
        rows.update(undone_at=timezone.now())
        for batch in batches(taken):
            _put_back([row.image_id for row in batch], newest)
        watch.bump_on_commit([row.space for row in taken])
    return [row.image_id for row in taken]


def _own_verdicts(user: User) -> QuerySet[Review]:
    """What the person may still take back: a picture that has gone elsewhere, or a team that one
    has left, isn't theirs any more."""
    lately = timezone.now() - UNDO_FOR
    own = Review.objects.filter(reviewer=user, undone_at=None, created_at__gt=lately)
    allowed = Q(space__in=[-team.pk for team in policy.curated_teams(user)])
    if user.is_staff:
        allowed |= Q(image__queued_at__isnull=False)
    return own.filter(allowed, space=F("image__space"))


def _put_back(ids: Sequence[UUID], moment: datetime) -> None:
    """The verdict before it counts again, or else what the automatic check said; what was put
    before staff or taken down by the one of that moment isn't any more."""
    trail = Review.objects.filter(image__in=ids, space=F("image__space"), undone_at=None)
    newest_last = trail.order_by("created_at", "pk").values_list("image", "verdict")
    suspects = Image.objects.filter(suspected(), pk__in=ids).values_list("pk", flat=True)
    states = dict.fromkeys(suspects, ReviewState.FLAGGED)
    states |= {pk: Verdict(verdict).leads_to for pk, verdict in newest_last}
    for state in ReviewState:
        those = [pk for pk in ids if states.get(pk, ReviewState.PENDING) == state]
        Image.objects.filter(pk__in=those).update(review_state=state)
    images = Image.objects.filter(pk__in=ids)
    images.filter(queued_at=moment).update(queued_at=None)
    images.filter(trashed_at=moment).update(trashed_at=None)


def ask_for_review(user: User, image: Image, *, on: bool) -> None:
    """Put a picture before staff, or take it out of their queue again. May run twice."""
    if not policy.can_ask(user, image):
        raise NotAllowed(policy.REFUSAL)
    open_ones = Q(review_state__in=policy.OPEN)
    with writing():
        rows = Image.objects.filter(pk=image.pk)
        if not on:
            rows.filter(review_state=ReviewState.PENDING).update(queued_at=None)
            return
        if image.team_id is None:  # one's own may be looked at once more
            rows.filter(review_state=ReviewState.REJECTED).update(review_state=ReviewState.PENDING)
        rows.filter(open_ones, queued_at=None).update(queued_at=timezone.now())


def take_down(user: User, ids: Sequence[UUID], opinion: Opinion) -> Change:
    """Rejected, and into the trash, where their owner finds them. May run twice."""
    moment = timezone.now()
    with writing():
        rows = list(policy.reviewable_images(user).filter(pk__in=ids).select_for_update())
        Image.objects.filter(pk__in=[row.pk for row in rows]).update(
            trashed_at=moment, **_decided(opinion, moment)
        )
        _note(rows, user, opinion, moment)
    return Change(len(rows), 0, len(set(ids)) - len(rows))
