"""The demo account: a superuser whose password `run` prints. Only where loopback alone listens."""

import hashlib
import hmac
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model

from generations.management.local.private_files import kept_secret, write_private
from generations.models.accounts import User


def password_file(var_dir: Path) -> Path:
    return var_dir / "demo_password"


def stamp_file(var_dir: Path) -> Path:
    return var_dir / "demo_stamp"


def ensure_demo(var_dir: Path) -> str:
    """The password with which the demo account can sign in now."""
    password = settings.DEMO_PASSWORD or kept_secret(password_file(var_dir), length=12)
    user = get_user_model().objects.filter(username__iexact=settings.DEMO_USERNAME).first()
    if user is None:
        user = get_user_model()(username=settings.DEMO_USERNAME)
    if not is_ready(user, password, var_dir):
        user.is_active = user.is_staff = user.is_superuser = True
        if not user.has_usable_password() or not user.check_password(password):
            user.set_password(password)
        user.save()
        write_private(stamp_file(var_dir), stamp(user, password))
    return password


def is_ready(user: User, password: str, var_dir: Path) -> bool:
    """Whether nothing changed since the last start, without the slow password hash."""
    if not (user.pk and user.is_active and user.is_staff and user.is_superuser):
        return False
    return hmac.compare_digest(read_stamp(var_dir), stamp(user, password))


def close_demo(var_dir: Path) -> bool:
    """Lock the account that an earlier start on loopback made; its password was shown about."""
    if not read_stamp(var_dir):
        return False
    stamp_file(var_dir).unlink()
    locked = get_user_model().objects.filter(
        username__iexact=settings.DEMO_USERNAME, is_active=True
    )
    return locked.update(is_active=False) > 0


def read_stamp(var_dir: Path) -> str:
    path = stamp_file(var_dir)
    return path.read_text().strip() if path.is_file() else ""


def stamp(user: User, password: str) -> str:
    """Changes with the password we want, the one the account has, and the secret key."""
    text = f"{user.pk}:{user.password}:{password}"
    return hmac.new(settings.SECRET_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()
