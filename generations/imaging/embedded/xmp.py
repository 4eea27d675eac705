"""What an XMP packet says of a picture, picked out of its text.

No XML parser runs over it: a packet from outside could have entities, and none of what is wanted
needs one. Sources: XMP specification part 1, IPTC Photo Metadata Standard 2025.1.
"""

import html
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache


@dataclass(frozen=True, slots=True)
class Xmp:
    prompt: str = ""
    model: str = ""
    description: str = ""
    created_at: datetime | None = None


def read_xmp(packet: str) -> Xmp:
    """Empty fields for what isn't said, or isn't said as an element of its own."""
    return Xmp(
        prompt=_element(packet, "Iptc4xmpExt:AIPromptInformation"),
        model=_element(packet, "Iptc4xmpExt:AISystemUsed"),
        description=_element(packet, "dc:description"),
        created_at=_moment(_element(packet, "xmp:CreateDate")),
    )


def _element(packet: str, name: str) -> str:
    """Its text; of a text in several languages the first."""
    opening = _opening(name).search(packet)
    end = packet.find(f"</{name}>", opening.end()) if opening else -1
    if opening is None or end < 0:
        return ""
    inner = packet[opening.end() : end]
    if first := _opening("rdf:li").search(inner):
        inner = inner[first.end() :].partition("</rdf:li>")[0]
    return "" if "<" in inner else html.unescape(inner).strip()


@cache
def _opening(name: str) -> re.Pattern[str]:
    return re.compile(rf"<{name}(?:\s[^<>]{{0,500}})?>")


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
