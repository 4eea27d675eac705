"""What the words of a prompt ask for, as far as a landscape painter understands them."""

import re
from dataclasses import dataclass

TERRAINS = {
    "mountains": "mountain mountains alps alpine peak peaks ridge ridges summit valley canyon",
    "forest": "forest forests wood woods pine pines jungle grove taiga fir firs spruce",
    "sea": "sea ocean wave waves coast beach shore harbor harbour bay island surf whale ship",
    "lake": "lake pond river fjord reflection mirror water canal swan",
    "desert": "desert dune dunes sahara sand arid camel cactus oasis",
    "city": "city cities skyline town downtown street skyscraper skyscrapers urban tokyo paris "
    "london berlin york metropolis cyberpunk neon futuristic building buildings rooftop",
    "hills": "hill hills meadow field fields farm village vineyard garden tuscany countryside "
    "grassland prairie park house cottage flower flowers",
    "space": "space planet planets galaxy cosmos cosmic orbit mars saturn jupiter astronaut rocket "
    "nebula alien asteroid sci-fi",
}
TIMES = {
    "night": "night midnight stars starry moon moonlit moonlight nocturnal aurora nebula lantern "
    "galaxy space dark owl firefly neon",
    "dawn": "dawn sunrise sunup morning daybreak pastel",
    "dusk": "dusk sunset evening twilight golden sundown gloaming warm",
    "day": "day noon sunny daylight midday bright clear",
}
SEASONS = {
    "winter": "winter snow snowy snowfall ice icy frozen frost arctic christmas cold glacier",
    "autumn": "autumn fall autumnal october harvest leaves maple",
    "spring": "spring blossom blossoms cherry sakura easter april bloom",
    "summer": "summer tropical july palm palms beach",
}
HUES = {
    "red": "red crimson scarlet ruby",
    "orange": "orange amber copper rust",
    "yellow": "yellow gold lemon mustard",
    "green": "green emerald olive moss sage",
    "teal": "teal turquoise cyan aqua mint",
    "blue": "blue azure indigo navy cobalt",
    "purple": "purple violet lavender lilac mauve plum",
    "pink": "pink rose magenta fuchsia coral",
}
SUBJECTS = {
    "fox": "fox foxes vixen",
    "cat": "cat cats kitten kitty kittens",
    "dog": "dog dogs puppy wolf wolves",
    "deer": "deer stag elk moose reindeer",
    "bear": "bear bears",
    "rabbit": "rabbit rabbits bunny hare",
    "owl": "owl owls",
    "bird": "bird birds gull gulls seagull crow crows raven geese swallow eagle",
    "whale": "whale whales orca dolphin",
    "boat": "boat boats ship ships sail sailing sailboat yacht",
    "lighthouse": "lighthouse beacon",
    "house": "house houses cottage cabin hut home farm barn village",
    "castle": "castle fortress tower palace",
    "balloon": "balloon balloons airship",
    "tent": "tent camp camping campfire",
    "tree": "tree trees oak maple willow blossom sakura cherry",
    "flower": "flower flowers tulip tulips poppy poppies rose roses daisy meadow garden bloom",
    "cactus": "cactus cacti",
    "palm": "palm palms tropical oasis",
    "rocket": "rocket astronaut spaceship",
}
WEATHERS = {
    "snow": "snow snowy snowfall blizzard snowing",
    "rain": "rain rainy raining storm stormy drizzle monsoon",
    "mist": "mist misty fog foggy haze hazy",
    "aurora": "aurora northern lights borealis",
    "stars": "stars starry galaxy milky cosmos night constellation",
}


@dataclass(frozen=True, slots=True)
class Brief:
    terrain: str
    time: str
    season: str
    hue: str
    subjects: tuple[str, ...]
    weathers: frozenset[str]


def read_brief(prompt: str) -> Brief:
    """Empty fields are left to chance."""
    words = re.findall(r"[a-z][a-z-]*", prompt.lower())
    subjects = _all(words, SUBJECTS)
    return Brief(
        terrain=_first(words, TERRAINS),
        time=_first(words, TIMES),
        season=_first(words, SEASONS),
        hue=_first(words, HUES),
        subjects=subjects,
        weathers=frozenset(_all(words, WEATHERS)),
    )


def _sets(table: dict[str, str]) -> dict[str, frozenset[str]]:
    return {name: frozenset(text.split()) for name, text in table.items()}


def _all(words: list[str], table: dict[str, str]) -> tuple[str, ...]:
    """The names whose words occur, in the order of the prompt."""
    found: dict[str, None] = {}
    sets = _sets(table)
    for word in words:
        found |= dict.fromkeys(name for name, known in sets.items() if word in known)
    return tuple(found)


def _first(words: list[str], table: dict[str, str]) -> str:
    return next(iter(_all(words, table)), "")
