"""The guides for a reader who follows them in a new shell."""

from pathlib import Path

import pytest

from tests.project import pages

# In the virtual environment alone; `make` uses it by itself, and `python3 -m elasticache_rules` needs none.
_PROGRAMS = ("cdk ", "elasticache ", "cfn-lint ")
_ACTIVATE = "source .venv/bin/activate"


def lines(page: Path) -> list[str]:
    """The commands of a page that run in the folder of the clone, in order."""
    return [line for block in pages.blocks(page) if block.info == "bash" for line in block.lines]


def with_programs() -> list[Path]:
    return [page for page in pages.guides() if any(line.startswith(_PROGRAMS) for line in lines(page))]


def test_there_are_pages_with_programs_of_the_virtual_environment() -> None:
    assert len(with_programs()) >= 9


@pytest.mark.parametrize("page", with_programs(), ids=lambda page: str(page.relative_to(pages.DOCS)))
def test_a_page_activates_the_virtual_environment_before_its_programs(page: Path) -> None:
    commands = lines(page)
    first = next(number for number, line in enumerate(commands) if line.startswith(_PROGRAMS))
    assert _ACTIVATE in commands[:first]
