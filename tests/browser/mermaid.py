"""Mermaid, which draws what `--format mermaid` writes, in a page that is open."""

import json
from pathlib import Path
from typing import Any, Final

from scripts.site import MERMAID
from tests.browser.chromium import Page

_DRAW: Final = """mermaid.render('drawn', %s).then(({svg}) => {
  document.querySelector('main').innerHTML = svg;
  const at = (name) => document.querySelector(`main svg > ${name}`)?.textContent ?? '';
  const texts = [...document.querySelectorAll('main text, main foreignObject')].map((item) => item.textContent.trim());
  return {title: at('title'), description: at('desc'), texts: texts.filter((text) => text)};
}, (error) => ({error: String(error)}))"""


def rendered(browser: Page, folder: Path, text: str) -> dict[str, Any]:
    """The title, the description and the texts of a drawing; or the error of Mermaid.

    :param folder: for the page.
    """
    page = folder / "mermaid.html"
    page.write_text('<!DOCTYPE html><html lang="en"><title>Mermaid</title><main></main></html>', encoding="utf-8")
    browser.size(1440)
    browser.media()
    browser.open(page)
    browser.run(MERMAID.read_text(encoding="utf-8") + "; mermaid.initialize({startOnLoad: false}); 0")
    result: dict[str, Any] = browser.run(_DRAW % json.dumps(text))
    return result
