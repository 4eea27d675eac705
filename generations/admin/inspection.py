from django.contrib import admin

from generations.admin.readonly import ReadOnly
from generations.models import Inspection


@admin.register(Inspection)
class InspectionAdmin(ReadOnly):
    """Who looked into whose gallery, and why: read by every superuser, changed by nobody."""

    list_display = ("created_at", "inspector", "person", "team", "reason", "ends_at", "ended_at")
    list_select_related = ("inspector", "person", "team")
    ordering = ("-created_at",)
    search_fields = ("=inspector__username", "=person__username", "=team__slug")
