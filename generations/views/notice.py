from django.http import Http404, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_POST

from generations.forms.notice import NoticeForm
from generations.queries.notices import near_limit
from generations.services.notice import dismiss_notice
from generations.views.redirects import see_next
from generations.views.requests import SignedInRequest


@require_POST
def dismiss(request: SignedInRequest) -> HttpResponseBase:
    """Say no more of this limit until its next period, or until it is used up."""
    form = NoticeForm(request.POST)
    if not form.is_valid():
        raise Http404
    wanted = {"budget_id": form.cleaned_data["budget"], "is_money": form.cleaned_data["is_money"]}
    limit = near_limit(request.user, **wanted)
    if limit is None:
        raise Http404
    dismiss_notice(request.user, limit)
    if request.htmx:
        return HttpResponse()  # the line goes
    return see_next(request, otherwise="gallery")
