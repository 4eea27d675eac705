"""What a picture says about where it comes from, as XMP and as plain text.

Sources: IPTC Photo Metadata Standard 2025.1 (AI properties, digital source type), XMP part 1.
"""

import re
from dataclasses import dataclass
from xml.sax.saxutils import escape

DIGITAL_SOURCE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
TOOL = "Mesh Gallery"
MAX_CHARACTERS = 8000  # of one text: a JPEG's XMP must fit into 64 kB, also with every "&" escaped
# What XML 1.0 has no way to write, and what it reads as something else.
UNWRITABLE = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:Iptc4xmpCore="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"
    xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">
   <Iptc4xmpExt:DigitalSourceType>{source}</Iptc4xmpExt:DigitalSourceType>
   <Iptc4xmpExt:AISystemUsed>{model}</Iptc4xmpExt:AISystemUsed>
   <Iptc4xmpExt:AIPromptInformation>{prompt}</Iptc4xmpExt:AIPromptInformation>
   <xmp:CreatorTool>{tool}</xmp:CreatorTool>
   <xmp:CreateDate>{created}</xmp:CreateDate>{alt}
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""
_ALT = """
   <Iptc4xmpCore:AltTextAccessibility><rdf:Alt><rdf:li xml:lang="x-default">{}</rdf:li></rdf:Alt>\
</Iptc4xmpCore:AltTextAccessibility>"""


@dataclass(frozen=True, slots=True)
class Note:
    prompt: str
    model: str
    created: str = ""  # ISO 8601
    alt: str = ""

    def as_xmp(self) -> bytes:
        packet = _PACKET.format(
            source=DIGITAL_SOURCE,
            model=_written(self.model),
            prompt=_written(self.prompt),
            tool=TOOL,
            created=_written(self.created),
            alt=_ALT.format(_written(self.alt)) if self.alt else "",
        )
        return packet.encode()

    def as_text(self) -> str:
        """As Stable Diffusion's web interface writes it and others read it: the prompt first."""
        return f"{self.prompt.replace(chr(0), '')}\nModel: {self.model}, Software: {TOOL}"


def _written(text: str) -> str:
    return escape(UNWRITABLE.sub("", text)[:MAX_CHARACTERS])
