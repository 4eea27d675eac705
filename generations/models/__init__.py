from generations.models.accounts import Density, User
from generations.models.answer import AnswerCopy
from generations.models.budget import (
    Budget,
    BudgetPeriod,
    BudgetScope,
    BudgetSpan,
    Reservation,
)
from generations.models.catalog import CatalogModel, Price
from generations.models.erasure import Erasure
from generations.models.gate import Gate
from generations.models.generation import (
    FINAL_STATES,
    IN_FLIGHT_STATES,
    SENT_STATES,
    Attempt,
    AttemptState,
    Generation,
)
from generations.models.heartbeat import Heartbeat
from generations.models.image import Image, ReviewState, Shape, shape_of
from generations.models.inspection import Inspection
from generations.models.ledger import LedgerEntry, LedgerKind
from generations.models.moderation import CheckVerdict, ModerationCheck
from generations.models.notice import DismissedNotice
from generations.models.review import Reason, Review, Verdict
from generations.models.second_factor import RecoveryCode, SecondFactor
from generations.models.session import Session
from generations.models.share import (
    ShareGuest,
    ShareImage,
    ShareKind,
    ShareLink,
    SharePick,
    ShareView,
    Viewed,
)
from generations.models.sorting import (
    Album,
    AlbumImage,
    Favorite,
    ImageTag,
    PromptTemplate,
    PromptVersion,
    SavedSearch,
    Tag,
)
from generations.models.team import Invite, Membership, Role, Team, TeamEvent
from generations.models.throttle import Throttle
from generations.models.usage import (
    CHARGED_STATES,
    UsageChange,
    UsageFilled,
    UsageSpan,
    UsageSum,
)
from generations.models.words import ImageText

__all__ = [
    "CHARGED_STATES",
    "FINAL_STATES",
    "IN_FLIGHT_STATES",
    "SENT_STATES",
    "Album",
    "AlbumImage",
    "AnswerCopy",
    "Attempt",
    "AttemptState",
    "Budget",
    "BudgetPeriod",
    "BudgetScope",
    "BudgetSpan",
    "CatalogModel",
    "CheckVerdict",
    "Density",
    "DismissedNotice",
    "Erasure",
    "Favorite",
    "Gate",
    "Generation",
    "Heartbeat",
    "Image",
    "ImageTag",
    "ImageText",
    "Inspection",
    "Invite",
    "LedgerEntry",
    "LedgerKind",
    "Membership",
    "ModerationCheck",
    "Price",
    "PromptTemplate",
    "PromptVersion",
    "Reason",
    "RecoveryCode",
    "Reservation",
    "Review",
    "ReviewState",
    "Role",
    "SavedSearch",
    "SecondFactor",
    "Session",
    "Shape",
    "ShareGuest",
    "ShareImage",
    "ShareKind",
    "ShareLink",
    "SharePick",
    "ShareView",
    "Tag",
    "Team",
    "TeamEvent",
    "Throttle",
    "UsageChange",
    "UsageFilled",
    "UsageSpan",
    "UsageSum",
    "User",
    "Verdict",
    "Viewed",
    "shape_of",
]
