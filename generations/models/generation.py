import operator
import secrets
import uuid
from datetime import datetime
from functools import reduce

from django.conf import settings
from django.db import models
from django.db.models import Q

from generations.models.team import Team, space_field

SLOTS = 16  # more than any generation has: slots share their generation's microsecond


def sort_key(created_at: datetime, slot: int) -> int:
    """A tile's place in a gallery that runs newest first: by submission, then slot 0, 1, 2 …"""
    return int(created_at.timestamp() * 1_000_000) * SLOTS + (SLOTS - 1 - slot)


def new_submit_token() -> str:
    """A form's own word: the same form sent twice makes one generation."""
    return secrets.token_urlsafe(16)


class AttemptState(models.TextChoices):
    READY = "ready"
    HELD = "held"
    CLAIMED = "claimed"
    SENDING = "sending"
    ACCEPTED = "accepted"
    RECEIVED = "received"
    FETCHING = "fetching"
    STORED = "stored"
    REJECTED_FREE = "rejected_free"
    CHARGED_UNUSABLE = "charged_unusable"
    UNKNOWN = "unknown"
    CANCELED = "canceled"
    RESOLVED_CHARGED = "resolved_charged"
    RESOLVED_FREE = "resolved_free"


SENT_STATES = (AttemptState.SENDING, AttemptState.ACCEPTED)
IN_FLIGHT_STATES = (AttemptState.CLAIMED, *SENT_STATES)
FINAL_STATES = (
    AttemptState.STORED,
    AttemptState.REJECTED_FREE,
    AttemptState.CHARGED_UNUSABLE,
    AttemptState.UNKNOWN,
    AttemptState.CANCELED,
    AttemptState.RESOLVED_CHARGED,
    AttemptState.RESOLVED_FREE,
)


def either(*states: AttemptState) -> Q:
    """One of these states, as the conditions of indexes say it.

    SQLite takes such an index for a query that names one of the states, or says the same whole
    condition; for `state__in` it takes none.
    """
    return reduce(operator.or_, (Q(state=state.value) for state in states))


UNFINISHED = either(
    AttemptState.READY,
    AttemptState.HELD,
    AttemptState.CLAIMED,
    AttemptState.SENDING,
    AttemptState.ACCEPTED,
    AttemptState.RECEIVED,
    AttemptState.FETCHING,
)
RESTING = either(AttemptState.CANCELED, AttemptState.RESOLVED_CHARGED, AttemptState.RESOLVED_FREE)
HAS_FAILED = either(AttemptState.REJECTED_FREE, AttemptState.CHARGED_UNUSABLE, AttemptState.UNKNOWN)


