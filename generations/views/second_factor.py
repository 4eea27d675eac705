"""The second factor on one's account: set up, recovery codes, off."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from generations import policy
from generations.errors import GalleryError
from generations.forms.second_factor import FirstCodeForm
from generations.models import SecondFactor
from generations.services import second_factor as services
from generations.sessions import digest_of
from generations.views.redirects import see_other
from generations.views.requests import SignedInRequest


@require_safe
def second_factor(request: SignedInRequest) -> HttpResponseBase:
    """Off, being set up, or on."""
    return _page(request, FirstCodeForm())


@require_POST
def begin(request: SignedInRequest) -> HttpResponseBase:
    """A secret to be scanned; it counts for nothing before it has shown a code."""
    services.begin(request.user)
    return see_other("second_factor")


@require_POST
def confirm(request: SignedInRequest) -> HttpResponseBase:
    """The phone shows its first code; then the recovery codes are shown, this once."""
    form = FirstCodeForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    here = digest_of(request.session.session_key or "")
    try:
        codes = services.confirm(request.user, form.cleaned_data["code"], but=here)
    except GalleryError as refusal:
        form.add_error("code", refusal.sentence)
        return _page(request, form, status=refusal.status)
    return _codes(request, codes, is_new=True)


@require_POST
def renew_codes(request: SignedInRequest) -> HttpResponseBase:
    return _codes(request, services.renew_codes(request.user), is_new=False)


@require_POST
def end(request: SignedInRequest) -> HttpResponseBase:
    if services.turn_off(request.user):
        messages.success(request, "The second factor is off. The password alone signs you in.")
    return see_other("account")


def _codes(request: SignedInRequest, codes: list[str], *, is_new: bool) -> HttpResponse:
    context = {"codes": codes, "is_new": is_new}
    return render(request, "account/recovery_codes.html", context)


def _page(request: SignedInRequest, form: FirstCodeForm, *, status: int = 200) -> HttpResponse:
    begun = SecondFactor.objects.filter(pk=request.user.pk).first()
    factor = policy.second_factor_of(request.user)
    context = {
        "factor": factor,
        "set_up": services.set_up_of(request.user, begun) if begun and not factor else None,
        "codes_left": factor and factor.recovery_codes.filter(used_at=None).count(),
        "form": form,
    }
    return render(request, "account/second_factor.html", context, status=status)
