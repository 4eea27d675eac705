"""The project's addresses, beside an ordinary poll and a bare answer to compare with."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import path

from generations.models import Attempt
from meshgallery.urls import urlpatterns as project_urls


def ordinary(request: HttpRequest) -> HttpResponse:
    """What a poll usually is: session, user, one query."""
    unfinished = Attempt.objects.filter(owner=request.user, state__in=["ready", "sending"])
    return HttpResponse(status=204 if unfinished.exists() else 286)


@login_not_required
def bare(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=204)


urlpatterns = [path("ordinary/", ordinary), path("bare/", bare), *project_urls]
