from typing import cast

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from generations.admin.large import ChoiceFilter, LargeTable, id_of, people_of, short_id
from generations.models import ShareKind, ShareLink, User
from generations.services.share import revoke_link


class KindFilter(ChoiceFilter):
    title, parameter_name, choices_of = "kind", "kind", ShareKind


@admin.register(ShareLink)
class ShareLinkAdmin(LargeTable):
    """Whose links are open; they can be revoked, never made or followed from here."""

    list_display = ("link", "creator", "kind", "created_at", "expires_at", "revoked_at")
    list_filter = (KindFilter,)
    list_select_related = ("creator",)
    ordering = ("-created_at",)
    search_help_text = "A link’s id, or the user name of who made it."
    fields = ("creator", "kind", "created_at", "expires_at", "revoked_at")
    actions = ("revoke",)

    @admin.display(description="link")
    def link(self, share: ShareLink) -> str:
        return short_id(share.pk)

    def found(self, term: str) -> Q:
        wanted = id_of(term)
        return Q(pk=wanted) if wanted else Q(creator__in=people_of(term))

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("generations.change_sharelink")

    @admin.action(description="Revoke: they lead nowhere any more", permissions=["revoke"])
    def revoke(self, request: HttpRequest, links: QuerySet[ShareLink]) -> None:
        found = list(links)
        for link in found:
            revoke_link(link, cast(User, request.user))
            self.log_change(request, link, "Revoked.")
        self.message_user(request, f"{len(found)} revoked.")
