"""The automatic check: of a prompt before anything is paid for it, of a picture once it is safe.

A row of `ModerationCheck` is queue and memory in one. To ask costs nothing: who dies at it leaves a
row that is due again, and so does an endpoint that is away. While it is asked no transaction is
open and no connection held.
"""

import base64
import logging
import math
import time
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import F, QuerySet, Value
from django.db.models.functions import Coalesce, Least, Now
from django.utils import timezone

from generations import bell, lifecycle, outcomes, policy, storage, watch, wording
from generations.mesh import MeshError, ModerationRequest, RateLimited, Verdict, Wait
from generations.mesh.moderation import CHECK_LIMITS
from generations.models import (
    Attempt,
    CheckVerdict,
    Generation,
    Image,
    ModerationCheck,
    ReviewState,
)
from generations.models.image import ORIGINAL
from generations.models.moderation import UNDECIDED
from generations.pipeline import outcome, stopping, upstream
from generations.storage import keys
from generations.storage.base import StoreError
from generations.transactions import writing

_log = logging.getLogger(__name__)

OFF, FLAG, BLOCK = "off", "flag", "block"
LIMITS = CHECK_LIMITS
ASKING_SECONDS = 15.0  # longer than one question lasts: then who asked has died
GLANCE_SECONDS = 0.05
QUIET_SECONDS = 20.0  # after a question without an answer nobody else waits for one
AGAIN = Wait(base_seconds=5, cap_seconds=600)
PATIENCE = timedelta(hours=24)
HELD_AFTER_SECONDS = 15 * 60
EDGE = 640  # what is shown to the moderation: enough to judge, and a tenth of a megabyte
BATCH = 200
MOST_TRIES = 30_000
# The endpoint answers; it is this very prompt or picture that it takes no view of.
_ABOUT_THIS_ONE = frozenset({"invalid_request", "validation", "blocked", "client_bug"})

_quiet_until = 0.0
_quiet_code = ""


def lets_go(attempt: Attempt) -> bool:
    """Whether a claimed attempt may be sent, as far as its prompt goes; if not, it was moved on."""
    if settings.MODERATION == OFF:
        return True
    check = _verdict_on(attempt.generation)
    if settings.MODERATION == FLAG or check.verdict == CheckVerdict.CLEAR:
        return True
    outcome.apply(attempt, _refusal(check))
    return False


def _refusal(check: ModerationCheck) -> Verdict:
    if check.verdict == CheckVerdict.FLAGGED:
        found = wording.categories(check.categories)
        return Verdict("unsent", outcomes.BLOCKED_HERE, message=found)
    seconds = math.ceil((check.due_at - timezone.now()).total_seconds())
    wait = Wait(seconds=max(1, seconds), give_up_seconds=HELD_AFTER_SECONDS)
    return Verdict("unsent", "check_away", wait=wait)


def _verdict_on(generation: Generation) -> ModerationCheck:
    """What is known of a prompt; asked for by the first of its attempts, awaited by the others."""
    check = ModerationCheck.objects.filter(generation=generation, image=None).first()
    if check is None:
        with writing():
            check, _ = ModerationCheck.objects.get_or_create(
                generation=generation, image=None, defaults={"due_at": Now(), "created_at": Now()}
            )
    if check.verdict in UNDECIDED:
        look(check.pk)
        check = _when_answered(check.pk)
    return check


def _when_answered(check_id: UUID) -> ModerationCheck:
    """The row as soon as nobody asks any more, with its verdict or the reason why it has none."""
    until = time.monotonic() + ASKING_SECONDS
    while True:
        check = ModerationCheck.objects.get(pk=check_id)
        is_asked = check.verdict in UNDECIDED and not check.code
        if not is_asked or stopping.is_stopping() or time.monotonic() > until:
            return check
        connection.close()  # somebody else's meanwhile
        time.sleep(GLANCE_SECONDS)


def look(check_id: UUID) -> None:
    """Ask about a prompt or a picture if that is due. Of several who come at once one asks."""
    check = _take(check_id)
    if check is None:
        return
    if (left := _quiet_until - time.monotonic()) > 0:
        _put_off(check, code=_quiet_code, seconds=left)
        return
    try:
        request = _request_of(check)
    except StoreError:
        _put_off(check, code="storage_away")
        return
    if request is None:
        _settle(check, CheckVerdict.UNCHECKED, code="nothing_to_check")
        return
    _ask(check, request)


def _take(check_id: UUID) -> ModerationCheck | None:
    due = ModerationCheck.objects.filter(verdict__in=UNDECIDED, due_at__lte=Now())
    with writing():
        if not due.filter(pk=check_id).update(
            due_at=lifecycle.in_seconds(ASKING_SECONDS),
            tries=Least(F("tries") + 1, MOST_TRIES),
            code="",
        ):
            return None
    return ModerationCheck.objects.select_related("generation", "image").get(pk=check_id)


def _request_of(check: ModerationCheck) -> ModerationRequest | None:
    """None for a prompt that was erased, and for a picture that nobody can look at."""
    image = check.image
    if image is None:
        prompt = check.generation.prompt
        return ModerationRequest(prompt) if prompt else None
    edges = [edge for edge, _, _ in image.edges]
    if not edges or image.trashed_at == policy.GIVEN_UP:
        return None
    edge = max((each for each in edges if each <= EDGE), default=min(edges))
    preview = b"".join(storage.get_store().open(keys.derived_key(image.key, edge)).chunks)
    return ModerationRequest(
        image_url=f"data:image/webp;base64,{base64.b64encode(preview).decode()}"
    )


