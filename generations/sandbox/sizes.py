"""Which sizes each family of models takes, under every name it takes them by."""

from collections.abc import Mapping
from types import MappingProxyType

Size = tuple[int, int]

GPT_IMAGE_SIZES: Mapping[str, Size] = MappingProxyType(
    {
        "auto": (1024, 1024),
        "1024x1024": (1024, 1024),
        "1536x1024": (1536, 1024),
        "1024x1536": (1024, 1536),
        "1:1": (1024, 1024),
        "3:2": (1536, 1024),
        "2:3": (1024, 1536),
    }
)
DALL_E_SIZES: Mapping[str, Size] = MappingProxyType(
    {
        "auto": (1024, 1024),
        "1024x1024": (1024, 1024),
        "1792x1024": (1792, 1024),
        "1024x1792": (1024, 1792),
    }
)
IMAGEN_SIZES: Mapping[str, Size] = MappingProxyType(
    {
        "auto": (1024, 1024),
        "1:1": (1024, 1024),
        "3:4": (896, 1280),
        "4:3": (1280, 896),
        "9:16": (768, 1408),
        "16:9": (1408, 768),
        "1024x1024": (1024, 1024),
        "896x1280": (896, 1280),
        "1280x896": (1280, 896),
        "768x1408": (768, 1408),
        "1408x768": (1408, 768),
    }
)
OPEN_SIZES: Mapping[str, Size] = MappingProxyType(
    {
        "auto": (1024, 1024),
        "1:1": (1024, 1024),
        "4:3": (1152, 864),
        "3:4": (864, 1152),
        "3:2": (1216, 832),
        "2:3": (832, 1216),
        "16:9": (1344, 768),
        "9:16": (768, 1344),
        "21:9": (1536, 640),
    }
)
