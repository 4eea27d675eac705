"""Words and token counts: the rewritten prompt and the usage a model would report."""

import hashlib
import random

from generations.sandbox.order import Order

MEDIA = (
    "a richly layered gouache illustration",
    "a finely grained risograph print",
    "a soft watercolour with crisp paper edges",
    "a quiet screen print in a handful of inks",
    "a painterly digital illustration",
    "a cut-paper collage with gentle shadows",
)
LIGHT = (
    "lit by a low, warm sun that rims every ridge",
    "bathed in diffuse morning light",
    "under a wide, luminous sky",
    "with long shadows and a soft glow near the horizon",
    "in cool evening light that fades towards the foreground",
    "with thin mist settling between the layers",
)
MOOD = (
    "The mood is calm and a little nostalgic.",
    "The mood is hushed, spacious and contemplative.",
    "The overall feeling is gentle and inviting.",
    "It feels like the first minute of a long journey.",
    "The atmosphere is still, as if the day were holding its breath.",
)
FRAMING = (
    "The composition leads the eye from a dark foreground to pale distances",
    "Overlapping silhouettes build depth from front to back",
    "Generous empty space balances the subject",
    "A restrained palette ties the scene together",
)
# What one picture costs in output tokens: OpenAI's table for gpt-image-1, square and oblong.
TOKENS = {"low": (272, 408), "medium": (1056, 1584), "high": (4160, 6240)}
CHARS_PER_TOKEN = 4


def revised_prompt(prompt: str, *, seed: int) -> str:
    """The prompt as the model says it understood it; the same for the same prompt and seed."""
    digest = hashlib.sha256(f"{seed}\0{prompt}".encode("utf-8", "surrogatepass")).digest()
    choose = random.Random(digest)  # noqa: S311 repeatable on purpose
    medium, light = choose.choice(MEDIA), choose.choice(LIGHT)
    wish = " ".join(prompt.split()).rstrip(" .,;!") or "an open landscape"
    subject = wish[0].upper() + wish[1:]
    framing, mood = choose.choice(FRAMING), choose.choice(MOOD)
    return f"{subject}, rendered as {medium} — {light}. {framing}. {mood}"


def usage(order: Order, *, prompt: str, count: int) -> dict[str, object]:
    text = max(1, -(-len(prompt) // CHARS_PER_TOKEN))
    square, oblong = TOKENS.get(order.quality, TOKENS["medium"])
    per_image = square if order.size[0] == order.size[1] else oblong
    images = per_image * count
    return {
        "prompt_tokens": text,
        "completion_tokens": images,
        "total_tokens": text + images,
        "input_tokens_details": {"text_tokens": text, "image_tokens": 0},
        "output_tokens_details": {"image_tokens": images},
    }
