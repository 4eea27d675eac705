from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from generations.models import User


class SignedInRequest(HttpRequest):
    """What a view gets behind `SignInRequired`: somebody, and whether htmx asks."""

    user: User
    htmx: HtmxDetails
