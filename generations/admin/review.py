"""What staff were asked to look at, and what was decided. Nothing else of others is shown."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from generations import policy, wording
from generations.admin.large import ChoiceFilter, LargeTable, id_of, people_of, short_id
from generations.models import CatalogModel, Image, Reason, Review, ReviewState, User, Verdict
from generations.services.changes import Change
from generations.services.review import Opinion, give_verdicts, take_down

EDGE = 320
THUMB_PX = 96


class ReasonForm(ActionForm):
    """An action's own field: why."""

    reason = forms.ChoiceField(required=False, choices=[("", "Reason"), *Reason.choices])


class StateFilter(ChoiceFilter):
    title, parameter_name, choices_of = "review state", "review_state", ReviewState


class VerdictFilter(ChoiceFilter):
    title, parameter_name, choices_of = "verdict", "verdict", Verdict


class ReasonFilter(ChoiceFilter):
    title, parameter_name, choices_of = "reason", "reason", Reason


class ModelFilter(admin.SimpleListFilter):
    """By the catalogue: the pictures' own column would have to be read through."""

    title = "model"
    parameter_name = "model"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Sequence[tuple[str, str]]:
        rows = CatalogModel.objects.order_by("name").values_list("model_id", "name")
        return list(rows)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(model_id=self.value()) if self.value() else queryset


@admin.register(Image)
class ImageAdmin(LargeTable):
    """Those that were put before staff; seen while they wait, and never one's own."""

    list_filter = (StateFilter, ModelFilter)
    list_select_related = ("owner", "team")
    list_per_page = 50
    ordering = ("review_state", "sort_key")
    search_help_text = "A picture’s id, or the user name of who made it."
    fields = (
        *("owner", "team", "model_id", "width", "height", "size_bytes"),
        *("review_state", "queued_at", "is_withheld", "created_at"),
    )
    action_form = ReasonForm
    actions = ("approve", "reject", "take_down")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Image]:
        # A sum is in no index: else SQLite goes through all pictures of whoever is searched for.
        maker = F("owner_id") + 0
        return super().get_queryset(request).filter(queued_at__isnull=False).alias(maker=maker)

    def found(self, term: str) -> Q:
        wanted = id_of(term)
        return Q(pk=wanted) if wanted else Q(maker__in=people_of(term))

    def get_list_display(self, request: HttpRequest) -> Any:
        names = ("owner", "team", "model_id", "review_state", "queued_at", "created_at")
        return (_thumbnail(request), *names)

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("generations.change_image")

    @admin.action(description="Approve", permissions=["decide"])
    def approve(self, request: HttpRequest, images: QuerySet[Image]) -> None:
        self._decide(request, images, give_verdicts, Opinion(Verdict.APPROVE), "approved")

    @admin.action(description="Reject, for the reason chosen", permissions=["decide"])
    def reject(self, request: HttpRequest, images: QuerySet[Image]) -> None:
        if opinion := self._rejection(request):
            self._decide(request, images, give_verdicts, opinion, "rejected")

    @admin.action(description="Take down, for the reason chosen", permissions=["decide"])
    def take_down(self, request: HttpRequest, images: QuerySet[Image]) -> None:
        if opinion := self._rejection(request):
            self._decide(request, images, take_down, opinion, "taken down")

    def _rejection(self, request: HttpRequest) -> Opinion | None:
        reason = request.POST.get("reason", "")
        if reason in Reason.values:
            return Opinion(Verdict.REJECT, reason)
        self.message_user(request, "Choose a reason beside the action.", messages.ERROR)
        return None

    def _decide(
        self,
        request: HttpRequest,
        images: QuerySet[Image],
        work: Callable[[User, Sequence[Any], Opinion], Change],
        opinion: Opinion,
        words: str,
    ) -> None:
        assert isinstance(request.user, User)  # noqa: S101
        rows = list(images)
        change = work(request.user, [image.pk for image in rows], opinion)
        for image in rows:
            self.log_change(request, image, f"To be {words}.")
        left = change.unchanged + change.missing
        kept = (
            f" {left:,} were decided already, are your own, or somebody has them." if left else ""
        )
        said = f"{wording.count(change.done, 'picture')} {words}.{kept}"
        self.message_user(request, said)


def _thumbnail(request: HttpRequest) -> Callable[[Image], str]:
    """Through the review's own address, which asks once more who may see it."""

    @admin.display(description="picture")
    def picture(image: Image) -> str:
        is_seen = image.review_state in policy.OPEN and image.owner_id != request.user.pk
        if not is_seen or not image.edges or image.trashed_at or image.is_hidden:
            return short_id(image.pk)
        url = reverse("review_file", args=[image.pk, EDGE])
        size = THUMB_PX if image.width <= image.height else THUMB_PX * image.width // image.height
        html = '<img src="{}" width="{}" height="{}" alt="" loading="lazy">'
        return format_html(html, url, min(size, 2 * THUMB_PX), THUMB_PX)

    return picture


@admin.register(Review)
class ReviewAdmin(LargeTable):
    list_display = ("picture", "reviewer", "verdict", "reason", "created_at", "undone_at")
    list_filter = (VerdictFilter, ReasonFilter)
    list_select_related = ("reviewer",)
    ordering = ("-pk",)
    search_help_text = "A picture’s id, or a reviewer’s user name."
    exclude = ("note",)

    @admin.display(description="picture")
    def picture(self, review: Review) -> str:
        return short_id(review.image_id)

    def found(self, term: str) -> Q:
        wanted = id_of(term)
        return Q(image=wanted) if wanted else Q(reviewer__in=people_of(term))
