"""Which API keys the sandbox takes. None is a secret: it has no accounts."""

from generations.sandbox.problems import ApiError
from generations.sandbox.wire import Request

PREFIX = "rsk_"
MIN_CHARS = 8


def check_key(request: Request) -> None:
    """Raise the refusal that the key's own name asks for, if it asks for one."""
    scheme, _, key = request.header("authorization").partition(" ")
    if scheme.lower() != "bearer" or not key:
        raise ApiError(401, "Missing API key. Send Authorization: Bearer rsk_…")
    if not key.startswith(PREFIX) or len(key) < MIN_CHARS or key.startswith("rsk_revoked"):
        raise ApiError(401, "Invalid API key.")
    if key.startswith("rsk_suspended"):
        raise ApiError(403, "This API key is suspended.")
    if key.startswith("rsk_empty"):
        raise ApiError(402, "Insufficient balance. Top up to continue.")
