from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_POST

from generations.forms.gate import GateForm
from generations.services.gate import open_gate
from generations.views.redirects import see_next
from generations.views.requests import SignedInRequest


@require_POST
def reopen(request: SignedInRequest) -> HttpResponseBase:
    """Let everybody send again, before the gate's time is over. For staff."""
    if not request.user.is_staff:
        raise Http404
    form = GateForm(request.POST)
    if form.is_valid():
        open_gate(request.user, form.cleaned_data["name"])
    if request.htmx:  # also when somebody else was quicker
        return render(request, "parts/banners.html", {"oob": True})
    messages.success(request, "Sending goes on.")
    return see_next(request, otherwise="gallery")
