"""State that the stages share."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Callable, Optional, TypeVar

from connection_test import redaction
from connection_test.config import Config
from connection_test.memcached import CacheNode
from connection_test.names import Names
from connection_test.postgres import Connection as DatabaseConnection
from connection_test.report import StageFailure
from connection_test.resp import Connection
from connection_test.slots import Shard

T = TypeVar("T")


@dataclass
class Context:
    """The state of one run.

    :param password: the password for AUTH; empty without authentication.
    :param database: the sessions of the database, by host.
    :param patience: in seconds, how long the stages after `auth` may still wait for states that end by themselves.
    """

    config: Config
    started: float = field(default_factory=time.monotonic)
    names: Names = field(init=False)
    patience: float = field(init=False)
    password: str = field(default="", repr=False)
    connection: Optional[Connection] = None
    database: dict[str, DatabaseConnection] = field(default_factory=dict)
    shards: list[Shard] = field(default_factory=list)
    nodes: list[CacheNode] = field(default_factory=list)
    warnings: list[tuple[str, str, str]] = field(default_factory=list)
    facts: dict[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Look names up, and wait, as the configuration says."""
        self.names = Names(self.config)
        self.patience = self.config.wait_network

    def remaining(self) -> float:
        """Seconds until the time limit of the test."""
        return self.started + self.config.time_limit - time.monotonic()

    def warn(self, code: str, cause: str, action: str) -> None:
        """Record a warning: the stage continues and ends as WARN."""
        self.warnings.append((code, redaction.hide(cause), redaction.hide(action)))

    def check_time(self) -> None:
        """Raise when the time is up.

        :raises StageFailure: when it is.
        """
        if self.remaining() <= 0:
            raise StageFailure(
                "time-limit",
                f"the test did not end within {self.config.time_limit:g} s",
                "look at the slow stage above; a healthy cache answers in milliseconds",
            )

    def retry(self, attempt: Callable[[], T], *, seconds: float, codes: tuple[str, ...]) -> T:
        """Retry with increasing pauses, because a new stack may not be ready.

        If the time limit of the test ends the wait, the failure is that of the attempt before, which has the cause.

        :param seconds: for how long; 0 tries once.
        :param codes: the failures to retry.
        """
        until = time.monotonic() + min(seconds, max(self.remaining(), 0.0))
        pause = 2.0
        last: Optional[StageFailure] = None
        while True:
            try:
                if last is not None:
                    time.sleep(pause)
                    pause = min(pause * 1.5, 10.0)
                return attempt()
            except StageFailure as failure:
                if failure.code == "time-limit" and last is not None:
                    raise last from None
                if failure.code not in codes or time.monotonic() + pause > until:
                    raise
                last = failure
