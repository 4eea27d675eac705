"""What pictures say of how they were made, in the dialects of the programs that made them."""

import io
import json
import tracemalloc
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from generations.imaging.embedded import Embedded, foreign, read_embedded
from generations.imaging.embedded.blocks import MAX_BLOCK_BYTES, read_blocks
from generations.imaging.embedded.exif import read_exif
from generations.imaging.embedded.recipe import MAX_PROMPT, Recipe
from generations.imaging.embedded.xmp import read_xmp
from generations.imaging.metadata import Note, chunks_of, with_note
from tests.imaging.pictures import gradient, png, png_chunk

A1111 = (
    "a red fox, snow\nsecond line, (soft light:1.2)\nNegative prompt: blurry, text\n"
    "Steps: 20, Sampler: Euler a, CFG scale: 7.5, Seed: 1234, Size: 512x768, Model hash: abc,"
    ' Model: dreamer_v8, Lora hashes: "one: 1, two: 2", Version: v1.6.0'
)
FROM_A1111 = Recipe(
    program="A1111",
    prompt="a red fox, snow\nsecond line, (soft light:1.2)",
    model="dreamer_v8",
    parameters={
        "negative_prompt": "blurry, text",
        "steps": "20",
        "sampler": "Euler a",
        "cfg_scale": "7.5",
        "seed": "1234",
        "model_hash": "abc",
        "lora_hashes": "one: 1, two: 2",
        "version": "v1.6.0",
    },
)
COMFY = {
    "3": {
        "class_type": "KSampler",
        "inputs": {
            **{"seed": 42, "steps": 25, "cfg": 8.0, "sampler_name": "dpmpp_2m"},
            **{"model": ["9", 0], "positive": ["6", 0], "negative": ["7", 0]},
        },
    },
    "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "sd_xl.safetensors"}},
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "a lighthouse", "clip": ["4", 1]}},
    "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "people", "clip": ["4", 1]}},
    "9": {"class_type": "LoraLoader", "inputs": {"model": ["4", 0], "lora_name": "x"}},
}


def a_png(path: Path, **texts: str) -> Path:
    info = PngInfo()
    for keyword, text in texts.items():
        info.add_text(keyword.replace("_2d_", "-"), text)
    gradient(32, 24).save(path, pnginfo=info)
    return path


def an_exif(comment: bytes = b"", **tags: str) -> bytes:
    exif = Image.Exif()
    names = {"description": 0x010E, "changed": 0x0132}
    for name, value in tags.items():
        if name in names:
            exif[names[name]] = value
    inner = exif.get_ifd(0x8769)
    if "taken" in tags:
        inner[0x9003] = tags["taken"]
    if comment:
        inner[0x9286] = comment
    return exif.tobytes()


def recipe_of(path: Path) -> Recipe:
    return read_embedded(path).recipe


@pytest.mark.parametrize("accent", ["", " é", " 狐"])
def test_a1111_in_a_png(tmp_path: Path, accent: str) -> None:
    found = recipe_of(a_png(tmp_path / "a.png", parameters=A1111.replace("snow", f"snow{accent}")))
    assert found.prompt == FROM_A1111.prompt.replace("snow", f"snow{accent}")
    assert (found.model, found.parameters) == (FROM_A1111.model, FROM_A1111.parameters)


@pytest.mark.parametrize("format", ["JPEG", "WEBP"])
@pytest.mark.parametrize("order", ["utf-16-be", "utf-16-le"])
def test_a1111_in_an_exif_comment(tmp_path: Path, format: str, order: str) -> None:
    path = tmp_path / "picture"
    exif = an_exif(comment=b"UNICODE\0" + A1111.encode(order))
    gradient(32, 24).save(path, format, exif=exif)
    assert recipe_of(path) == FROM_A1111


def test_a1111_compressed_and_behind_the_pixels(tmp_path: Path) -> None:
    packed = b"parameters\0\0" + zlib.compress(A1111.encode())
    plain = png(1, 1, pixels=zlib.compress(b"\0\0\0\0"))
    path = tmp_path / "a.png"
    path.write_bytes(plain[:-12] + png_chunk(b"zTXt", packed) + plain[-12:])
    assert recipe_of(path) == FROM_A1111


def test_invokeai(tmp_path: Path) -> None:
    said = {
        **{"positive_prompt": "a harbour at dawn", "negative_prompt": "", "seed": 7, "steps": 30},
        **{"cfg_scale": 7.5, "scheduler": "euler", "width": 512, "loras": [{"a": 1}]},
        **{"model": {"key": "k", "name": "Juggernaut XL"}, "app_version": "5.1.0"},
    }
    found = recipe_of(a_png(tmp_path / "a.png", invokeai_metadata=json.dumps(said)))
    assert found == Recipe(
        program="InvokeAI",
        prompt="a harbour at dawn",
        model="Juggernaut XL",
        parameters={
            **{"seed": 7, "steps": 30, "cfg_scale": 7.5, "scheduler": "euler"},
            "app_version": "5.1.0",
        },
    )


@pytest.mark.parametrize(
    "prompt", ["an owl by night", [{"prompt": "an owl", "weight": 1}, {"prompt": "by night"}]]
)
def test_older_invokeai(tmp_path: Path, prompt: object) -> None:
    image = {"prompt": prompt, "seed": 5, "steps": 50, "cfg_scale": 7.5, "sampler": "k_lms"}
    said = {"model": "stable diffusion", "model_weights": "sd-1.5", "image": image}
    found = recipe_of(a_png(tmp_path / "a.png", sd_2d_metadata=json.dumps(said)))
    assert (found.prompt, found.model) == ("an owl by night", "sd-1.5")
    assert found.parameters == {"seed": 5, "steps": 50, "cfg_scale": 7.5, "sampler": "k_lms"}


