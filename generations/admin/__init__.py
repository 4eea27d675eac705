"""The operator's pages: people, models and prices, gates, budgets, and money to read.

Prompts and pictures of others aren't here; money and attempts can be read, never edited. What an
operator decides about a call whose outcome is unknown goes through `generations.lifecycle`.
"""

from django.contrib import admin

from generations.admin import catalog, gates, money, people, share, work
from generations.forms.accounts import AdminSignInForm

__all__ = ["catalog", "gates", "money", "people", "share", "work"]

admin.site.site_header = "Mesh Gallery"
admin.site.site_title = "Mesh Gallery"
admin.site.index_title = "Operation"
admin.site.login_form = AdminSignInForm
