from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page a form lands on when it wasn't made by us, or too long ago. Nothing was done."""
    return render(request, "403_csrf.html", status=403)
