from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponseRedirect, JsonResponse
from django.templatetags.static import static
from django.views.decorators.http import require_safe

from generations import storage, volatile
from generations.storage.base import StoreUnavailable


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """This process answers."""
    return JsonResponse({"status": "ok"})


@login_not_required
@require_safe
def favicon(request: HttpRequest) -> HttpResponseRedirect:
    """For pages that name no icon of their own, such as the administration's."""
    return HttpResponseRedirect(static("favicon.svg"))


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Whether the parts answer. Without a broker we still take prompts: that alone is no fault."""
    parts = {"database": _database(), "storage": _storage(), "broker": _broker()}
    is_ready = parts["database"] == parts["storage"] == "ok"
    return JsonResponse(
        {"status": "ok" if is_ready else "unavailable", **parts}, status=200 if is_ready else 503
    )


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "away"
    return "ok"


def _storage() -> str:
    try:
        storage.get_store().check()
    except StoreUnavailable:
        return "away"
    return "ok"


def _broker() -> str:
    return "ok" if settings.REDIS_URL and volatile.is_reachable() else "away"
