"""A phone that shows codes, and the pages that ask for them."""

from datetime import timedelta
from typing import Any

import pyotp
from django.test import Client
from django.utils import timezone

from generations import totp
from generations.models import SecondFactor
from generations.services import second_factor as services

CREDENTIALS = {"username": "alice", "password": "alice-password"}


PAGE = "/account/second-factor/"


CODE_PAGE = "/accounts/login/code/"


def code_now(steps: int = 0) -> str:
    """What alice's phone shows, so many steps from now."""
    secret = services._secret_of(SecondFactor.objects.get())
    return pyotp.TOTP(secret).at(timezone.now(), counter_offset=steps)


def next_code(clock: Any) -> str:
    """Once the phone shows another one than the last."""
    clock.shift(timedelta(seconds=totp.STEP_SECONDS))
    return code_now()


def password_step(client: Client, **extra: str) -> Any:
    return client.post("/accounts/login/", CREDENTIALS | extra)


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def code_now_of(secret: str) -> str:
    return pyotp.TOTP(secret).now()
