"""Teams: who belongs to one, in which role, and who is asked to come in."""

from datetime import timedelta

from django.conf import settings
from django.db import models

INVITE_KEPT = timedelta(days=7)


class Role(models.TextChoices):
    """Each may do what those before it may, and more."""

    VIEWER = "viewer"
    CONTRIBUTOR = "contributor"
    CURATOR = "curator"
    OWNER = "owner"

    @property
    def rank(self) -> int:
        return list(Role).index(self)

    def reaches(self, other: "Role") -> bool:
        return self.rank >= other.rank


class Team(models.Model):
    """People with a gallery of their own. What was made for it is the team's, whoever made it.

    A deleted team keeps its row: nobody gets in any more, and its pictures lead somewhere.
    """

    name = models.CharField(max_length=60)
    slug = models.SlugField(max_length=60, unique=True)
    # Empty: every model that is switched on.
    allowed_models = models.JSONField(default=list, blank=True)
    # How many of its calls may be with the provider at the same time; empty: no limit of its own.
    most_at_once = models.PositiveSmallIntegerField(null=True, blank=True)
    viewers_download = models.BooleanField(default=False)
    contributors_share = models.BooleanField(default=True)
    approved_only = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """One person's present role in a team; without the row they are outside."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=12, choices=Role, default=Role.CONTRIBUTOR)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "user"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.team_id}"


class Invite(models.Model):
    """A secret link into a team, kept as its hash; bound to an address where one is named."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="invites")
    creator = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    token_sha256 = models.CharField(max_length=64, unique=True)
    role = models.CharField(max_length=12, choices=Role, default=Role.CONTRIBUTOR)
    email = models.EmailField(blank=True)
    most_uses = models.PositiveSmallIntegerField(default=1)
    uses = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["team", "-created_at"], name="invite_newest")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(uses__lte=models.F("most_uses")), name="invite_uses"
            )
        ]

    def __str__(self) -> str:
        return f"into {self.team_id} as {self.role}"


class TeamEvent(models.Model):
    """What was done to a team and by whom: its owners and curators can read it."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="events")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    sentence = models.CharField(max_length=500)  # two names, or a name and an address
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["team", "-created_at"], name="team_event_newest")]

    def __str__(self) -> str:
        return self.sentence


def space_of(owner_id: int, team_id: int | None) -> int:
    """In which gallery something hangs: a person's number, or a team's with a minus before it."""
    return owner_id if team_id is None else -team_id


def space_field() -> models.GeneratedField:
    """`space_of` as a column that the database itself keeps true, for the galleries' indexes."""
    whose = models.Case(
        models.When(team_id__isnull=True, then=models.F("owner_id")),
        default=-models.F("team_id"),
    )
    return models.GeneratedField(
        expression=whose, output_field=models.BigIntegerField(), db_persist=True
    )
