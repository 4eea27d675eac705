import os

import django
from django.core.handlers.asgi import ASGIHandler

from generations.views.encoding import AsyncWebRequest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "meshgallery.settings")
django.setup(set_prefix=False)


class Application(ASGIHandler):
    request_class = AsyncWebRequest


application = Application()
