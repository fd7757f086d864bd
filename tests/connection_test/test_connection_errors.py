"""A connection error of the operating system that has no number."""

import socket

import pytest
from connection_test import transport
from connection_test.report import StageFailure


def test_a_connection_error_without_a_number_is_named_by_its_type(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("no number")

    monkeypatch.setattr(socket, "create_connection", fail)
    with pytest.raises(StageFailure, match=r"a:1 \(10\.0\.0\.1\) cannot be reached \(OSError\)"):
        transport.connect("a", 1, ("10.0.0.1", 1))
