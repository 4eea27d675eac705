"""What each directive must show on the socket: a function `check_<directive>` for each."""

import base64
import io

from PIL import Image

from tests.sandbox.server import Seen

PNG = b"\x89PNG\r\n\x1a\n"
FAST = "[[fixture=500kB]]"
SHORT_WAIT = 0.8


def picture_of(seen: Seen) -> bytes:
    item = seen.item
    encoded = item.get("b64_json") or item["url"].partition(";base64,")[2]
    return base64.b64decode(encoded, validate=True)


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def picture_of_frame(value: dict[str, list[dict[str, str]]]) -> bytes:
    return base64.b64decode(value["data"][0]["url"].partition(";base64,")[2])
