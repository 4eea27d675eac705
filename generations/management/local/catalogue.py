"""The list of models, asked for before anyone can pick one."""

from generations.errors import GalleryError
from generations.mesh.errors import MeshError
from generations.pipeline.catalog import refresh_catalog


def refresh_catalogue() -> str:
    """Empty when the list is fresh, else why it isn't, as a sentence."""
    try:
        refresh_catalog()
    except GalleryError as error:
        return error.sentence
    except MeshError as error:
        return f"The provider did not give it ({error.code})."
    return ""
