"""The fixture for the command."""

import pytest

from tests.elasticache_operations.run import Elasticache


@pytest.fixture
def elasticache(capsys: pytest.CaptureFixture[str]) -> Elasticache:
    return Elasticache(capsys)
