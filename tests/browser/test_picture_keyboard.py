"""Pages of pictures in Chromium: the keyboard, and the field for keys."""

import json
import random
import string
from pathlib import Path
from typing import Any

import pytest
from redis.crc import key_slot

from tests.browser.chromium import Page
from tests.browser.pictures import files

__all__ = ["files"]

pytestmark = pytest.mark.browser


FOCUS = """(() => {
  const at = document.activeElement;
  const style = getComputedStyle(at);
  const ring = style.outlineStyle === "solid" && parseFloat(style.outlineWidth) >= 3;
  return [at.tagName.toLowerCase(), at.getAttribute("href") || at.id || at.getAttribute("aria-label") || "", ring];
})()"""


def stops(browser: Page) -> list[list[Any]]:
    """What the Tab key reaches, until it leaves the page."""
    result: list[list[Any]] = []
    for _ in range(20):
        browser.press("Tab", 9)
        stop = browser.run(FOCUS)
        if stop[0] == "body":
            return result
        result.append(stop)
    raise AssertionError(f"the page does not end: {result}")


@pytest.mark.parametrize("name", ["one", "500 shards"])
@pytest.mark.parametrize("width", [320, 1440])
def test_the_keyboard_walks_the_page(browser: Page, files: dict[str, Path], name: str, width: int) -> None:
    browser.size(width)
    browser.media()
    browser.open(files[name])
    reached = stops(browser)
    large = name == "500 shards"
    expected = [("input", "key")] if large else []
    expected += [("a", "#client-1"), ("a", "#cache-1"), ("div", "Caches")]
    expected += [("div", "Shards of Cache")] if large else []
    assert [(tag, what) for tag, what, _ in reached] == expected
    assert all(ring for _, _, ring in reached)
    assert len(reached) <= 7


KNOWN = {"123456789": 12739, "foo": 12182, "{user1000}.following": 3443, "foo{}{bar}": 8363, "foo{{bar}}zap": 4015}


def keys() -> list[str]:
    chosen = random.Random(7)
    alphabet = string.ascii_letters + string.digits + "{}:{} \u00e9\u4e2d\U0001f600"
    return ["".join(chosen.choices(alphabet, k=chosen.randint(1, 12))) for _ in range(150)]


@pytest.mark.parametrize("name", ["shards", "500 shards"])
def test_the_field_finds_the_slot_and_the_shard_of_a_key(browser: Page, files: dict[str, Path], name: str) -> None:
    browser.size(1440)
    browser.media()
    browser.open(files[name])
    count = {"shards": 5, "500 shards": 500}[name]
    browser.press("Tab", 9)
    browser.type("123456789")
    first = next(number for number in range(1, count + 1) if 16384 * number // count > 12739)
    said = "document.getElementById('answer').textContent"
    assert browser.run(said) == f"Slot 12739: shard {first} of {count}"
    assert browser.run("document.getElementById('answer').getAttribute('aria-live')") == "polite"
    lit = "[...document.querySelectorAll('.w1200 .hit')].length"
    assert browser.run(lit) == 1
    places = browser.run(
        "[...document.querySelectorAll('.w1200 [data-of] > .cell, .w1200 [data-first]')]"
        ".map((item) => item.classList.contains('hit'))"
    )
    assert places.index(True) == first - 1
    for key in [*KNOWN, *keys()]:
        slot = key_slot(key.encode())
        assert KNOWN.get(key, slot) == slot
        text = browser.run(f"(field.value = {json.dumps(key)}, find(), {said})")
        assert (
            text == f"Slot {slot}: shard {next(n for n in range(1, count + 1) if slot < 16384 * n // count)} of {count}"
        )
    assert browser.run(f"(field.value = '', find(), {said})") == ""
    assert browser.run(lit) == 0


@pytest.mark.parametrize("width", [320, 1440])
def test_the_keyboard_walks_a_timeline(browser: Page, files: dict[str, Path], width: int) -> None:
    browser.size(width)
    browser.media()
    for name, expected in (
        ("failover", [("a", "#gap-1-3"), ("a", "#gap-1-1"), ("a", "#gap-1-2")]),
        ("500 shards", [("div", "Gaps"), ("div", "Shards")]),
    ):
        browser.open(files[f"timeline, {name}"])
        reached = stops(browser)
        assert [(tag, what) for tag, what, _ in reached] == expected
        assert all(ring for _, _, ring in reached)
