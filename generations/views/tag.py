from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST

from generations import policy
from generations.forms.sorting import TagForm
from generations.models import Tag
from generations.queries.tags import tag_rows
from generations.services.tag import delete_tag, rename_tag, tag_named
from generations.views.redirects import see_other
from generations.views.requests import SignedInRequest


@require_http_methods(["GET", "POST"])
def tags(request: SignedInRequest) -> HttpResponseBase:
    """All tags, and the form for a new one."""
    form = TagForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        tag_named(request.user, form.cleaned_data["name"])
        return see_other("tags")
    return _page(request, form)


@require_POST
def rename(request: SignedInRequest, tag_id: int) -> HttpResponseBase:
    """Another name; the name of another tag makes one of both."""
    tag = _own(request, tag_id)
    form = TagForm(request.POST)
    if not form.is_valid():
        return _page(request, form)
    rename_tag(tag, form.cleaned_data["name"])
    return see_other("tags")


@require_http_methods(["GET", "POST"])
def delete(request: SignedInRequest, tag_id: int) -> HttpResponseBase:
    """Asks first; the pictures stay."""
    tag = _own(request, tag_id)
    if request.method == "GET":
        return render(request, "tag/delete.html", {"tag": tag})
    delete_tag(tag)
    messages.success(request, f"The tag “{tag.name}” is gone. The pictures are all there.")
    return see_other("tags")


def _page(request: SignedInRequest, form: TagForm) -> HttpResponse:
    context = {"tags": tag_rows(request.user), "form": form}
    status = 422 if request.method == "POST" else 200
    return render(request, "tag/index.html", context, status=status)


def _own(request: SignedInRequest, tag_id: int) -> Tag:
    return get_object_or_404(policy.visible_tags(request.user), pk=tag_id)
