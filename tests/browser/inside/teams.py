"""Teams, and what waits for a verdict."""

from django.utils import timezone

from generations.models import (
    Attempt,
    CheckVerdict,
    Generation,
    Image,
    Membership,
    ModerationCheck,
    Reason,
    ReviewState,
    Role,
    Team,
    User,
    Verdict,
)
from generations.services.moving import move_images
from generations.services.review import Opinion, ask_for_review, give_verdict
from generations.services.team import create_team
from tests.browser.inside.money import until_known
from tests.browser.inside.pictures import hang_pictures


def make_team(owner: str, name: str, **roles: str) -> str:
    """A team of people who are there already, by name and role; its address."""
    team = create_team(User.objects.get(username=owner), name=name)
    for username, role in roles.items():
        Membership.objects.create(team=team, user=User.objects.get(username=username), role=role)
    return team.slug


def give_to_team(username: str, slug: str) -> int:
    """All that a member has, moved into the team."""
    user = User.objects.get(username=username)
    ids = list(Image.objects.filter(owner=user, team=None).values_list("pk", flat=True))
    return move_images(user, ids, Team.objects.get(slug=slug)).done


def hang_for_review(curator: str, viewer: str, count: int) -> list[str]:
    """A team that shows approved pictures alone, with so many of a maker's that wait; the
    pictures, oldest first."""
    team = create_team(User.objects.create_user(curator), name=f"Team of {curator}")
    Team.objects.filter(pk=team.pk).update(approved_only=True)
    seer = User.objects.create_user(viewer)
    Membership.objects.create(team=team, user=seer, role=Role.VIEWER)
    runs = hang_pictures(f"maker-of-{curator}", count)
    Membership.objects.create(team=team, user=User.objects.get(username=f"maker-of-{curator}"))
    Generation.objects.filter(pk__in=runs).update(team=team)
    for model in (Attempt, Image):
        model.objects.filter(generation__in=runs).update(team=team)
    until_known()
    images = Image.objects.filter(generation__in=runs).order_by("sort_key")
    return [str(image.pk) for image in images]


def ask_for_reviews(owner: str, reviewer: str, count: int) -> None:
    """Somebody of staff, and so many of a person's newest pictures in their queue."""
    rita = User.objects.create_user(reviewer, is_staff=True)
    images = list(Image.objects.filter(owner__username=owner).order_by("-sort_key")[:count])
    for image in images:
        ask_for_review(image.owner, image, on=True)
    give_verdict(rita, images[-1], Opinion(Verdict.FLAG, Reason.TEXT, "A sign?"), seen="pending")
    flag_by_check(images[0])


def flag_by_check(image: Image) -> None:
    """As the automatic check does with what it finds something in, where findings block."""
    now = timezone.now()
    ModerationCheck.objects.create(
        generation=image.generation,
        image=image,
        verdict=CheckVerdict.FLAGGED,
        categories=["violence/graphic", "self-harm"],
        due_at=now,
        created_at=now,
        checked_at=now,
    )
    Image.objects.filter(pk=image.pk).update(review_state=ReviewState.FLAGGED, is_withheld=True)
