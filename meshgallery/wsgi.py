import os

import django
from django.core.handlers.wsgi import WSGIHandler

from generations.views.encoding import WebRequest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "meshgallery.settings")
django.setup(set_prefix=False)


class Application(WSGIHandler):
    request_class = WebRequest


application = Application()
