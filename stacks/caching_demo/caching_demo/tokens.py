"""Who signs IAM authentication tokens, and for how long each is used."""

from __future__ import annotations

import threading
import time
from typing import Callable

from connection_test import aws, sigv4
from connection_test.report import StageFailure

from caching_demo.failures import CannotRunError

# AWS accepts a token for 900 seconds.
_REUSE_SECONDS = 300.0


def credentials() -> sigv4.Credentials:
    """Credentials from the environment, or of the instance's role.

    :raises CannotRunError: when there are none.
    """
    try:
        return aws.credentials()
    except StageFailure as failure:
        raise CannotRunError("credentials", failure.cause, failure.action) from None


class Token:
    """A token that is renewed after five minutes; thread-safe."""

    def __init__(self, sign: Callable[[], str]) -> None:
        self._sign, self._lock = sign, threading.Lock()
        self._value, self._until = "", 0.0

    def __call__(self) -> str:
        """The token."""
        with self._lock:
            if time.monotonic() >= self._until:
                self._value, self._until = self._sign(), time.monotonic() + _REUSE_SECONDS
            return self._value