def _ask(check: ModerationCheck, request: ModerationRequest) -> None:
    connection.close()  # it may last seconds: somebody else's meanwhile
    try:
        said = upstream.client().moderations.check(request, limits=LIMITS)
    except MeshError as error:
        _log.warning("check %s: the moderation gave no verdict: %s", check.pk, error.code)
        asked = error.retry_after if isinstance(error, RateLimited) else None
        if error.code not in _ABOUT_THIS_ONE:
            _keep_quiet(error.code)
        _put_off(check, code=error.code, seconds=asked)
        return
    verdict = CheckVerdict.FLAGGED if said.is_flagged else CheckVerdict.CLEAR
    _settle(check, verdict, categories=said.categories)


def _keep_quiet(code: str) -> None:
    global _quiet_until, _quiet_code
    _quiet_until, _quiet_code = time.monotonic() + QUIET_SECONDS, code


def forget_trouble() -> None:
    """Ask again at once, whatever came of the last question."""
    global _quiet_until
    _quiet_until = 0.0


def _put_off(check: ModerationCheck, *, code: str, seconds: float | None = None) -> None:
    """No verdict for now; once the patience is over a person has to look, where one is needed."""
    pause = AGAIN.delay(check.tries, chance=0.5) if seconds is None else seconds
    with writing():
        undecided = ModerationCheck.objects.filter(pk=check.pk, verdict__in=UNDECIDED)
        undecided.update(due_at=lifecycle.in_seconds(pause), code=code)
    if check.created_at < timezone.now() - PATIENCE:
        _settle(check, CheckVerdict.UNCHECKED, code=code)


def _settle(
    check: ModerationCheck,
    verdict: CheckVerdict,
    *,
    categories: tuple[str, ...] = (),
    code: str = "",
) -> None:
    """The verdict and what follows for pictures, at once. The first verdict stays."""
    with writing():
        undecided = ModerationCheck.objects.filter(pk=check.pk, verdict__in=UNDECIDED)
        if not undecided.update(
            verdict=verdict, categories=list(categories), code=code, checked_at=Now()
        ):
            return
        if check.image_id is None:
            if verdict == CheckVerdict.FLAGGED:
                _flag(Image.objects.filter(generation=check.generation_id))
            return
        image = Image.objects.filter(pk=check.image_id)
        if verdict == CheckVerdict.CLEAR:
            _release(image)
        else:
            is_needed = {} if verdict == CheckVerdict.FLAGGED else {"is_withheld": True}
            _flag(image.filter(**is_needed))


def _flag(images: QuerySet[Image]) -> None:
    """Before the reviewers, unless one of them has decided already."""
    pending = images.filter(review_state=ReviewState.PENDING)
    spaces = set(pending.values_list("space", flat=True))
    since = Coalesce("queued_at", Value(timezone.now()))
    pending.update(review_state=ReviewState.FLAGGED, queued_at=since, held_until=None)
    watch.bump_on_commit(spaces)


def _release(images: QuerySet[Image]) -> None:
    withheld = images.filter(is_withheld=True)
    spaces = set(withheld.values_list("space", flat=True))
    withheld.update(is_withheld=False)
    watch.bump_on_commit(spaces)


def note_pictures(attempt: Attempt) -> None:
    """Pictures just stored wait for their check, in the transaction that stores them.

    Where a finding blocks, they are held back until it is made. The prompt's row is taken: a
    verdict on it that comes at this moment finds these pictures, or is found here.
    """
    if settings.MODERATION == OFF:
        return
    images = Image.objects.filter(ORIGINAL, attempt=attempt)
    if settings.MODERATION == BLOCK:
        images.update(is_withheld=True)
    rows = [
        ModerationCheck(
            generation_id=attempt.generation_id, image=image, due_at=Now(), created_at=Now()
        )
        for image in images.filter(moderation=None)
    ]
    ModerationCheck.objects.bulk_create(rows)
    bell.ring_on_commit(bell.MODERATE, [row.pk for row in rows])
    prompts = ModerationCheck.objects.filter(generation=attempt.generation_id, image=None)
    of_prompt = prompts.select_for_update().first()
    if of_prompt and of_prompt.verdict == CheckVerdict.FLAGGED:
        _flag(images)


def waiting() -> QuerySet[ModerationCheck]:
    """What nobody has asked about though it is due."""
    return ModerationCheck.objects.filter(verdict=CheckVerdict.WAITING, due_at__lte=Now())


def stop_waiting() -> None:
    """Nothing is checked any more: what still waits is shown, and said to be unchecked."""
    rows = ModerationCheck.objects.filter(verdict=CheckVerdict.WAITING)
    ids = list(rows.values_list("pk", flat=True)[:BATCH])
    if not ids:
        return
    with writing():
        _release(Image.objects.filter(moderation__in=ids))
        rows.filter(pk__in=ids).update(verdict=CheckVerdict.UNCHECKED, code="off", checked_at=Now())
