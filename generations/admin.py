"""The operator's pages: people, models and prices, gates, and money to read.

Prompts and pictures of others aren't here; money and attempts can be read, never edited.
"""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from generations import lifecycle
from generations.models import Attempt, CatalogModel, Gate, LedgerEntry, Price, User

admin.site.site_header = "Mesh Gallery"
admin.site.site_title = "Mesh Gallery"
admin.site.index_title = "Operation"
admin.site.register(User, UserAdmin)


class ReadOnly(admin.ModelAdmin):
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class PriceInline(admin.TabularInline):
    model = Price
    extra = 0
    fields = (
        "starts_at",
        "size",
        "quality",
        "image_micros",
        "prompt_micros_per_million",
        "completion_micros_per_million",
    )


@admin.register(CatalogModel)
class CatalogModelAdmin(admin.ModelAdmin):
    list_display = ("name", "model_id", "provider", "is_enabled", "position", "is_available")
    list_editable = ("is_enabled", "position")
    list_filter = ("is_enabled", "is_available", "provider")
    search_fields = ("name", "model_id")
    readonly_fields = ("model_id", "provider", "is_free", "is_available", "refreshed_at")
    inlines = (PriceInline,)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # rows come from the provider


@admin.register(Gate)
class GateAdmin(ReadOnly):
    list_display = ("name", "is_closed", "closed_until", "reason", "message")
    actions = ("open_gates",)

    @admin.action(description="Open", permissions=["view"])
    def open_gates(self, request: HttpRequest, gates: QuerySet[Gate]) -> None:
        for gate in gates:
            lifecycle.open_gate(gate.name)


@admin.register(Attempt)
class AttemptAdmin(ReadOnly):
    list_display = ("id", "owner", "state", "code", "status", "tries", "created_at", "sent_at")
    list_filter = ("state",)
    list_select_related = ("owner",)
    search_fields = ("=request_id",)
    exclude = ("answered", "message")


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnly):
    list_display = ("created_at", "attempt", "kind", "micros")
    list_filter = ("kind",)
