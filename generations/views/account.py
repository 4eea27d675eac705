"""One's own account: name, address, where one is signed in, and what one may take along."""

from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from generations import policy, throttle
from generations.forms.account import EmailForm, EraseForm, NameForm, SessionForm
from generations.pipeline.takeout import takeout_of
from generations.queries.erasure import farewell_of
from generations.queries.inspection import looks_at
from generations.queries.sessions import sign_ins_of
from generations.services import account as services
from generations.services.erasure import erase_account
from generations.sessions import digest_of
from generations.throttle import Turn
from generations.views.accounts import CONFIRM, refused
from generations.views.archive import stream_zip
from generations.views.redirects import see_other
from generations.views.requests import SignedInRequest


@require_safe
def account(request: SignedInRequest) -> HttpResponseBase:
    return _page(request)


@require_POST
def change_name(request: SignedInRequest) -> HttpResponseBase:
    form = NameForm(request.POST, user=request.user)
    if not form.is_valid():
        return refused(_page(request, name_form=form), form)
    services.rename_user(request.user, form.cleaned_data["username"])
    messages.success(request, f"From now on you sign in as “{request.user.username}”.")
    return see_other("account")


@require_POST
def change_email(request: SignedInRequest) -> HttpResponseBase:
    """A new address has to be confirmed; none needs no letter."""
    form = EmailForm(request.POST, user=request.user)
    if not form.is_valid():
        return refused(_page(request, email_form=form), form)
    address = form.cleaned_data["email"]
    if not address:
        services.remove_email(request.user)
        messages.success(request, "There is no address any more. Keep your password well.")
    elif address != request.user.email:
        services.ask_to_confirm(request.user, address)
        messages.success(request, CONFIRM.format(address))
    return see_other("account")


@require_http_methods(["GET", "POST"])
def confirm_email(request: SignedInRequest, token: str) -> HttpResponseBase:
    """Where a letter's link leads: looking at it changes nothing."""
    address = services.address_in(request.user, token)
    if request.method == "GET":
        return render(request, "account/confirm_email.html", {"address": address})
    services.confirm_email(request.user, token)
    messages.success(request, f"Your address is {address}.")
    return see_other("account")


@require_POST
def end_session(request: SignedInRequest) -> HttpResponseBase:
    form = SessionForm(request.POST)
    if not form.is_valid() or form.cleaned_data["key"] == _this(request):
        raise Http404
    services.end_session(request.user, form.cleaned_data["key"])
    messages.success(request, "You are signed out there.")
    return see_other("account")


@require_POST
def end_other_sessions(request: SignedInRequest) -> HttpResponseBase:
    services.end_sessions(request.user, but=_this(request))
    messages.success(request, "You are signed in here alone.")
    return see_other("account")


@require_safe
def export(request: SignedInRequest) -> HttpResponseBase:
    """Everything that is kept of the person, as one ZIP."""
    throttle.take(Turn(throttle.EXPORT, str(request.user.pk)))
    return stream_zip(takeout_of(request.user), name="my-gallery")


@require_http_methods(["GET", "POST"])
def delete(request: SignedInRequest) -> HttpResponseBase:
    """Says what goes, and asks twice."""
    form = EraseForm(request.POST or None, user=request.user)
    if request.method == "GET" or not form.is_valid():
        status = 422 if form.is_bound else 200
        context = {"form": form, "farewell": farewell_of(request.user)}
        return refused(render(request, "account/delete.html", context, status=status), form)
    erase_account(request.user)
    logout(request)
    messages.success(request, "Your account is gone. What was stored goes within minutes.")
    return see_other("login")


def _page(
    request: SignedInRequest,
    name_form: NameForm | None = None,
    email_form: EmailForm | None = None,
) -> HttpResponse:
    user = request.user
    sign_ins = sign_ins_of(user, _this(request))
    context = {
        "name_form": name_form or NameForm(user=user, initial={"username": user.username}),
        "email_form": email_form or EmailForm(user=user, initial={"email": user.email}),
        "has_factor": policy.second_factor_of(user) is not None,
        "looks": looks_at(user),
        "sign_ins": sign_ins,
        "has_others": any(not each.is_this for each in sign_ins),
    }
    return render(
        request, "account/index.html", context, status=422 if name_form or email_form else 200
    )


def _this(request: SignedInRequest) -> str:
    return digest_of(request.session.session_key or "")
