"""What can go wrong with the other side, by what it means for money.

MeshError
├── NotSent             free      no byte of the request left: name, connection, TLS, no slot
├── SendInterrupted     unknown   the request broke off while it was being written
├── AnswerLost          unknown   sent whole, and the answer did not come whole; `limit` says why
├── Refused             free      the provider refused before working
│   ├── BadRequest      400       ├── Unauthorized   401      ├── NoBalance  402
│   ├── Forbidden       403       ├── ModelGone      404      ├── Blocked    by moderation
│   ├── ValidationFailed 422      ├── RateLimited    429, `retry_after` in seconds
│   ├── NotSupported    501       └── Redirected     3xx
├── ProviderFailed      unknown   5xx, 408, an error in the middle of a stream
├── BadAnswer           unknown   an answer we cannot read
└── EmptyAnswer         charged   answered whole, with no picture in it
"""

from typing import Literal

Charge = Literal["free", "unknown", "charged"]


class MeshError(Exception):
    """`code` never changes and is what to branch on; `message` is the provider's own words."""

    charge: Charge = "unknown"

    def __init__(
        self, code: str, *, message: str = "", status: int | None = None, request_id: str = ""
    ) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.status = status
        self.request_id = request_id

    def __str__(self) -> str:
        status = f" (HTTP {self.status})" if self.status else ""
        return f"{self.code}{status}: {self.message}" if self.message else f"{self.code}{status}"


class NotSent(MeshError):
    charge = "free"


class SendInterrupted(MeshError):
    """A server cannot run half a request, but a proxy might have: one more try, then unknown."""


class AnswerLost(MeshError):
    """`limit` is the limit that fired, or how the connection ended: `reset`, `eof`, `aborted`."""

    def __init__(
        self,
        code: str,
        *,
        limit: str = "",
        message: str = "",
        status: int | None = None,
        request_id: str = "",
    ) -> None:
        super().__init__(code, message=message, status=status, request_id=request_id)
        self.limit = limit or code


class Refused(MeshError):
    charge = "free"


class BadRequest(Refused):
    pass


class Unauthorized(Refused):
    pass


class NoBalance(Refused):
    pass


class Forbidden(Refused):
    pass


class ModelGone(Refused):
    pass


class ValidationFailed(Refused):
    pass


class Blocked(Refused):
    pass


class NotSupported(Refused):
    pass


class Redirected(Refused):
    pass


class RateLimited(Refused):
    """`retry_after` is what the provider asked for, clamped to 1 s … 24 h; None: it didn't say."""

    def __init__(
        self,
        code: str,
        *,
        retry_after: int | None = None,
        message: str = "",
        status: int | None = None,
        request_id: str = "",
    ) -> None:
        super().__init__(code, message=message, status=status, request_id=request_id)
        self.retry_after = retry_after


class ProviderFailed(MeshError):
    """`retry_after` counts only where the account's errors are known to be free."""

    def __init__(
        self,
        code: str,
        *,
        retry_after: int | None = None,
        message: str = "",
        status: int | None = None,
        request_id: str = "",
    ) -> None:
        super().__init__(code, message=message, status=status, request_id=request_id)
        self.retry_after = retry_after


class BadAnswer(MeshError):
    pass


class EmptyAnswer(MeshError):
    charge = "charged"
