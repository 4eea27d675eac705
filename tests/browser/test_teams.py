"""A team from its first invitation to the day somebody leaves it."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.rows import ask, signed_in
from tests.support.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.stack]


def test_a_guest_comes_in_makes_a_picture_for_the_team_and_is_removed(
    visit: Visit, stack: Stack
) -> None:
    for name in ("otto", "gia"):
        ask(stack, f"add_user({name!r})")
    otto = visit(storage_state=signed_in(stack, "otto"))
    page = otto.open("/teams/")
    page.get_by_label("New team").fill("Night shift")
    page.get_by_role("button", name="Create").click()
    page.get_by_role("button", name="Make the invitation").click()
    link = page.locator("#invite-link").inner_text()

    gia = visit(storage_state=signed_in(stack, "gia"))
    gia.open(link.removeprefix(gia.url))
    gia.page.get_by_role("button", name="Come in").click()
    gia.page.wait_for_url("**/teams/night-shift/")
    nothing = gia.page.locator(".nothing")
    expect(nothing).to_be_visible()
    drawn = nothing.locator("svg").bounding_box()
    assert drawn
    assert drawn["width"] <= 200
    expect(gia.page.locator(".finder")).to_be_hidden()
    generation = gia.submit("a heron on the night shift [[fixture=60kB]]")
    picture = gia.wait_for_pictures(generation, n=1)[0]
    expect(nothing).to_be_hidden()

    team = otto.open("/teams/night-shift/")
    otto.wait_for_pictures(generation, n=1)
    assert gia.open("/").locator(f'[data-image="{picture}"]').count() == 0

    gia.open("/teams/night-shift/")
    team.goto(f"{otto.url}/teams/night-shift/people/")
    row = team.locator(".team-people li").filter(has_text="gia")
    row.locator("summary", has_text="Change").click()
    row.get_by_role("button", name="Remove from the team").click()
    expect(team.locator(".lines")).to_contain_text("gia isn’t in the team any more.")
    get = gia.context.request.get
    gone = ["/teams/night-shift/", f"/images/{picture}/", f"/images/{picture}/320"]
    assert [get(f"{gia.url}{path}", max_redirects=0).status for path in gone] == [404, 404, 404]
    otto.open("/teams/night-shift/")
    otto.wait_for_pictures(generation, n=1)
