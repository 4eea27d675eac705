from collections.abc import Iterator

import pytest

from generations.imaging.derive import Deriver


@pytest.fixture(scope="session")
def deriver() -> Iterator[Deriver]:
    deriver = Deriver(children=2)
    yield deriver
    deriver.close()