class Generation(models.Model):
    """What a person asked for, as they asked it; n pictures are n slots, n tiles."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="generations")
    # Whose gallery it is for: the owner's own, or this team's.
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="generations")
    parent = models.ForeignKey("self", models.SET_NULL, null=True, related_name="children")
    # One submission to several models is several generations of one batch.
    batch = models.UUIDField(null=True)
    template = models.ForeignKey(
        "PromptTemplate", models.SET_NULL, null=True, related_name="generations"
    )
    template_version = models.PositiveSmallIntegerField(null=True)
    # Where its pictures hang beside their gallery; an album that is deleted takes none of them.
    album = models.ForeignKey("Album", models.SET_NULL, null=True, related_name="+", db_index=False)
    submit_token = models.CharField(max_length=64)
    fields_hash = models.CharField(max_length=64)
    prompt = models.TextField()
    model_id = models.CharField(max_length=200)
    n = models.PositiveSmallIntegerField()
    size = models.CharField(max_length=20, blank=True)
    quality = models.CharField(max_length=20, blank=True)
    output_format = models.CharField(max_length=10, blank=True)
    parameters = models.JSONField(default=dict)  # the rarer ones, as sent upstream
    width = models.PositiveIntegerField(default=0)  # of the tiles; 0 while not known
    height = models.PositiveIntegerField(default=0)
    quote_micros = models.BigIntegerField(null=True)  # for one picture; null: not known
    cancel_requested_at = models.DateTimeField(null=True)
    imported_at = models.DateTimeField(null=True)  # made elsewhere: no money of ours is in it
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            # The same form sent twice is one generation; an edited one is another.
            models.UniqueConstraint(
                fields=["owner", "submit_token", "fields_hash"], name="generation_submitted_once"
            ),
            models.CheckConstraint(condition=Q(n__gte=1) & Q(n__lte=10), name="generation_n"),
        ]
        indexes = [
            models.Index(fields=["owner", "-created_at"], name="generation_newest"),
            models.Index(
                fields=["batch"], condition=Q(batch__isnull=False), name="generation_batch"
            ),
            models.Index(
                fields=["album"], condition=Q(album__isnull=False), name="generation_album"
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Attempt(models.Model):
    """One permission to send one HTTP request upstream; never used twice.

    `state` is written by `generations.lifecycle` alone. `fence` grows with each claim, so only
    the newest claimer's writes count. Times are the database's.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    generation = models.ForeignKey(Generation, models.PROTECT, related_name="attempts")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="+")
    space = space_field()
    previous = models.OneToOneField("self", models.PROTECT, null=True, related_name="next")
    is_automatic = models.BooleanField(default=False)  # made by us after a provably free refusal
    tries = models.PositiveSmallIntegerField(default=1)
    first_slot = models.PositiveSmallIntegerField()
    slot_count = models.PositiveSmallIntegerField(default=1)
    sort_key = models.BigIntegerField()
    # Speaks on a tile: it is its slots' newest attempt, a picture is missing, nobody dismissed it.
    is_vacant = models.BooleanField(default=True)
    # Canceled after sending: what comes is kept, and stays out of the gallery.
    is_hidden = models.BooleanField(default=False)
    # Goes through a closed gate, to find out whether the others may.
    is_probe = models.BooleanField(default=False)

    state = models.CharField(max_length=20, choices=AttemptState, default=AttemptState.READY)
    state_since = models.DateTimeField()
    fence = models.PositiveIntegerField(default=0)
    worker = models.CharField(max_length=100, blank=True)
    lease_until = models.DateTimeField(null=True)
    not_before = models.DateTimeField()
    give_up_at = models.DateTimeField(null=True)
    rung_at = models.DateTimeField(null=True)
    rings = models.PositiveSmallIntegerField(default=0)

    created_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    status = models.PositiveSmallIntegerField(null=True)  # HTTP's
    request_id = models.CharField(max_length=200, blank=True)
    code = models.CharField(
        max_length=60, blank=True
    )  # why it waits or ended; generations.outcomes
    message = models.CharField(max_length=500, blank=True)  # the provider's words, cleaned
    answer_sha256 = models.CharField(max_length=64, blank=True)
    answer_bytes = models.BigIntegerField(null=True)
    spool_host = models.CharField(max_length=60, blank=True)  # on whose disk the answer lies
    answered = models.JSONField(default=dict)  # size, quality, format … the provider says it used
    usage = models.JSONField(null=True)
    flags = models.JSONField(default=list)

    reserved_micros = models.BigIntegerField(null=True)
    cost_micros = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["generation", "first_slot"],
                condition=Q(is_vacant=True),
                name="attempt_one_per_tile",
            ),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=False)
                | Q(state__in=["ready", "held", "claimed", "canceled", "rejected_free"]),
                name="attempt_sent_is_dated",
            ),
        ]
        indexes = [
            models.Index(
                fields=["space", "-sort_key"], condition=Q(is_vacant=True), name="attempt_tiles"
            ),
            models.Index(
                fields=["state", "owner", "created_at"],
                condition=UNFINISHED,
                name="attempt_unfinished",
            ),
            models.Index(
                fields=["-finished_at"],
                condition=Q(state="stored"),
                name="attempt_recent",
            ),
            # What failed, and what nobody knows: a few among very many.
            models.Index(
                fields=["state", "-finished_at"],
                condition=HAS_FAILED,
                name="attempt_failures",
            ),
            # What was spent in a span of days.
            models.Index(fields=["owner", "sort_key"], name="attempt_by_day"),
            # The administration's lists, and what a provider is asked about.
            models.Index(fields=["-sort_key"], name="attempt_newest"),
            models.Index(fields=["state", "-sort_key"], condition=RESTING, name="attempt_resting"),
            models.Index(
                fields=["request_id"], condition=~Q(request_id=""), name="attempt_request"
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def slots(self) -> range:
        return range(self.first_slot, self.first_slot + self.slot_count)
