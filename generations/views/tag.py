from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from generations import policy
from generations.forms.sorting import TagForm
from generations.models import Tag
from generations.queries.tags import tag_rows
from generations.services.tag import delete_tag, rename_tag, tag_named
from generations.views.redirects import see_other
from generations.views.requests import SignedInRequest, changeable_or_refused, team_of


@require_http_methods(["GET", "POST"])
def tags(request: SignedInRequest) -> HttpResponseBase:
    """All tags, and the form for a new one."""
    form, team = TagForm(request.POST or None), team_of(request)
    if request.method == "POST" and form.is_valid():
        tag_named(request.user, form.cleaned_data["name"], team)
        return see_other(request.get_full_path())
    return _page(request, form)


@require_POST
def rename(request: SignedInRequest, tag_id: int) -> HttpResponseBase:
    """Another name; the name of another tag makes one of both."""
    tag = _changeable(request, tag_id)
    form = TagForm(request.POST)
    if not form.is_valid():
        return _page(request, TagForm(), tag=tag, renaming=form)
    rename_tag(tag, form.cleaned_data["name"])
    return _list_of(tag)


@require_http_methods(["GET", "POST"])
def delete(request: SignedInRequest, tag_id: int) -> HttpResponseBase:
    """Asks first; the pictures stay."""
    tag = _changeable(request, tag_id)
    if request.method == "GET":
        return render(request, "tag/delete.html", {"tag": tag})
    delete_tag(tag)
    messages.success(request, f"The tag “{tag.name}” is gone. The pictures are all there.")
    return _list_of(tag)


def _list_of(tag: Tag) -> HttpResponse:
    tags = reverse("tags")
    return see_other(f"{tags}?team={tag.team.slug}" if tag.team else tags)


def _page(
    request: SignedInRequest,
    form: TagForm,
    *,
    tag: Tag | None = None,
    renaming: TagForm | None = None,
) -> HttpResponse:
    """With what was typed as another name for a tag, where that was refused."""
    team = tag.team.slug if tag and tag.team else team_of(request)
    membership = policy.membership_in(request.user, team)
    context = {
        "tags": tag_rows(request.user, team),
        "form": form,
        "membership": membership,
        "renaming": renaming,
        "renamed_id": tag.pk if tag else None,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "tag/index.html", context, status=status)


def _changeable(request: SignedInRequest, tag_id: int) -> Tag:
    changeable = policy.changeable_tags(request.user).select_related("team")
    return changeable_or_refused(changeable, policy.visible_tags(request.user), pk=tag_id)
