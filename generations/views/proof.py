"""Asking once more who it is: before what is grave, and staff who were away from their pages."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.http import require_http_methods

from generations import policy
from generations.forms.account import ProofForm
from generations.models import Role, User
from generations.views.accounts import refused
from generations.views.redirects import see_next, see_other
from generations.views.requests import SignedInRequest

PREFIX = "proof"  # of the fields that a repeated form brings along
OURS = ("csrfmiddlewaretoken", f"{PREFIX}-")  # what the view needn't see of them
NEEDS_SECOND_FACTOR = "Pages of staff ask for a second factor here. Set it up, then go on."
STAFF_PLACES = ("/admin/", "/desk/", "/review/", "/gates/", "/inspections/")
OF_EVERYBODY = {"usage", "usage_csv"}  # for staff, where they are asked for everybody's


def _posted(request: HttpRequest) -> bool:
    return request.method == "POST"


def _invites_to_power(request: HttpRequest) -> bool:
    return request.POST.get("role") in {Role.CURATOR, Role.OWNER}


def _always(_: HttpRequest) -> bool:
    return True


# What is grave, by the address's name. Deleting an account or a team, handing a team over, and
# another password or e-mail address ask in their own form, however fresh the sign-in is.
GRAVE: dict[str, Callable[[HttpRequest], bool]] = {
    "change_role": _posted,
    "remove_member": _posted,
    "team_people": _invites_to_power,
    "second_factor": _always,  # it shows the secret while it is being set up
    "begin_second_factor": _posted,
    "renew_recovery_codes": _posted,
    "end_second_factor": _posted,
    "inspections": _posted,
    "admin:generations_user_add": _posted,
    "admin:generations_user_change": _posted,
    "admin:generations_user_changelist": _posted,
    "admin:generations_user_delete": _posted,
    "admin:auth_user_password_change": _posted,
    "admin:auth_group_add": _posted,
    "admin:auth_group_change": _posted,
    "admin:auth_group_changelist": _posted,
    "admin:auth_group_delete": _posted,
}


class Proofs:
    """Stands between an address and its view. Who isn't signed in, or isn't staff where staff are
    meant, is left to the view."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: SignedInRequest, view_func: Callable[..., Any], *_: Any
    ) -> HttpResponseBase | None:
        match = request.resolver_match
        is_grave = GRAVE.get(match.view_name if match else "", lambda _: False)(request)
        for_staff = is_for_staff(request)
        if not (is_grave or for_staff) or not request.user.is_authenticated:
            return None
        session: Any = request.session
        for_staff = for_staff and request.user.is_staff
        if for_staff and not _has_what_staff_need(request.user):
            return _lead_to_second_factor(request)
        is_asked = (is_grave and not session.is_fresh) or (for_staff and not session.is_staff_near)
        if is_asked and (answer := _ask(request)):
            return answer
        if for_staff and not _comes_by_itself(request):
            session.note_staff()
        return None


def is_for_staff(request: HttpRequest) -> bool:
    if request.path_info.startswith(STAFF_PLACES):
        return True
    match = request.resolver_match
    is_sum = bool(match and match.url_name in OF_EVERYBODY)
    return is_sum and request.GET.get("of") == "all"


def _has_what_staff_need(user: User) -> bool:
    return settings.STAFF_SECOND_FACTOR != "required" or bool(policy.second_factor_of(user))


def _lead_to_second_factor(request: SignedInRequest) -> HttpResponseBase:
    if request.htmx:
        return HttpResponse(status=401, headers={"HX-Redirect": reverse("second_factor")})
    messages.info(request, NEEDS_SECOND_FACTOR)
    return see_other("second_factor")


def _comes_by_itself(request: SignedInRequest) -> bool:
    """What an open page asks for while nobody is there."""
    return bool(request.htmx) and request.method == "GET"


def _ask(request: SignedInRequest) -> HttpResponseBase | None:
    """The question, or nothing if its answer came along."""
    if request.htmx:
        here = request.htmx.current_url_abs_path or reverse("gallery")
        return HttpResponse(status=401, headers={"HX-Redirect": _address(here)})
    if request.method != "POST":
        return redirect(_address(request.get_full_path()))
    has_answer = any(name.startswith(f"{PREFIX}-") for name in request.POST)
    form = ProofForm(request.POST if has_answer else None, user=request.user, prefix=PREFIX)
    if not form.is_valid():
        context = {"form": form, "wish": _repeated(request), "action": request.get_full_path()}
        status = 422 if has_answer else 403
        return refused(render(request, "account/prove.html", context, status=status), form)
    _note_proved(request)
    request.POST = _wish(request)  # type: ignore[assignment]
    return None


def _address(path: str) -> str:
    return f"{reverse('prove')}?{urlencode({'next': path})}"


def _wish(request: HttpRequest) -> QueryDict:
    """What was sent, without what is for the question alone."""
    wish = request.POST.copy()
    for name in list(wish):
        if name.startswith(OURS):
            del wish[name]
    return wish


def _repeated(request: HttpRequest) -> list[tuple[str, str]]:
    """The wish as fields of a page. No password stands in one: that is typed again."""
    fields = _wish(request).lists()
    return [(name, each) for name, values in fields for each in values if "password" not in name]


def _note_proved(request: SignedInRequest) -> None:
    session: Any = request.session
    session.note_proved()


@require_http_methods(["GET", "HEAD", "POST"])
def prove(request: SignedInRequest) -> HttpResponseBase:
    """A page of its own for who was on the way to another one."""
    form = ProofForm(request.POST or None, user=request.user, prefix=PREFIX)
    if not form.is_valid():
        wanted = request.POST.get("next", request.GET.get("next", ""))
        is_ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, None)
        context = {"form": form, "wish": [("next", wanted)] if is_ours else []}
        status = 422 if form.is_bound else 200
        return refused(render(request, "account/prove.html", context, status=status), form)
    _note_proved(request)
    return see_next(request, otherwise="account")
