"""Behind a share link: what isn’t to be told is in no page, header, file or file name."""

import hashlib
import io
import re
import zipfile
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest
from django.test import Client
from PIL import Image as Pillow
from PIL.PngImagePlugin import PngInfo

from generations import storage
from generations.imaging.derive import Deriver
from generations.models import (
    Image,
    SavedSearch,
    User,
)
from generations.services.sorting import Mark, put_on
from generations.services.tag import tag_named
from generations.storage import keys
from tests.views.sharing import (
    OPEN,
    addresses,
    album_of,
    answer_of,
    body,
    share,
    text,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_connection")]


CANARIES = re.compile(rb"canary|alice|\$0\.0|quoted|gpt-image|\bapricot", re.IGNORECASE)


def with_a_note(image: Image) -> None:
    """The original says in itself what it was asked for; its sizes are made of it as ever."""
    note, file = PngInfo(), io.BytesIO()
    note.add_text("prompt", "canary in the file")
    Pillow.new("RGB", (1000, 700), "orange").save(file, "PNG", pnginfo=note)
    data = file.getvalue()
    assert b"canary" in data
    image.key = f"{image.key.rpartition('/')[0]}/1-{uuid4().hex[:16]}.png"
    keep(image.key, data, "image/png")
    with TemporaryDirectory() as folder:
        path = Path(folder, "original.png")
        path.write_bytes(data)
        with closing(Deriver()) as deriver:
            derived = deriver.derive(path)
            for made in derived.files:
                keep(keys.derived_key(image.key, made.edge), made.webp, "image/webp")
    image.edges = [[made.edge, made.width, made.height] for made in derived.files]
    image.save(update_fields=["key", "edges"])


def keep(key: str, data: bytes, mime: str) -> None:
    digest = hashlib.sha256(data).hexdigest()
    storage.get_store().put_new(key, data, sha256=digest, content_type=mime)


def everything_said(client: Client, token: str, image: Image) -> dict[str, bytes]:
    """Each address with headers and body; a ZIP with its files' names and contents."""
    said = {}
    for method, address in addresses(token, image):
        response = answer_of(client, method, address)
        content = body(response)
        if address.endswith("/zip"):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                content += b"".join(archive.read(name) for name in archive.namelist())
        said[f"{method} {address}"] = f"{response.headers}".encode() + content
    return said


@pytest.mark.parametrize("kind", ["image", "album", "search", "selection"])
def test_nothing_tells_the_prompt_the_owner_or_the_price(
    guest: Client, image: Image, kind: str
) -> None:
    alice = image.owner
    User.objects.update(email="canary@alice.example", first_name="Canary")
    with_a_note(image)
    put_on(Mark(tag_named(alice, "apricot")), alice, [image.pk])
    things = {
        "image": image,
        "album": album_of(alice, image, name="canary album"),
        "search": SavedSearch.objects.create(owner=alice, name="canary", query="q=canary"),
    }
    ids = (image.pk,) if kind == "selection" else ()
    token = share(alice, things.get(kind), ids=ids, **OPEN)
    said = everything_said(guest, token, image)
    assert {
        place: found[0] for place, text in said.items() if (found := CANARIES.findall(text))
    } == {}
    assert b"Picture 1" in said[f"get /s/{token}/"]
    assert all(b"RIFF" in said[f"get /s/{token}/{image.pk}/{size}"] for size in (320, 640))


def test_original_is_the_same_picture_without_its_note(guest: Client, image: Image) -> None:
    with_a_note(image)
    response = guest.get(f"/s/{share(image.owner, image, **OPEN)}/{image.pk}/original")
    made = Pillow.open(io.BytesIO(body(response)))
    assert (made.format, made.size, made.getpixel((5, 5))) == ("PNG", (1000, 700), (255, 165, 0))
    assert made.info == {}
    name = f'attachment; filename="mesh-{image.pk.hex[:12]}.png"'
    assert response["Content-Disposition"] == name


def test_damaged_original_is_not_handed_out_with_what_it_says(guest: Client, image: Image) -> None:
    image.key = f"{image.key.rpartition('/')[0]}/2-{'0' * 16}.png"
    image.save(update_fields=["key"])
    data = b"<html>canary</html>"
    digest = hashlib.sha256(data).hexdigest()
    storage.get_store().put_new(image.key, data, sha256=digest, content_type="image/png")
    token = share(image.owner, image, **OPEN)
    response = guest.get(f"/s/{token}/{image.pk}/original")
    assert response.status_code == 422
    assert "can’t be downloaded" in text(response)
    with zipfile.ZipFile(io.BytesIO(body(guest.get(f"/s/{token}/zip")))) as archive:
        assert archive.namelist() == ["errors.txt"]
        assert b"canary" not in archive.read("errors.txt")


def test_persons_own_description_is_shown(guest: Client, image: Image) -> None:
    Image.objects.update(alt_text="A red fox on snow")
    page = text(guest.get(f"/s/{share(image.owner, image)}/"))
    assert 'alt="A red fox on snow"' in page


def test_what_was_chosen_to_be_shown_is_shown(guest: Client, image: Image) -> None:
    shows = {"shows_prompts": True, "shows_cost": True, "shows_creator": True}
    token = share(image.owner, image, title="For Gus", **OPEN, **shows)
    page = text(guest.get(f"/s/{token}/{image.pk}/"))
    for word in ("For Gus", "canary-alice &lt;b&gt;fox", "a red &lt;b&gt;fox", "gpt-image-1"):
        assert word in page
    assert "quoted $0.04" in page
    assert "<bdi>alice</bdi>" in page
    with zipfile.ZipFile(io.BytesIO(body(guest.get(f"/s/{token}/zip")))) as archive:
        names = archive.namelist()
    assert len(names) == 1  # no sheet, which tells more
    assert "fox" in names[0]


def test_price_alone_tells_no_prompt(guest: Client, image: Image) -> None:
    page = text(guest.get(f"/s/{share(image.owner, image, shows_cost=True)}/"))
    assert "quoted $0.04" in page
    assert "canary" not in page
