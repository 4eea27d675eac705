"""One's own account: signed out elsewhere, and gone."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.test_people import sign_up
from tests.support.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.stack]

NAME, PASSWORD = "quinn", "quinns-own-password"


def test_signed_out_elsewhere_and_then_gone(visit: Visit, stack: Stack) -> None:
    here, there = visit(), visit()
    sign_up(here, NAME, PASSWORD)
    there.open("/accounts/login/")
    there.page.fill("#id_username", NAME)
    there.page.fill("#id_password", PASSWORD)
    there.page.get_by_role("button", name="Sign in").click()
    there.page.wait_for_url(f"{stack.url}/")

    page = here.open("/account/")
    expect(page.locator(".sign-ins li")).to_have_count(2)
    page.get_by_role("button", name="Sign out there").click()
    expect(page.locator(".sign-ins li")).to_have_count(1)
    there.page.goto(f"{stack.url}/albums/")
    assert there.page.url == f"{stack.url}/accounts/login/?next=/albums/"

    page.get_by_role("link", name="Delete my account").click()
    page.fill("#id_name", NAME)
    page.fill("#id_password", PASSWORD)
    page.get_by_role("button", name="Delete it for good").click()
    page.wait_for_url(f"{stack.url}/accounts/login/")
    expect(page.get_by_text("Your account is gone.")).to_be_visible()
