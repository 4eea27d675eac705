"""What would keep `run` from working, found before anything is started."""

import os
import shutil
from pathlib import Path

from django.conf import settings

from generations.management.local import ports, redis_server
from generations.management.local.addresses import is_given
from generations.management.local.errors import CannotStart

LEAST_FREE_BYTES = 200 * 1024 * 1024


def check_before_start(*, with_s3: bool) -> None:
    """Raise `CannotStart` with the first thing that is wrong."""
    check_folder(Path(settings.VAR_DIR))
    if reason := ports.why_not(settings.HOST, settings.PORT):
        raise CannotStart(reason)
    if not is_given("REDIS_URL"):
        redis_server.find_program()
    elif not redis_server.answers(settings.REDIS_URL):
        raise CannotStart("The Redis that REDIS_URL names doesn't answer: start it or unset it.")
    if with_s3:
        check_s3_wish()


def check_folder(var_dir: Path) -> None:
    try:
        var_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise CannotStart(f"VAR_DIR: {var_dir} can't be made ({error.strerror}).") from error
    if not os.access(var_dir, os.W_OK | os.X_OK):
        raise CannotStart(f"VAR_DIR: {var_dir} can't be written to.")
    if (free := shutil.disk_usage(var_dir).free) < LEAST_FREE_BYTES:
        raise CannotStart(f"The disk of {var_dir} is full: {free // 2**20} MB are free.")


def check_s3_wish() -> None:
    if settings.S3_BUCKET:
        raise CannotStart("--with-s3 starts a store of its own: unset S3_BUCKET, or leave it out.")


def warnings(*, with_s3: bool = False) -> list[str]:
    """Things that work but that one should know."""
    found = []
    if not settings.ON_LOOPBACK and not settings.IS_HTTPS:
        found.append(
            "Passwords and pictures cross the network readable by others:"
            " set PUBLIC_URL to the https address of your proxy."
        )
    if not with_s3 and not settings.S3_BUCKET and Path(settings.VAR_DIR, "seaweedfs").is_dir():
        found.append("Pictures that were made with --with-s3 are shown only while it is given.")
    if settings.DEBUG:
        found.append("DEBUG is on: error pages show the inside of the program.")
    return found
