from django.contrib import admin
from django.http import HttpRequest

from generations.admin.dollars import InDollars
from generations.models import CatalogModel, Price


class PriceInline(InDollars, admin.TabularInline):
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
