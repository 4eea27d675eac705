from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def own_var(settings: Any, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path / "var"
