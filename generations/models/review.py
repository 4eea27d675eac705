"""What reviewers said of pictures: a trail that only grows."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from generations.models.image import Image, ReviewState

MOST_NOTE = 300


class Verdict(models.TextChoices):
    APPROVE = "approve"
    REJECT = "reject"
    FLAG = "flag"

    @property
    def leads_to(self) -> ReviewState:
        return _LEADS_TO[self]


_LEADS_TO = {
    Verdict.APPROVE: ReviewState.APPROVED,
    Verdict.REJECT: ReviewState.REJECTED,
    Verdict.FLAG: ReviewState.FLAGGED,
}


class Reason(models.TextChoices):
    """Why a picture was rejected or flagged; their order is that of the number keys."""

    QUALITY = "quality", "Quality"
    SUBJECT = "subject", "Wrong subject"
    TEXT = "text", "Text errors"
    PEOPLE = "people", "People"
    RIGHTS = "rights", "Rights"
    UNSAFE = "unsafe", "Unsafe"
    OTHER = "other", "Other"


class Review(models.Model):
    """One verdict. It stays when it is taken back, or when the picture goes to another gallery."""

    image = models.ForeignKey(Image, models.CASCADE, related_name="reviews")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    space = models.BigIntegerField()  # in which gallery the picture hung
    verdict = models.CharField(max_length=7, choices=Verdict)
    reason = models.CharField(max_length=7, choices=Reason, blank=True)
    note = models.CharField(max_length=MOST_NOTE, blank=True)
    created_at = models.DateTimeField()  # the same for all that was decided in one go
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["verdict", "-id"], name="review_by_verdict"),
            models.Index(fields=["reason", "-id"], name="review_by_reason"),
            models.Index(fields=["image", "-created_at"], name="review_trail"),
            models.Index(
                fields=["reviewer", "-created_at"],
                condition=Q(undone_at=None),
                name="review_own_newest",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(verdict="approve") | ~Q(reason=""), name="review_says_why"
            )
        ]

    def __str__(self) -> str:
        return f"{self.verdict} {self.image_id}"
