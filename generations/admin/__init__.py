"""The operator's pages: people, models and prices, gates, budgets, and money to read.

Prompts of others aren't here, and of their pictures only those that staff were asked to review;
money and attempts can be read, never edited. What an operator decides about a call whose outcome
is unknown goes through `generations.lifecycle`, about a picture through `generations.services`.
"""

from django.contrib import admin

from generations.admin import catalog, gates, inspection, money, people, review, share, work
from generations.views.accounts import sign_in_to_admin

__all__ = ["catalog", "gates", "inspection", "money", "people", "review", "share", "work"]

admin.site.site_header = "Mesh Gallery"
admin.site.site_title = "Mesh Gallery"
admin.site.index_title = "Operation"
admin.site.login = sign_in_to_admin  # type: ignore[method-assign, assignment]
