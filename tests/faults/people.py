"""People at their browsers: they sign in, submit prompts, and press the button again after a fault.

Every acknowledged prompt is remembered: its rows must be there at the end.
"""

import re
import secrets
import threading
import time
from dataclasses import dataclass, field

import httpx

PATIENCE_SECONDS = 180.0
AGAIN_SECONDS = 0.5
ANSWER_SECONDS = 60.0
FIELD = re.compile(r'name="(csrfmiddlewaretoken|submit_token)"[^>]* value="([^"]+)"')


@dataclass
class Receipt:
    """One prompt on its way into the gallery. `address` once a 303 acknowledged it."""

    token: str
    person: str
    n: int = 1
    address: str = ""
    statuses: list[int] = field(default_factory=list)  # 0: nobody answered
    slowest_seconds: float = 0.0

    @property
    def is_acknowledged(self) -> bool:
        return bool(self.address)


class Person:
    """One signed-in browser, good for several threads."""

    def __init__(self, name: str, password: str, base_url: str) -> None:
        self.name = name
        self._password = password
        self._base_url = base_url
        self._local = threading.local()
        self._cookies: httpx.Cookies | None = None
        self._csrf = ""

    def _client(self) -> httpx.Client:
        if not hasattr(self._local, "client"):
            self._local.client = httpx.Client(
                base_url=self._base_url,
                timeout=ANSWER_SECONDS,
                cookies=self._cookies,
                trust_env=False,
            )
        client: httpx.Client = self._local.client
        return client

    def sign_in(self) -> None:
        """Through the form; raises when that fails."""
        client = self._client()
        fields = fields_of(client.get("/accounts/login/").text)
        credentials = {"username": self.name, "password": self._password}
        answer = client.post("/accounts/login/", data=fields | credentials)
        assert answer.status_code == 302, f"sign-in answered {answer.status_code}"
        page = client.get("/")
        assert page.status_code == 200, f"the gallery answered {page.status_code}"
        self._csrf = fields_of(page.text)["csrfmiddlewaretoken"]
        self._cookies = client.cookies

    def get(self, path: str) -> httpx.Response:
        return self._client().get(path)

    def post(self, path: str, data: dict[str, str]) -> httpx.Response:
        return self._client().post(path, data=data | {"csrfmiddlewaretoken": self._csrf})

    def submit(self, prompt: str, *, token: str = "", n: int = 1) -> Receipt:
        """Press the button until the page says that it is taken, always with the same token."""
        receipt = Receipt(token or secrets.token_urlsafe(16), self.name, n)
        until = time.monotonic() + PATIENCE_SECONDS
        while not receipt.is_acknowledged and time.monotonic() < until:
            self.press(receipt, prompt)
            if not receipt.is_acknowledged:
                time.sleep(AGAIN_SECONDS)
        return receipt

    def press(self, receipt: Receipt, prompt: str) -> None:
        """Post the form once."""
        began = time.monotonic()
        fields = {"prompt": prompt, "n": str(receipt.n), "submit_token": receipt.token}
        try:
            answer = self.post("/generations/", fields)
        except httpx.TransportError:
            receipt.statuses.append(0)
            return
        receipt.slowest_seconds = max(receipt.slowest_seconds, time.monotonic() - began)
        receipt.statuses.append(answer.status_code)
        if answer.status_code == 303:
            receipt.address = answer.headers["Location"]


def fields_of(page: str) -> dict[str, str]:
    """The hidden fields of a page's forms."""
    return dict(FIELD.findall(page))
