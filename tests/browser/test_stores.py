"""The main journey where pictures lie in S3, and where rows lie in PostgreSQL."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import PASSWORD, Visit
from tests.browser.rows import ask
from tests.browser.visitor import Visitor
from tests.support.postgres import private_postgres
from tests.support.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.stack]

PROMPT = "a fox in a distant store [[fixture=60kB]]"


@pytest.fixture
def with_s3(tmp_path: Path, settings_of_stack: dict[str, str]) -> Iterator[Stack]:
    with Stack(tmp_path / "var", settings_of_stack, arguments=("--with-s3",)) as running:
        yield running


@pytest.fixture
def with_postgres(tmp_path: Path, settings_of_stack: dict[str, str]) -> Iterator[Stack]:
    with (
        private_postgres() as url,
        Stack(tmp_path / "var", settings_of_stack | {"DATABASE_URL": url}) as running,
    ):
        yield running


def digest_of_download(page: Page) -> str:
    page.locator("picture-viewer").wait_for()
    with page.expect_download() as download:
        page.keyboard.press("Shift+D")
    return hashlib.sha256(Path(download.value.path()).read_bytes()).hexdigest()


def picture_origin(visitor: Visitor) -> str:
    """The one other origin that the page's own policy lets pictures come from."""
    policy = visitor.context.request.get(f"{visitor.url}/").headers["content-security-policy"]
    allowed = next(part for part in policy.split(";") if part.strip().startswith("img-src"))
    (origin,) = [source for source in allowed.split() if source.startswith("http")]
    visitor.origins.add(origin)
    return origin


def came_from(visitor: Visitor, image: str) -> set[str]:
    """Where the bytes of this picture's previews really came from."""
    last = set()
    for request in visitor.requests:
        if request.redirected_from and f"/images/{image}/" in request.redirected_from.url:
            answer = request.response()
            assert answer
            assert (answer.status, answer.headers["content-type"]) == (200, "image/webp")
            parts = urlsplit(request.url)
            last.add(f"{parts.scheme}://{parts.netloc}")
    return last


@pytest.mark.s3
def test_pictures_come_from_the_s3_server_and_outlive_a_restart(
    visit: Visit, with_s3: Stack
) -> None:
    visitor = visit(url=with_s3.url)
    page = visitor.sign_in(with_s3.username, PASSWORD)
    origin = picture_origin(visitor)
    assert origin != with_s3.url
    image = visitor.wait_for_pictures(visitor.submit(PROMPT), n=1)[0]
    assert came_from(visitor, image) == {origin}
    row = ask_image(with_s3, image)
    page.locator(".tile > a").click()
    page.wait_for_url(f"{with_s3.url}/images/{image}/")
    assert digest_of_download(page) == row
    assert not (with_s3.var_dir / "pictures").exists()

    with_s3.stop()
    with_s3.launch()
    with_s3.wait_until_ready()
    visitor.requests.clear()
    picture_origin(visitor)  # perhaps another port now
    page.goto(f"{with_s3.url}/images/{image}/")
    visitor.wait_until_painted(page.locator(".frame [data-image]"))
    assert digest_of_download(page) == row


def ask_image(stack: Stack, image: str) -> str:
    digest: str = ask(stack, f"stored({image!r})")["sha256"]
    return digest


@pytest.mark.postgres
def test_main_journey_on_postgresql(visit: Visit, with_postgres: Stack) -> None:
    visitor = visit(url=with_postgres.url)
    page = visitor.sign_in(with_postgres.username, PASSWORD)
    page.evaluate("window.stayed = 'the same page'")
    generation = visitor.submit(PROMPT, n=4)
    images = visitor.wait_for_pictures(generation, n=4)
    assert visitor.places() == [(generation, f"{slot}") for slot in range(4)]
    assert page.evaluate("window.stayed") == "the same page"
    assert visitor.most_polls_at_once == 1
    page.locator(".tile > a").first.click()
    page.wait_for_url(f"{with_postgres.url}/images/{images[0]}/")
    assert digest_of_download(page) == ask_image(with_postgres, images[0])
    assert not list(with_postgres.var_dir.glob("*.sqlite3"))
