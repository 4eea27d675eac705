"""Taking several pictures along in another format, or clean of what they say."""

import io
import zipfile
from typing import Any

import pytest
from PIL import Image as Pillow
from playwright.sync_api import Download, Page, expect

from tests.browser.axe import faults
from tests.browser.conftest import Sorter
from tests.browser.seen import PHONE, PHONE_SIZE, chosen
from tests.browser.test_accessibility import SMALL

pytestmark = [pytest.mark.browser, pytest.mark.stack]


def files_of(download: Download) -> dict[str, bytes]:
    found = zipfile.ZipFile(io.BytesIO(download.path().read_bytes()))
    return {name: found.read(name) for name in found.namelist()}


def ask_for(page: Page, *labels: str) -> dict[str, bytes]:
    sheet = page.locator("#zip-ways")
    for label in labels:
        sheet.get_by_role("radio", name=label).check()
    with page.expect_download() as download:
        sheet.get_by_role("button", name="Download").click()
    return files_of(download.value)


def test_chosen_ones_come_converted(sorter: Sorter) -> None:
    visitor = sorter(3)
    page = visitor.page
    for number in (0, 2):
        visitor.tiles.nth(number).hover()
        page.keyboard.press("x")
    page.get_by_role("button", name="Convert").click()
    page.keyboard.press("Delete")  # nothing of the page's while the sheet is open
    page.keyboard.press("Escape")
    expect(page.locator("#zip-ways")).to_be_hidden()
    assert chosen(page) == [0, 2]
    page.get_by_role("button", name="Convert").click()
    files = ask_for(page, "JPEG", "Clean of everything")
    expect(page.locator("#zip-ways")).to_be_hidden()
    assert len(files) == 2
    for name, content in files.items():
        assert name.startswith("mesh-")
        assert Pillow.open(io.BytesIO(content)).format == "JPEG"
        assert b"harbour" not in content
    assert chosen(page) == [0, 2]


def test_without_scripts_too(sorter: Sorter) -> None:
    visitor = sorter(2, java_script_enabled=False)
    visitor.page.goto(f"{visitor.url}/?select=1")
    visitor.page.get_by_role("checkbox").first.check()
    visitor.page.get_by_role("button", name="Convert").click()
    files = ask_for(visitor.page, "WebP", "With prompt and origin")
    assert sorted(name.rpartition(".")[2] for name in files) == ["json", "webp"]
    assert any(b"harbour" in content for name, content in files.items() if name.endswith("webp"))


@pytest.mark.parametrize("options", [{}, PHONE], ids=["desktop", "phone"])
def test_nothing_keeps_anybody_out_of_the_sheet(sorter: Sorter, options: dict[str, Any]) -> None:
    page = sorter(1, **options).page
    if options:
        page.set_viewport_size(PHONE_SIZE)
    page.get_by_role("link", name="Select", exact=True).click()
    page.locator(".tile").first.click()
    page.get_by_role("button", name="Convert").click()
    expect(page.locator("#zip-ways")).to_be_visible()
    assert faults(page) == []
    if options:
        assert page.evaluate(SMALL) == []
