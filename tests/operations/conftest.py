"""The fixture for the command."""

import pytest

from tests.operations.command import Command


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(capsys)
