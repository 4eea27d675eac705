"""Everything there is to see: each page and what opens over it, by the person who sees it."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import expect

from tests.browser.visitor import Visitor

Act = Callable[[Visitor], object]
WIDE = (820, 1440)


def _nothing(_: Visitor) -> None:
    """The page as it opens."""


@dataclass(frozen=True, slots=True)
class Scene:
    """`path` may name addresses in braces; `complaint` is what the browser says of it."""

    name: str
    path: str
    act: Act = _nothing
    full_page: bool = False
    widths: tuple[int, ...] = (390, 820, 1440)
    complaint: str = ""


def press(*keys: str) -> Act:
    """With the focus on the first finished picture."""

    def act(visitor: Visitor) -> None:
        visitor.page.locator(".tile[data-state=done] > a").first.focus()
        for key in keys:
            visitor.page.keyboard.press(key)
            visitor.page.wait_for_timeout(250)

    return act


def review(*keys: str) -> Act:
    """With a picture to decide about."""

    def act(visitor: Visitor) -> None:
        expect(visitor.page.locator(".review-one[data-ready]")).to_be_visible()
        for key in keys:
            visitor.page.keyboard.press(key)

    return act


def click(*selectors: str) -> Act:
    def act(visitor: Visitor) -> None:
        for selector in selectors:
            visitor.page.locator(selector).first.click()
            visitor.page.wait_for_timeout(400)

    return act


def scroll(visitor: Visitor) -> None:
    visitor.page.evaluate("scrollTo({top: 1400, behavior: 'instant'})")
    visitor.page.wait_for_timeout(700)


def hover(visitor: Visitor) -> None:
    visitor.page.locator(".tile[data-state=done]").nth(1).hover()


def open_first(visitor: Visitor) -> None:
    visitor.page.locator(".tile[data-state=done] > a").first.click()
    expect(visitor.page.locator("dialog picture-viewer")).to_be_visible()


def then(*acts: Act) -> Act:
    def act(visitor: Visitor) -> None:
        for each in acts:
            each(visitor)

    return act


def fill(selector: str, text: str, button: str) -> Act:
    def act(visitor: Visitor) -> None:
        visitor.page.fill(selector, text)
        visitor.page.locator(button).click()
        visitor.page.wait_for_timeout(800)

    return act


def post_without_token(visitor: Visitor) -> None:
    with visitor.page.expect_navigation():
        visitor.page.evaluate("""() => {
            const form = document.createElement("form");
            form.method = "post";
            document.body.append(form);
            form.submit();
        }""")


def order(visitor: Visitor) -> None:
    """Four pictures that have been drawn at for a moment."""
    visitor.choose("size", "1024x1024")
    visitor.submit("A watercolour of a fox in a snowy forest, low winter sun", n=4)
    visitor.page.locator("#id_prompt").blur()
    visitor.page.wait_for_timeout(2500)


STRANGER = (
    Scene("login", "/accounts/login/"),
    Scene("login-wrong", "/accounts/login/", fill("#id_username", "ada", "main .button-main")),
    Scene("signup", "/accounts/signup/", full_page=True),
    Scene("reset", "/accounts/reset/"),
    Scene("reset-done", "/accounts/reset/done/"),
    Scene("reset-broken", "/accounts/reset/MQ/broken-link/"),
    Scene("reset-complete", "/accounts/reset/complete/"),
)
NEWCOMER = (
    Scene("empty-gallery", "/"),
    Scene("empty-albums", "/albums/"),
    Scene("empty-tags", "/tags/"),
    Scene("empty-trash", "/trash/"),
    Scene("empty-shares", "/shares/"),
    Scene("empty-searches", "/searches/"),
    Scene("empty-prompts", "/prompts/", full_page=True),
    Scene("empty-filters", "/filters/"),
    Scene("empty-months", "/months/"),
    Scene("team-viewer", "/teams/night-shift/"),
    Scene("empty-usage", "/usage/"),
    Scene("error-422", "/", fill("#id_prompt", "z" * 4001, "#generate"), complaint="422"),
    Scene("account", "/account/", full_page=True),
    Scene("account-delete", "/account/delete/", full_page=True),
    Scene("password", "/accounts/password/", full_page=True),
    Scene("password-done", "/accounts/password/done/"),
)
THRIFTY = (Scene("notice-budget", "/"), Scene("usage-budget", "/usage/", full_page=True))
EVERY_STATE = (Scene("states", "/", full_page=True),)
OWNER = (
    Scene("gallery-working", "/", order),
    Scene("gallery", "/"),
    Scene("gallery-scrolled", "/", scroll),
    Scene("gallery-hover", "/", hover, widths=WIDE),
    Scene("menu", "/", click(".menu > summary")),
    Scene("models", "/", click("[popovertarget=also-models]")),
    Scene("picker", "/", click("[data-prompts]")),
    Scene("composer-album", "/", click("[title='Put them into an album']")),
    Scene("by-run", "/?group=run"),
    Scene("found", "/?q=winter&shape=landscape&shape=square&fav=1"),
    Scene("found-nothing", "/?q=zebra"),
    Scene("filters-open", "/", click(".way:nth-child(1)")),
    Scene("saved-open", "/?q=lake", click(".way:nth-child(3)")),
    Scene("months-open", "/", click(".way:nth-child(4)")),
    Scene("since-month", "{month}"),
    Scene("selected", "/", press("x", "ArrowRight", "ArrowRight", "Shift+X")),
    Scene("selected-two", "/", press("x", "ArrowRight", "x")),
    Scene("selected-all", "/", press("x", "Control+a")),
    Scene("tags-open", "/", press("x", "ArrowRight", "x", "t")),
    Scene("albums-open", "/", press("x", "ArrowRight", "x", "l")),
    Scene("notice", "/", press("Delete")),
    Scene("keys-open", "/", press("?")),
    Scene("overlay", "/", open_first),
    Scene("overlay-zoomed", "/", then(open_first, click("[data-zoom]"))),
    Scene("overlay-download", "/", then(open_first, click("dialog .download > summary"))),
    Scene("picture", "{image}", full_page=True),
    Scene("picture-alt", "{image}", click(".alt-text summary"), full_page=True),
    Scene("picture-trash", "{image}trash/"),
    Scene("picture-sort", "{image}sort/", full_page=True),
    Scene("run", "{run}", full_page=True),
    Scene("partners", "/compare/?a={a}"),
    Scene("compare", "/compare/?a={a}&b={b}", click("[value=side]"), full_page=True),
    Scene("compare-slider", "/compare/?a={a}&b={b}", click("[value=slider]"), full_page=True),
    Scene("albums", "/albums/"),
    Scene("album", "{album}"),
    Scene("album-selecting", "{album}", click("[data-select]")),
    Scene("album-arrange", "{album}arrange/"),
    Scene("album-edit", "{album}edit/"),
    Scene("album-delete", "{album}delete/"),
    Scene("shares", "/shares/"),
    Scene("share", "{share}", full_page=True),
    Scene("share-new", "/shares/new/?kind=album&target={album_id}", full_page=True),
    Scene(
        "share-made",
        "/shares/new/?kind=album&target={album_id}",
        click("main .button-main"),
    ),
    Scene("shared", "{shared}"),
    Scene("shared-picture", "{shared_picture}"),
    Scene("shared-unlock", "{locked}"),
    Scene("shared-wrong", "{locked}", fill("#id_password", "wrong", ".button"), complaint="422"),
    Scene("shared-gone", "/s/nothing-here/", complaint="404"),
    Scene("tags", "/tags/"),
    Scene("tag-rename", "/tags/", click(".tag-rows summary")),
    Scene("tag-delete", "{tag_delete}"),
    Scene("trash", "/trash/"),
    Scene("trash-selected", "/trash/", press("x", "ArrowRight", "x")),
    Scene("trash-sure", "/trash/", then(press("x"), click("[value=delete][data-asks]"))),
    Scene("trash-empty-sure", "/trash/", click(".page-acts form button")),
    Scene("trashed", "{trashed}"),
    Scene("prompts", "/prompts/", full_page=True),
    Scene("template-use", "{template}"),
    Scene("template-edit", "{template}edit/"),
    Scene("searches", "/searches/"),
    Scene("search-change", "/searches/", click(".saved summary")),
    Scene("filters", "/filters/", full_page=True),
    Scene("months", "/months/"),
    Scene("keys", "/keys/", full_page=True),
    Scene("usage", "/usage/", click(".plot-table summary"), full_page=True),
    Scene("usage-year", "/usage/?of=all&days=365", full_page=True),
    Scene("desk", "/desk/", full_page=True),
    Scene("desk-cause", "/desk/", click(".table th > a"), full_page=True),
    Scene("desk-sure", "/desk/", click(".table th > a", ".desk-acts .button")),
    Scene("desk-pause", "/desk/", fill("#id_message", "New key at three.", ".desk-pause .button")),
    Scene("error-403-csrf", "/albums/", post_without_token, complaint="403"),
    Scene("error-404", "/nowhere/", complaint="404"),
    Scene("error-400", "/made/400.html"),
    Scene("error-403", "/made/403.html"),
    Scene("error-500", "/made/500.html"),
    Scene("error-503", "/made/503.html"),
    Scene("admin", "/admin/"),
    Scene("admin-list", "/admin/generations/catalogmodel/"),
    Scene("admin-calls", "/admin/generations/attempt/"),
    Scene("teams", "/teams/"),
    Scene("team", "/teams/night-shift/"),
    Scene(
        "team-people", "/teams/night-shift/people/", click(".team-people summary"), full_page=True
    ),
    Scene("team-invited", "/teams/night-shift/people/", click(".team-invite .button-main")),
    Scene("team-links", "/teams/night-shift/links/"),
    Scene("team-searches", "/searches/?team=night-shift&q=boats"),
    Scene("team-settings", "/teams/night-shift/settings/"),
    Scene("team-leave", "/teams/night-shift/leave/"),
    Scene("team-delete", "/teams/night-shift/delete/"),
    Scene("team-albums", "/albums/?team=night-shift"),
    Scene("team-picture", "/teams/night-shift/", open_first),
    Scene("move-open", "/", then(press("x"), click("[popovertarget=move-ways]"))),
    Scene("invite-gone", "/invites/some-token/", complaint="404"),
    Scene("large", "/", click("#large")),
    Scene("compact", "/", click("#compact")),
    Scene("overlay-alone", "/", then(open_first, click("[data-toggle-info]")), widths=(1440,)),
)
REVIEWER = (
    Scene("review", "/review/", review()),
    Scene("review-asks", "/review/", review("r")),
    Scene("review-many", "/review/all/"),
    Scene("review-checked", "/review/?check=flagged", review()),
    Scene("review-nothing", "/review/?state=approved"),
)
# What the README and the guide show: file, scene, window, theme.
DOCS = (
    ("gallery", "gallery-working", (1440, 1080), "light"),
    ("compare", "compare-slider", (1440, 1200), "light"),
    ("filters", "filters-open", (1440, 900), "light"),
    ("selection", "selected", (1440, 900), "light"),
    ("viewer", "overlay", (1440, 900), "dark"),
    ("review", "review", (1440, 900), "light"),
    ("phone", "gallery-working", (390, 844), "light"),
    ("phone-viewer", "overlay", (390, 844), "dark"),
)
GATE_CLOSED = (
    Scene("banner", "/"),
    Scene("banner-album", "{album}"),
    Scene("desk-closed", "/desk/", full_page=True),
)
