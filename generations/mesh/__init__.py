"""A client for Mesh API that never pays twice: one try per call, and an honest word on its outcome.

with MeshClient(api_key) as client:
    result = client.images.generate(ImageRequest("a fox in snow", "openai/gpt-image-1"))
"""

from generations.mesh.addresses import (
    DownloadBlocked,
    DownloadError,
    DownloadGone,
    DownloadMissing,
    DownloadTooLarge,
    DownloadUnavailable,
)
from generations.mesh.answer import AnswerReader, read_answer
from generations.mesh.async_client import AsyncMeshClient
from generations.mesh.calls import Call
from generations.mesh.client import BASE_URL, MeshClient
from generations.mesh.download import DOWNLOAD_LIMITS, download
from generations.mesh.errors import (
    AnswerLost,
    BadAnswer,
    BadRequest,
    Blocked,
    EmptyAnswer,
    Forbidden,
    MeshError,
    ModelGone,
    NoBalance,
    NotSent,
    NotSupported,
    ProviderFailed,
    RateLimited,
    Redirected,
    Refused,
    SendInterrupted,
    Unauthorized,
    ValidationFailed,
)
from generations.mesh.moderation import Moderation, ModerationRequest
from generations.mesh.streaming import DoneWatch, Frame, SSEReader
from generations.mesh.types import (
    Answer,
    AnswerHead,
    Downloaded,
    ImageEvent,
    ImageRequest,
    ImageResult,
    Item,
    Limits,
    Model,
    ModelPage,
    Recording,
    Usage,
)
from generations.mesh.verdict import (
    MODERATION_CODES,
    RULES,
    Verdict,
    Wait,
    judge,
    judge_error,
)

__all__ = [
    "BASE_URL",
    "DOWNLOAD_LIMITS",
    "MODERATION_CODES",
    "RULES",
    "Answer",
    "AnswerHead",
    "AnswerLost",
    "AnswerReader",
    "AsyncMeshClient",
    "BadAnswer",
    "BadRequest",
    "Blocked",
    "Call",
    "DoneWatch",
    "DownloadBlocked",
    "DownloadError",
    "DownloadGone",
    "DownloadMissing",
    "DownloadTooLarge",
    "DownloadUnavailable",
    "Downloaded",
    "EmptyAnswer",
    "Forbidden",
    "Frame",
    "ImageEvent",
    "ImageRequest",
    "ImageResult",
    "Item",
    "Limits",
    "MeshClient",
    "MeshError",
    "Model",
    "ModelGone",
    "ModelPage",
    "Moderation",
    "ModerationRequest",
    "NoBalance",
    "NotSent",
    "NotSupported",
    "ProviderFailed",
    "RateLimited",
    "Recording",
    "Redirected",
    "Refused",
    "SSEReader",
    "SendInterrupted",
    "Unauthorized",
    "Usage",
    "ValidationFailed",
    "Verdict",
    "Wait",
    "download",
    "judge",
    "judge_error",
    "read_answer",
]
