"""The fixture for the command."""

import pytest

from tests.elasticache_operations.global_failover.command import Command


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(capsys)
