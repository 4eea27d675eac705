"""Templates and recent prompts: a page of their own, and fragments for the form's picker."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from generations import policy
from generations.errors import Conflict
from generations.forms.prompts import FillForm, NewTemplateForm, TemplateForm
from generations.models import PromptTemplate, User
from generations.queries.prompts import recent_prompts, templates_of, versions_of
from generations.services.prompts import change_template, delete_template, make_template
from generations.slots import slots_of
from generations.views.gallery import composer_context, prompt_form
from generations.views.redirects import see_other
from generations.views.requests import SignedInRequest, changeable_or_refused

RECENT, HISTORY = 20, 50


@require_http_methods(["GET", "POST"])
def prompts(request: SignedInRequest) -> HttpResponseBase:
    """One's templates and recent prompts; POST makes a template."""
    initial = {"text": request.GET.get("text", "")}
    form = NewTemplateForm(request.POST or None, initial=initial, user=request.user)
    if request.method == "POST" and form.is_valid() and _is_made(form, request.user):
        messages.success(request, "The template is saved.")
        return see_other("prompts")
    context = {
        "form": form,
        "templates": templates_of(request.user),
        "recent": recent_prompts(request.user, most=RECENT),
    }
    fragment = "#picker" if request.htmx else ""
    status = 422 if form.errors else 200
    return render(request, f"prompts/index.html{fragment}", context, status=status)


@require_http_methods(["GET", "POST"])
def edit(request: SignedInRequest, template_id: int) -> HttpResponseBase:
    template = _changeable(request, template_id)
    form = TemplateForm(
        request.POST or None, initial={"name": template.name, "text": template.text}
    )
    if request.method == "POST" and form.is_valid() and _is_changed(form, request.user, template):
        messages.success(request, "The template is saved.")
        return see_other("prompts")
    versions = versions_of(template)
    context = {"form": form, "template": template, "versions": versions}
    return render(request, "prompts/edit.html", context, status=422 if form.errors else 200)


def _is_made(form: NewTemplateForm, user: User) -> bool:
    words = {name: form.cleaned_data[name] for name in ("name", "text")}
    try:
        make_template(user, team=form.destination, **words)
    except Conflict as refusal:
        form.add_error("name", refusal.sentence)
        return False
    return True


def _is_changed(form: TemplateForm, user: User, template: PromptTemplate) -> bool:
    try:
        change_template(user, template, **form.cleaned_data)
    except Conflict as refusal:
        form.add_error("name", refusal.sentence)
        return False
    return True


@require_POST
def delete(request: SignedInRequest, template_id: int) -> HttpResponseBase:
    template = _changeable(request, template_id)
    delete_template(template)
    messages.success(request, f"The template “{template.name}” was deleted.")
    return see_other("prompts")


@require_http_methods(["GET", "POST"])
def use(request: SignedInRequest, template_id: int) -> HttpResponseBase:
    """Ask for what the slots are to hold; then the prompt stands in the form."""
    template = get_object_or_404(policy.visible_templates(request.user), pk=template_id)
    asked = slots_of(template.text)
    form = FillForm(
        request.POST if request.method == "POST" or not asked else None, template=template
    )
    if not form.is_valid():
        fragment = "#fields" if request.htmx else ""
        context: dict[str, Any] = {"form": form, "template": template}
        status = 422 if form.errors else 200
        return render(request, f"prompts/use.html{fragment}", context, status=status)
    if request.htmx:
        context = {"prompt": form.prompt(), "template": template}
        return render(request, "prompts/use.html#filled", context)
    return _front_page(request, prompt=form.prompt(), template=f"{template.pk}.{template.version}")


def _front_page(request: SignedInRequest, **initial: Any) -> HttpResponse:
    context = composer_context(prompt_form(request.user, **initial))
    return render(request, "gallery/index.html", context | {"days": [], "first_run": False})


@require_GET
def history(request: SignedInRequest) -> JsonResponse:
    """The last prompts, newest first, for walking through them in the form."""
    found = recent_prompts(request.user, most=HISTORY)
    return JsonResponse({"prompts": [recent.prompt for recent in found]})


def _changeable(request: SignedInRequest, template_id: int) -> PromptTemplate:
    changeable = policy.changeable_templates(request.user)
    return changeable_or_refused(changeable, policy.visible_templates(request.user), pk=template_id)
