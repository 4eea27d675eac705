from typing import cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from generations.admin.readonly import ReadOnly
from generations.models import ShareLink, User
from generations.services.share import revoke_link


@admin.register(ShareLink)
class ShareLinkAdmin(ReadOnly):
    """Whose links are open; they can be revoked, never made or followed from here."""

    list_display = ("id", "creator", "kind", "created_at", "expires_at", "revoked_at")
    list_filter = ("kind",)
    list_select_related = ("creator",)
    search_fields = ("=creator__username",)
    fields = ("creator", "kind", "created_at", "expires_at", "revoked_at")
    actions = ("revoke",)

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("generations.change_sharelink")

    @admin.action(description="Revoke: they lead nowhere any more", permissions=["revoke"])
    def revoke(self, request: HttpRequest, links: QuerySet[ShareLink]) -> None:
        found = list(links)
        for link in found:
            revoke_link(link, cast(User, request.user))
            self.log_change(request, link, "Revoked.")
        self.message_user(request, f"{len(found)} revoked.")
