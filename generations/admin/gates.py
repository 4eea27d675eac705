from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from generations import lifecycle, outcomes
from generations.admin.readonly import ReadOnly
from generations.models import CatalogModel, Gate, Heartbeat


class PauseForm(forms.ModelForm):
    """Closes a gate by hand, until somebody opens it."""

    what = forms.ChoiceField(label="What to pause")

    class Meta:
        model = Gate
        fields = ("message",)
        labels = {"message": "What people read"}
        help_texts = {"message": "Why, and for how long; shown on every page."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        models = CatalogModel.objects.values_list("model_id", "name")
        rows = [(lifecycle.model_gate(model_id), name) for model_id, name in models]
        field = self.fields["what"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101
        field.choices = [(lifecycle.ACCOUNT_GATE, "Everything"), *rows]


@admin.register(Gate)
class GateAdmin(ReadOnly):
    list_display = ("name", "is_closed", "closed_at", "closed_until", "reason", "message")
    list_filter = ("is_closed",)
    actions = ("open_gates",)
    form = PauseForm
    add_fieldsets = ((None, {"fields": ("what", "message")}),)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("generations.change_gate")

    def has_open_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("generations.change_gate")

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return super().get_fieldsets(request, obj) if obj else self.add_fieldsets

    def save_model(self, request: HttpRequest, obj: Gate, form: Any, change: bool) -> None:
        lifecycle.close_gate(
            form.cleaned_data["what"], seconds=None, reason=outcomes.PAUSED, message=obj.message
        )
        obj.pk = Gate.objects.get(name=form.cleaned_data["what"]).pk
        obj.refresh_from_db()

    @admin.action(description="Open", permissions=["open"])
    def open_gates(self, request: HttpRequest, gates: QuerySet[Gate]) -> None:
        for gate in gates:
            lifecycle.open_gate(gate.name)
            self.log_change(request, gate, "Opened.")


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnly):
    list_display = ("name", "beat_at")
