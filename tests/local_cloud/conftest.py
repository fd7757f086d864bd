"""An emulator for each test module, and the stacks in it."""

import subprocess
from collections.abc import Iterator

import pytest

from local_cloud.session import Session
from local_cloud.stacks import Stacks
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    subprocess.run(["make", "local-setup"], cwd=ROOT, check=True, capture_output=True)
    session = Session(tmp_path_factory.mktemp("local"))
    session.start()
    yield session
    session.stop()


@pytest.fixture(scope="module")
def emulated(session: Session, tmp_path_factory: pytest.TempPathFactory) -> Stacks:
    return Stacks(session, tmp_path_factory.mktemp("assets"))


@pytest.fixture
def stacks(emulated: Stacks) -> Iterator[Stacks]:
    yield emulated
    emulated.delete_all()
