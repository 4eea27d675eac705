"""What a picture's own file tells of how it was made, whichever program wrote it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from generations.imaging.embedded import foreign
from generations.imaging.embedded.blocks import Blocks, read_blocks
from generations.imaging.embedded.exif import Exif, read_exif
from generations.imaging.embedded.recipe import Recipe
from generations.imaging.embedded.xmp import Xmp, read_xmp
from generations.imaging.probe import HEAD_BYTES, USABLE, sniff

# Keywords of PNG's own specification, and what programs made of them.
DESCRIPTIONS = ("Description", "prompt", "parameters", "Title", "Comment")


@dataclass(frozen=True, slots=True)
class Embedded:
    """`recipe` is empty, not None, for a picture that says nothing of itself."""

    recipe: Recipe
    taken_at: datetime | None = None


def read_embedded(path: Path) -> Embedded:
    """Of a PNG, JPEG or WebP, read without decoding; raises OSError like open()."""
    with path.open("rb") as file:
        name = sniff(file.read(HEAD_BYTES))
        if name not in USABLE:
            return Embedded(Recipe())
        file.seek(0)
        blocks = read_blocks(file, name)
    exif, xmp = read_exif(blocks.exif), read_xmp(blocks.xmp)
    return Embedded(_recipe(blocks, exif, xmp), exif.taken_at or xmp.created_at)


def _recipe(blocks: Blocks, exif: Exif, xmp: Xmp) -> Recipe:
    """The richest dialect that is there; a plain description last."""
    texts = blocks.texts
    tried = (
        (foreign.invokeai, texts.get("invokeai_metadata", "")),
        (foreign.older_invokeai, texts.get("sd-metadata", "")),
        (foreign.a1111, texts.get("parameters", "")),
        (foreign.a1111, exif.comment),
        (foreign.comfyui, texts.get("prompt", "")),
    )
    found = (read(text) for read, text in tried if text)
    if recipe := next(filter(None, found), None):
        return recipe
    if xmp.prompt:
        return Recipe(program="IPTC", prompt=xmp.prompt, model=xmp.model)
    return Recipe(prompt=_description(texts, exif, xmp))


def _description(texts: Mapping[str, str], exif: Exif, xmp: Xmp) -> str:
    said = [xmp.description, exif.description, exif.comment]
    said += [texts.get(name, "") for name in DESCRIPTIONS]
    return next((text for text in said if text.strip() and not foreign.parsed(text)), "")
