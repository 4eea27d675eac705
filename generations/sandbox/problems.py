"""Refusals, in the shapes the API gives them."""

from typing import Any

CODES = {
    400: "invalid_request",
    401: "unauthorized",
    402: "spend_limit_exceeded",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    408: "request_timeout",
    409: "conflict",
    413: "payload_too_large",
    415: "unsupported_media_type",
    422: "validation_error",
    429: "rate_limit_exceeded",
    500: "upstream_error",
    501: "not_implemented",
    502: "upstream_error",
    503: "upstream_error",
    504: "upstream_error",
}

MESSAGES = {
    400: "The request is not valid.",
    401: "Missing or invalid API key.",
    402: "Insufficient balance or spend cap reached.",
    403: "This API key is suspended.",
    404: "Not found.",
    405: "Method not allowed.",
    408: "The request took too long.",
    409: "The request conflicts with another one.",
    413: "The request body is too large.",
    422: "The request could not be processed.",
    429: "Rate limit exceeded. Slow down and try again later.",
    500: "The upstream provider failed.",
    501: "The provider does not support image generation.",
    502: "The upstream provider could not be reached.",
    503: "The upstream provider is temporarily unavailable.",
    504: "The upstream provider did not answer in time.",
}


class ApiError(Exception):
    """An answer in the error envelope."""

    def __init__(
        self,
        status: int,
        message: str = "",
        *,
        code: str = "",
        details: list[Any] | None = None,
        provider_error: dict[str, Any] | None = None,
        retry_after_seconds: object = None,
    ) -> None:
        self.status = status
        self.message = message or MESSAGES.get(status, f"HTTP {status}")
        self.code = code or CODES.get(status, "http_error")
        self.details = details
        self.provider_error = provider_error
        self.retry_after_seconds = retry_after_seconds
        super().__init__(self.message)

    def error(self) -> dict[str, Any]:
        said: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.details is not None:
            said["details"] = self.details
        if self.provider_error is not None:
            said["provider_error"] = self.provider_error
        if self.retry_after_seconds is not None:
            said["retry_after_seconds"] = self.retry_after_seconds
        return said

    def body(self, request_id: str) -> dict[str, Any]:
        return {"error": self.error(), "request_id": request_id}


class DetailError(ApiError):
    """An answer in the framework's own shape: `{"detail": …}`."""

    def __init__(self, status: int, detail: str | list[dict[str, Any]]) -> None:
        super().__init__(status, detail if isinstance(detail, str) else "")
        self.detail = detail

    def body(self, request_id: str) -> dict[str, Any]:
        return {"detail": self.detail}
