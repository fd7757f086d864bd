"""The browser, one for the tests of a module."""

from collections.abc import Iterator

import pytest

from tests.browser.chromium import Page, page


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with page(tmp_path_factory.mktemp("profile")) as opened:
        yield opened
