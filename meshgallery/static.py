from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage

OWN_IMPORT = r"""(?P<matched>from ["'](?P<url>\./[\w-]+\.js)["'];)"""


class HashedStatic(CompressedManifestStaticFilesStorage):
    """Hashed names also in what one of our scripts imports from another.

    Django's own switch for it reads other people's scripts, too, and stumbles over their comments.
    """

    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        ("js/*.js", ((OWN_IMPORT, 'from "%(url)s";'),)),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._urls: dict[str, str] = {}

    def url(self, name: str, force: bool = False) -> str:
        """Worked out once: a page asks for some forty, and none changes while we run."""
        if name not in self._urls:
            self._urls[name] = super().url(name, force)
        return self._urls[name]
