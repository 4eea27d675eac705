"""What the automatic check said of pictures, for who reviews them and who made them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from generations import wording
from generations.models import CheckVerdict, Image, ModerationCheck, ReviewState
from generations.models.moderation import SUSPECT

SEEN_BY = "only who made it and reviewers see it"
WAITING = f"The automatic check has still to look at it; until then {SEEN_BY}."
HELD = f"The automatic check holds it back: until it is approved, {SEEN_BY}."


@dataclass(frozen=True, slots=True)
class Finding:
    """Why the automatic check put a picture before people: “Flagged”, “violence”, “prompt”."""

    verdict: str
    categories: str  # in words; empty if none were named
    of: str
    when: datetime


def found_by_check(verdict: str) -> Q:
    """Pictures of which the check said this, or of whose prompt."""
    about = Q(image=OuterRef("pk")) | Q(generation=OuterRef("generation"), image=None)
    return Q(Exists(ModerationCheck.objects.filter(about, verdict=verdict)))


def suspected() -> Q:
    """What people have to look at: findings, and what is held back and couldn't be checked."""
    unchecked = found_by_check(CheckVerdict.UNCHECKED)
    return found_by_check(CheckVerdict.FLAGGED) | Q(unchecked, is_withheld=True)


def findings_of(image: Image) -> Sequence[Finding]:
    """Newest first; empty for pictures in which nothing was found."""
    is_about = Q(image=image) | Q(generation=image.generation_id, image=None)
    rows = ModerationCheck.objects.filter(is_about, verdict__in=SUSPECT, checked_at__isnull=False)
    return [
        Finding(
            row.get_verdict_display(),
            wording.categories(row.categories),
            "picture" if row.image_id else "prompt",
            row.checked_at,
        )
        for row in rows.order_by("-checked_at")
        if row.checked_at
    ]


def why_withheld(image: Image) -> str:
    """One sentence; empty for a picture that everybody sees who sees its gallery."""
    if not image.is_withheld or image.review_state == ReviewState.APPROVED:
        return ""
    waits = ModerationCheck.objects.filter(image=image, verdict=CheckVerdict.WAITING).exists()
    return WAITING if waits else HELD
