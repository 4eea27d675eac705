from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from generations.admin.rough_paginator import RoughPaginator


class ReadOnly(admin.ModelAdmin):
    show_full_result_count = False
    paginator = RoughPaginator

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
