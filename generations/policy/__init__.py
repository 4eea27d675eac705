"""Who may see and do what. Every read of somebody's rows begins with one of these.

A person looks into their own gallery and into those of their teams; `team` is a team's slug, ""
the own gallery. What a role allows is read from the present membership on every request.
"""

from generations.policy.accounts import (
    dismissed_notices,
    visible_sessions,
)
from generations.policy.actor import (
    Actor,
)
from generations.policy.images import (
    GIVEN_UP,
    TRASH_KEPT,
    can_change,
    can_download,
    changeable_images,
    downloadable_images,
    gallery_images,
    movable_images,
    require_download,
    require_downloads,
    restorable_images,
    sees_cost,
    sees_costs,
    sees_run,
    trashed_images,
    visible_images,
)
from generations.policy.runs import (
    changeable_generations,
    gallery_attempts,
    own_attempts,
    own_generations,
    usable_models,
    visible_attempts,
    visible_generations,
)
from generations.policy.share import (
    can_share,
    can_share_search_in,
    live_shares,
    shareable_images,
    visible_shares,
)
from generations.policy.sorting import (
    albums_of,
    changeable_albums,
    changeable_tags,
    changeable_templates,
    tags_of,
    templates_of,
    visible_albums,
    visible_searches,
    visible_tags,
    visible_templates,
)
from generations.policy.spaces import (
    space_for,
)
from generations.policy.staff import (
    can_decide,
    can_pause,
    operated_attempts,
)
from generations.policy.teams import (
    REFUSAL,
    forget_memberships,
    has_role,
    invites_of,
    members_of,
    membership_in,
    memberships_of,
    require_role,
    role_in,
    team_to_fill,
    teams_with,
)

__all__ = [
    "GIVEN_UP",
    "REFUSAL",
    "TRASH_KEPT",
    "Actor",
    "albums_of",
    "can_change",
    "can_decide",
    "can_download",
    "can_pause",
    "can_share",
    "can_share_search_in",
    "changeable_albums",
    "changeable_generations",
    "changeable_images",
    "changeable_tags",
    "changeable_templates",
    "dismissed_notices",
    "downloadable_images",
    "forget_memberships",
    "gallery_attempts",
    "gallery_images",
    "has_role",
    "invites_of",
    "live_shares",
    "members_of",
    "membership_in",
    "memberships_of",
    "movable_images",
    "operated_attempts",
    "own_attempts",
    "own_generations",
    "require_download",
    "require_downloads",
    "require_role",
    "restorable_images",
    "role_in",
    "sees_cost",
    "sees_costs",
    "sees_run",
    "shareable_images",
    "space_for",
    "tags_of",
    "team_to_fill",
    "teams_with",
    "templates_of",
    "trashed_images",
    "usable_models",
    "visible_albums",
    "visible_attempts",
    "visible_generations",
    "visible_images",
    "visible_searches",
    "visible_sessions",
    "visible_shares",
    "visible_tags",
    "visible_templates",
]