def test_comfyui_with_one_sampler(tmp_path: Path) -> None:
    texts = {"prompt": json.dumps(COMFY), "workflow": json.dumps({"nodes": []})}
    found = recipe_of(a_png(tmp_path / "a.png", **texts))
    assert found == Recipe(
        program="ComfyUI",
        prompt="a lighthouse",
        model="sd_xl.safetensors",
        parameters={
            "negative_prompt": "people",
            **{"seed": 42, "steps": 25, "cfg_scale": 8.0, "sampler": "dpmpp_2m"},
        },
    )


def test_a_comfyui_graph_that_goes_round_in_circles_says_nothing(tmp_path: Path) -> None:
    graph = {"1": {"inputs": {"positive": ["2", 0]}}, "2": {"inputs": {"text": ["2", 0]}}}
    assert recipe_of(a_png(tmp_path / "a.png", prompt=json.dumps(graph))) == Recipe()


def test_what_we_put_into_a_picture_ourselves_is_read_back(tmp_path: Path) -> None:
    note = Note(prompt="a <b> & “c”", model="openai/gpt-image-1", created="2026-05-04T12:00:00Z")
    for name, format in (("png", "PNG"), ("jpeg", "JPEG"), ("webp", "WEBP")):
        plain, path = tmp_path / f"plain.{name}", tmp_path / f"noted.{name}"
        gradient(32, 24).save(plain, format)
        with plain.open("rb") as file:
            path.write_bytes(b"".join(chunks_of(file, with_note(file, name, note))))
        found = read_embedded(path)
        assert (found.recipe.prompt, found.recipe.model) == (note.prompt, note.model), name
        assert found.taken_at == datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_a_plain_description_and_its_date(tmp_path: Path, format: str) -> None:
    path = tmp_path / "picture"
    exif = an_exif(
        description="Two swans", taken="2023:07:01 18:30:00", changed="2024:01:01 00:00:00"
    )
    gradient(32, 24).save(path, format, exif=exif)
    taken = datetime(2023, 7, 1, 18, 30, tzinfo=UTC)
    assert read_embedded(path) == Embedded(Recipe(prompt="Two swans"), taken)


def test_an_xmp_description_in_its_first_language() -> None:
    packet = """<x:xmpmeta><rdf:Description><dc:description><rdf:Alt>
      <rdf:li xml:lang="x-default">Fish &amp; chips</rdf:li><rdf:li>Poisson</rdf:li>
      </rdf:Alt></dc:description></rdf:Description></x:xmpmeta>"""
    assert read_xmp(packet).description == "Fish & chips"


def test_a_picture_without_words(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    gradient(32, 24).save(path)
    assert read_embedded(path) == Embedded(Recipe())
    path.write_text("no picture")
    assert read_embedded(path) == Embedded(Recipe())


def test_a_text_that_unpacks_to_a_gigabyte_is_left_out(tmp_path: Path) -> None:
    packer = zlib.compressobj(9)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(900)) + packer.flush()
    assert len(bomb) < MAX_BLOCK_BYTES
    path = tmp_path / "a.png"
    path.write_bytes(png(1, 1, extra=png_chunk(b"zTXt", b"parameters\0\0" + bomb)))
    tracemalloc.start()
    assert recipe_of(path) == Recipe()
    assert tracemalloc.get_traced_memory()[1] < 16 * MAX_BLOCK_BYTES
    tracemalloc.stop()


def test_deep_json_is_no_recipe(tmp_path: Path) -> None:
    assert recipe_of(a_png(tmp_path / "a.png", prompt="[" * 100_000)).parameters == {}
    assert foreign.parsed("{" * 100_000) == {}


def test_a_recipe_holds_only_what_a_row_can() -> None:
    wild = {"a": True, "b": [1], "c": float("nan"), "d": "x" * 9999, "e": 10**30, "f": "\0y\ud800"}
    found = Recipe(prompt="p\0\ud800q" + "x" * 99_999, parameters=wild)
    assert found.prompt.startswith("pqx")
    assert len(found.prompt) == MAX_PROMPT
    assert found.parameters == {"d": "x" * 2000, "e": str(10**30), "f": "y"}
    json.dumps(found.parameters, allow_nan=False).encode()


DIALECTS = (foreign.a1111, foreign.invokeai, foreign.older_invokeai, foreign.comfyui)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["1", "2", "inputs", "positive", "text", "model", "image", "prompt", "name"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(anything)
def test_no_json_is_too_odd_for_a_dialect(said: object) -> None:
    texts = [json.dumps(said), json.dumps({"positive_prompt": said, "model": said})]
    for read in DIALECTS:
        for text in texts:
            found = read(text)
            assert found is None or isinstance(found.prompt, str)


@given(st.text(max_size=200))
def test_no_text_is_too_odd(text: str) -> None:
    for wild in (text, f"{text}\nSteps: 1,{text}", f"<dc:description>{text}</dc:description>"):
        for read in DIALECTS:
            read(wild)
        read_xmp(wild)


@given(st.binary(max_size=200))
def test_no_exif_is_too_broken(data: bytes) -> None:
    for start in (b"", b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08"):
        read_exif(start + data)


@given(st.binary(max_size=200), st.sampled_from(["png", "jpeg", "webp"]))
def test_no_container_is_too_broken(data: bytes, name: str) -> None:
    starts = {"png": b"\x89PNG\r\n\x1a\n", "jpeg": b"\xff\xd8", "webp": b"RIFF\0\0\0\0WEBP"}
    read_blocks(io.BytesIO(starts[name] + data), name)
