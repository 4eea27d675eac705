"""Other programs' words for how a picture was made, each in its own dialect.

Written after what these programs put into their files: A1111's `parameters`, InvokeAI's
`invokeai_metadata` and older `sd-metadata`, ComfyUI's `prompt` graph. Nothing here is believed to
have any form: what isn't as expected is left out.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from generations.imaging.embedded.recipe import Recipe

MOST_HOPS = 12
_PAIR = re.compile(r'([A-Za-z][\w /-]{0,40}): ("(?:[^"\\]|\\.)*"|[^,]*)(?:, ?|$)')
_LAST_LINE = re.compile(r"^Steps: \d+,")
_NEGATIVE = "Negative prompt:"
_UNSAID = {"model", "size"}  # told elsewhere
_WEIGHTS = ("ckpt_name", "unet_name", "model_name")


def a1111(text: str) -> Recipe | None:
    """Prompt, then “Negative prompt: …”, then one line of “Steps: 20, Sampler: …”."""
    lines = text.strip().splitlines()
    settings: dict[str, str] = {}
    if lines and _LAST_LINE.match(lines[-1]):
        pairs = _PAIR.findall(lines.pop())
        settings = {_named(name): value.strip('" ') for name, value in pairs}
    prompt, _, negative = "\n".join(lines).partition(_NEGATIVE)
    if not settings and not negative:
        return None
    return Recipe(
        program="A1111",
        prompt=prompt,
        model=settings.get("model", ""),
        parameters={"negative_prompt": negative, **_without(settings, _UNSAID)},
    )


def invokeai(text: str) -> Recipe | None:
    said = parsed(text)
    if "positive_prompt" not in said:
        return None
    model = said.get("model")
    weights = model if isinstance(model, Mapping) else {}
    names = ("negative_prompt", "seed", "steps", "cfg_scale", "scheduler", "app_version")
    return Recipe(
        program="InvokeAI",
        prompt=said["positive_prompt"],
        model=weights.get("name") or weights.get("model_name") or model or "",
        parameters={name: said.get(name) for name in names},
    )


def older_invokeai(text: str) -> Recipe | None:
    said = parsed(text)
    image = said.get("image")
    if not isinstance(image, Mapping):
        return None
    prompt = image.get("prompt")
    if isinstance(prompt, list):  # each part with its weight
        parts = [part.get("prompt") for part in prompt if isinstance(part, Mapping)]
        prompt = " ".join(part for part in parts if isinstance(part, str))
    names = ("seed", "steps", "cfg_scale", "sampler")
    return Recipe(
        program="InvokeAI",
        prompt=prompt or "",
        model=said.get("model_weights") or said.get("model") or "",
        parameters={name: image.get(name) for name in names},
    )


def comfyui(text: str) -> Recipe | None:
    """Of a graph with a sampler whose prompt leads to a text; any other is too clever for us."""
    graph = parsed(text)
    for node in graph.values():
        inputs = _inputs(node)
        prompt = _text_behind(graph, inputs.get("positive"))
        if prompt is None:
            continue
        names = {"seed": "seed", "noise_seed": "seed", "steps": "steps", "cfg": "cfg_scale"}
        names |= {"sampler_name": "sampler", "scheduler": "scheduler"}
        settings = {ours: inputs[name] for name, ours in names.items() if name in inputs}
        negative = _text_behind(graph, inputs.get("negative"))
        return Recipe(
            program="ComfyUI",
            prompt=prompt,
            model=_weights_behind(graph, inputs.get("model")),
            parameters={"negative_prompt": negative, **settings},
        )
    return None


def parsed(text: str) -> dict[str, Any]:
    """The object that a text is; empty for anything else."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _named(name: str) -> str:
    return name.strip().lower().replace(" ", "_").replace("-", "_")


def _without(settings: Mapping[str, str], unsaid: set[str]) -> dict[str, str]:
    return {name: value for name, value in settings.items() if name not in unsaid}


def _inputs(node: object) -> Mapping[str, Any]:
    inputs = node.get("inputs") if isinstance(node, Mapping) else None
    return inputs if isinstance(inputs, Mapping) else {}


def _behind(graph: Mapping[str, Any], link: object) -> Mapping[str, Any]:
    """A link is the other node's number and which of its outputs."""
    is_link = isinstance(link, list) and link and isinstance(link[0], str)
    return _inputs(graph.get(link[0])) if is_link and isinstance(link, list) else {}


def _text_behind(graph: Mapping[str, Any], link: object) -> str | None:
    for _ in range(MOST_HOPS):
        inputs = _behind(graph, link)
        link = inputs.get("text", inputs.get("conditioning", inputs.get("positive")))
        if isinstance(link, str):
            return link
    return None


def _weights_behind(graph: Mapping[str, Any], link: object) -> str:
    for _ in range(MOST_HOPS):
        inputs = _behind(graph, link)
        named = [inputs[name] for name in _WEIGHTS if isinstance(inputs.get(name), str)]
        if named:
            return str(named[0])
        link = inputs.get("model")
    return ""
