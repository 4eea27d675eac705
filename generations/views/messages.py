from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class HostCookie(CookieStorage):
    """No other host of the domain can set it."""

    cookie_name = "__Host-messages" if settings.IS_HTTPS else "messages"


class Storage(FallbackStorage):
    storage_classes = (HostCookie, SessionStorage)
