"""G7's peer, run by a Python of its own that has Wagtail and nothing of ours.

`python wagtail_site.py FOLDER COUNT` fills a fresh site with COUNT images that share one file. Then
each line that it reads is an address to ask for once, and each it writes the length of the answer.
"""

import io
import sys
from pathlib import Path

import django
from django.conf import settings

FOLDER, COUNT = Path(sys.argv[1]), int(sys.argv[2])

settings.configure(
    SECRET_KEY="x" * 50,
    DEBUG=False,
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF="__main__",
    DATABASES={
        "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": FOLDER / "peer.sqlite3"}
    },
    MEDIA_ROOT=FOLDER / "media",
    MEDIA_URL="/media/",
    STATIC_URL="/static/",
    USE_TZ=True,
    WAGTAIL_SITE_NAME="peer",
    WAGTAILADMIN_BASE_URL="http://127.0.0.1",
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=[
        "wagtail.contrib.forms",
        "wagtail.contrib.redirects",
        "wagtail.embeds",
        "wagtail.sites",
        "wagtail.users",
        "wagtail.snippets",
        "wagtail.documents",
        "wagtail.images",
        "wagtail.search",
        "wagtail.admin",
        "wagtail",
        "modelcluster",
        "taggit",
        "django_filters",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "django.contrib.staticfiles",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
        "django.middleware.security.SecurityMiddleware",
        "wagtail.contrib.redirects.middleware.RedirectMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ],
)
django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.core.files.images import ImageFile  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import include, path  # noqa: E402
from PIL import Image as Pillow  # noqa: E402
from wagtail.admin import urls as admin_urls  # noqa: E402
from wagtail.documents import urls as document_urls  # noqa: E402
from wagtail.images.models import Image  # noqa: E402
from wagtail.models import Collection  # noqa: E402

urlpatterns = [path("admin/", include(admin_urls)), path("documents/", include(document_urls))]


def fill() -> Client:
    call_command("migrate", verbosity=0)
    picture = io.BytesIO()
    Pillow.linear_gradient("L").resize((1024, 1024)).convert("RGB").save(picture, "JPEG")
    first = Image.objects.create(title="first", file=ImageFile(picture, name="shared.jpg"))
    shared = {
        "file": first.file.name,
        "width": 1024,
        "height": 1024,
        "file_size": len(picture.getvalue()),
        "file_hash": first.get_file_hash(),
        "collection": Collection.get_first_root_node(),
    }
    user = get_user_model().objects.create_superuser("peer", "peer@example.com", "peer")
    Image.objects.bulk_create(
        [
            Image(title=f"picture {number}", uploaded_by_user=user, **shared)
            for number in range(COUNT - 1)
        ],
        batch_size=1000,
    )
    client = Client()
    client.force_login(user)
    return client


def main() -> None:
    client = fill()
    print("ready", flush=True)
    for line in sys.stdin:
        answer = client.get(line.strip())
        assert answer.status_code == 200, (answer.status_code, line)
        shown = answer.content.count(b"<img")
        assert shown >= 30, (shown, line)
        print(len(answer.content), flush=True)


if __name__ == "__main__":
    main()
