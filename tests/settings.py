"""The settings for tests: nothing of this machine's, everything in a folder of its own."""

import atexit
import os
import shutil
import tempfile

for name in list(os.environ):
    if name.startswith(("MESH_", "S3_", "SANDBOX_", "REDIS_", "EMAIL_", "DEMO_")):
        del os.environ[name]
if "VAR_DIR" not in os.environ:
    os.environ["VAR_DIR"] = tempfile.mkdtemp(prefix="meshgallery-test-")
    atexit.register(shutil.rmtree, os.environ["VAR_DIR"], ignore_errors=True)

from meshgallery.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
STATIC_ROOT.mkdir(exist_ok=True)  # noqa: F405
if "pool" in DATABASES["default"].get("OPTIONS", {}):  # noqa: F405
    # Sixteen threads that race for rows on a busy machine are no server that went away.
    DATABASES["default"]["OPTIONS"]["pool"] |= {"timeout": 60}  # noqa: F405
