from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.db.models import Model
from django.http import HttpRequest

from generations.admin.rough_paginator import RoughPaginator
from generations.models import User


@admin.register(User)
class PeopleAdmin(UserAdmin):
    """Nobody is deleted here: Django would gather every picture first, and money keeps its rows.
    Who shall not come in any more is switched off; who wants to be forgotten does it themselves."""

    show_full_result_count = False
    paginator = RoughPaginator
    list_filter = ("is_staff", "is_superuser", "is_active", "groups")

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
