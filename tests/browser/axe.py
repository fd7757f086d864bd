"""The checks of accessibility of axe-core, in a page that is open."""

from typing import Final

from scripts.fetch_servers import TOOLS
from tests.browser.chromium import Page

_AXE: Final = TOOLS / "browser-tests" / "node_modules" / "axe-core" / "axe.min.js"


def violations(browser: Page) -> list[str]:
    """What axe-core finds: the rule, and the first elements that break it."""
    browser.run(_AXE.read_text(encoding="utf-8") + "; 0")
    found: list[str] = browser.run(
        "axe.run({resultTypes: ['violations']}).then((result) => result.violations.map("
        "(item) => `${item.id}: ${item.nodes.map((node) => node.html).slice(0, 3).join(' ')}`))"
    )
    return found
