from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from generations.views.requests import SignedInRequest


@require_safe
def keys(request: SignedInRequest) -> HttpResponse:
    """Every key, as a page or as what the dialog behind “?” shows."""
    fragment = "#table" if request.headers.get("X-Fragment") else ""
    return render(request, f"help/keys.html{fragment}")
