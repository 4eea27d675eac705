"""One team, from its first invitation to the day somebody leaves it, as six people see it."""

from collections.abc import Sequence
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.rows import ask, signed_in
from tests.browser.test_people import statuses
from tests.browser.visitor import TILE, Visitor
from tests.support.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.stack]

TEAM, HOME = "Pier seven", "/teams/pier-seven/"
MEMBERS = {"connor": "Contributor", "curt": "Curator", "vera-lynn": "Viewer"}
ALL_OPEN, ALL_GONE = {200}, {404}


def found_team(owner: Visitor) -> None:
    """A team that shows approved pictures alone."""
    page = owner.open("/teams/")
    page.get_by_label("New team").fill(TEAM)
    page.get_by_role("button", name="Create").click()
    page.wait_for_url(f"**{HOME}people/")
    page = owner.open(f"{HOME}settings/")
    page.get_by_label("Show approved pictures alone").check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".lines")).to_contain_text("settings are saved")


def invite(owner: Visitor, role: str) -> str:
    """The path that an invitation leads along."""
    page = owner.open(f"{HOME}people/")
    page.get_by_label("As", exact=True).select_option(label=role)
    page.get_by_role("button", name="Make the invitation").click()
    return urlsplit(page.locator("#invite-link").inner_text()).path


def come_in(member: Visitor, path: str) -> None:
    member.open(path)
    member.page.get_by_role("button", name="Come in").click()
    member.page.wait_for_url(f"**{HOME}")


def seen_by(member: Visitor) -> Sequence[str]:
    """The team's pictures, as this person's page has them."""
    member.open(HOME)
    pictures = member.page.locator(f"{TILE} img[data-image]")
    return pictures.evaluate_all("(all) => all.map((each) => each.dataset.image)")


def review(curator: Visitor, count: int) -> dict[str, str]:
    """Approve the first and reject the others; the verdict by picture."""
    page, verdicts = curator.open("/review/"), {}
    one = page.locator(".review-one[data-ready]")
    for number in range(count):
        image = one.get_attribute("data-id") or ""
        with page.expect_response("**/verdict/"):
            page.keyboard.press("a" if number == 0 else "r")
            if number:
                page.keyboard.press("1")
        verdicts[image] = "rejected" if number else "approved"
        expect(page.locator(f'.review-one[data-id="{image}"]')).to_have_count(0)
    return verdicts


def share(maker: Visitor, image: str) -> str:
    page = maker.open(f"/shares/new/?ids={image}")
    page.get_by_label("Download").check()
    page.get_by_role("button", name="Make the link").click()
    return urlsplit(page.locator("#share-address").inner_text()).path


def pick(page: Page) -> None:
    page.get_by_role("button", name="Pick").click()
    expect(page.locator("[data-picked]")).to_have_text("1 picked")


def test_a_team_s_story_as_six_people_see_it(visit: Visit, stack: Stack) -> None:
    for name in ("olga", *MEMBERS, "sorin"):
        ask(stack, f"add_user({name!r})")
    olga, connor, curt, vera, sorin = (
        visit(storage_state=signed_in(stack, name)) for name in ("olga", *MEMBERS, "sorin")
    )
    found_team(olga)
    for member, role in zip((connor, curt, vera), MEMBERS.values(), strict=True):
        come_in(member, invite(olga, role))

    run = connor.submit("a pier at dusk [[fixture=60kB]]", n=2)
    made = connor.wait_for_pictures(run, n=2)
    assert set(seen_by(olga)) == set(seen_by(curt)) == set(made)
    assert seen_by(vera) == []

    verdicts = review(curt, len(made))
    assert sorted(verdicts) == sorted(made)
    approved, rejected = sorted(verdicts, key=lambda image: verdicts[image])
    assert seen_by(vera) == [approved]
    pages = [f"/images/{approved}/", f"/images/{approved}/320"]
    assert set(statuses(vera, pages).values()) == ALL_OPEN
    assert statuses(vera, [f"/images/{rejected}/320"]) == {f"/images/{rejected}/320": 404}
    assert set(statuses(sorin, [HOME, *pages]).values()) == ALL_GONE

    path = share(connor, approved)
    behind = [path, f"{path}{approved}/", f"{path}{approved}/320", f"{path}zip"]
    guest = visit()
    guest.open(path)
    guest.wait_until_painted(guest.page.locator(f'[data-image="{approved}"]'))
    pick(guest.page)
    assert set(statuses(guest, behind).values()) == ALL_OPEN
    connor.open("/shares/").locator('main a[href^="/shares/"]').first.click()
    expect(connor.page.get_by_role("heading", name="Guest 1 picked 1")).to_be_visible()

    ask(stack, "expire_links('connor')")
    assert set(statuses(guest, behind).values()) == ALL_GONE
    with guest.expecting("404"):
        guest.page.reload()
        expect(guest.page.locator("h1")).to_have_text("This link isn’t there any more")

    open_page = connor.open(HOME)
    expect(open_page.locator(TILE)).to_have_count(2)
    elsewhere = connor.context.new_page()
    elsewhere.goto(f"{connor.url}{HOME}leave/")
    elsewhere.get_by_role("button", name="Leave the team").click()
    expect(elsewhere.locator(".lines")).to_contain_text(f"You have left {TEAM}.")
    with open_page.expect_response("**/selection/") as answer:
        tile = open_page.locator(TILE).filter(has=open_page.locator(f'[data-image="{approved}"]'))
        tile.hover()
        tile.get_by_role("button", name="Favourite").click()
    assert approved not in answer.value.text()
    expect(open_page.locator("#notice")).to_contain_text("not found")
    with connor.expecting("404"):
        tile.locator("> a").click()
        expect(open_page.locator("h1")).to_have_text("Nothing here")
    assert set(statuses(connor, [HOME, *pages, f"/generations/{run}/"]).values()) == ALL_GONE
    assert set(seen_by(olga)) == set(made)
    assert seen_by(vera) == [approved]
