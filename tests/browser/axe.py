"""What keeps people out of a page, as axe finds it."""

import json

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

# The themes differ in colours alone, which `test_accessibility` sees to: the second one is looked
# at by the rules that look at colours.
RULES = {"light": None, "dark": ["color-contrast", "link-in-text-block"]}
VIOLATIONS = """(rules) => axe
    .run({ resultTypes: ["violations"], ...(rules && { runOnly: rules }) })
    .then(({ violations }) => violations)"""


def faults(page: Page) -> list[str]:
    """What axe finds in both themes, one line each."""
    found = []
    for scheme, rules in RULES.items():
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        if not page.evaluate("'axe' in window"):
            page.evaluate(AXE_SCRIPT)
        for each in page.evaluate(VIOLATIONS, rules):
            nodes = [node["html"][:160] for node in each["nodes"]]
            found.append(json.dumps([scheme, each["impact"], each["id"], nodes]))
    return found
