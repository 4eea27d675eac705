from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from generations import watch
from generations.queries.watching import look_at, watch_for
from generations.views.middleware import sign_in_again

DELAY = "X-Poll-Seconds"
STOP = "X-Poll-Stop"
MOST_TOKENS = 8


@login_not_required  # looks at the session itself, and only when something changed
@require_safe
def poll(request: HttpRequest) -> HttpResponse:
    """What changed on a page since its token was made; 204 when nothing did.

    An idle poll costs one Redis GET: no session, no database.
    """
    token = _token(request.GET.getlist("token"))
    cookie = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    if token and token.is_idle(cookie):
        return _nothing_new(token)
    if not request.user.is_authenticated:
        return sign_in_again(request)
    if token is None or token.user_id != request.user.pk:
        return HttpResponse(status=400, headers={STOP: "1"})
    return _look(request, token)


def _token(texts: list[str]) -> watch.Token | None:
    """What the page watches, also where it has come together from several submissions."""
    tokens = [watch.Token.read(text) for text in texts[:MOST_TOKENS]]
    found = [token for token in tokens if token]
    if not found or len({token.user_id for token in found}) > 1:
        return None
    return watch.Token.merge(found)


def _nothing_new(token: watch.Token) -> HttpResponse:
    return HttpResponse(status=204, headers={DELAY: f"{token.next_poll_seconds():.2f}"})


def _look(request: HttpRequest, token: watch.Token) -> HttpResponse:
    assert request.user.is_authenticated  # noqa: S101
    version = watch.ensure_version(token.space)
    look = look_at(token, request.user)
    following = watch_for(
        look.cards,
        request.user,
        request.session.session_key or "",
        version=version,
        space=token.space,
        began=token.began,
    )
    if following and not look.changed and not look.gone and not version:
        return _nothing_new(token)
    has_ended = any(not card.is_unfinished for card in look.changed)
    context = {
        "cards": look.changed,
        "gone": look.gone,
        "watch": following,
        "has_ended": has_ended,
        "is_poll": True,
    }
    response = render(request, "generation/poll.html", context)
    if has_ended:
        response.headers["HX-Trigger"] = "money-moved"
    if following:
        response.headers[DELAY] = f"{following.delay_seconds:.2f}"
    else:
        response.headers[STOP] = "1"
    return response
