"""The events of a failover, from which the time that ElastiCache took follows.

https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_TestFailover.html
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from elasticache_operations.aws import Aws, Call

CALLS: Final = (Call("elasticache", "DescribeEvents"),)
MOST_FAILOVERS: Final = 15
"""Shards that an account may fail over with TestFailover in 24 hours."""
DAY: Final = timedelta(hours=24)
_SOURCE: Final = "replication-group"
_CALLED: Final = re.compile(r"Test Failover API called for node group (?P<shard>\S+?)\.?$", re.IGNORECASE)
_COMPLETED: Final = re.compile(
    r"Failover from (?:primary|master) node (?P<old>\S+) to replica node (?P<new>\S+) completed", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Event:
    """An event of a replication group."""

    time: datetime
    group: str
    message: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What the events tell of a failover; None: not seen.

    :param new_primary: the node that has become the primary.
    """

    called: datetime | None = None
    completed: datetime | None = None
    old_primary: str = ""
    new_primary: str = ""

    @property
    def milliseconds(self) -> int | None:
        """The time from the call to the end, by the times of the events."""
        if self.called is None or self.completed is None:
            return None
        return round((self.completed - self.called) / timedelta(milliseconds=1))


def read(aws: Aws, group: str | None = None) -> list[Event]:
    """The events of the last 24 hours in their order.

    :param group: a replication group. Default: all of the region.
    """
    given: dict[str, Any] = {} if group is None else {"SourceIdentifier": group}
    minutes = DAY // timedelta(minutes=1)
    found = aws.pages("elasticache", "DescribeEvents", "Events", SourceType=_SOURCE, Duration=minutes, **given)
    return sorted(
        (Event(each["Date"], str(each.get("SourceIdentifier", "")), str(each.get("Message", ""))) for each in found),
        key=lambda event: event.time,
    )


def test_failovers(events: Sequence[Event], now: datetime) -> int:
    """How many shards were failed over with TestFailover in the 24 hours before a time."""
    return sum(bool(_CALLED.search(event.message)) for event in events if now - event.time < DAY)


def seen(events: Sequence[Event], before: Collection[Event], shard: str, nodes: Collection[str]) -> Seen:
    """The failover of a shard in its events.

    :param before: the events before the call.
    :param nodes: of the shard.
    """
    called = None
    for event in (event for event in events if event not in before):
        call, end = _CALLED.search(event.message), _COMPLETED.search(event.message)
        if call and call["shard"] == shard:
            called = event.time
        if end and end["old"] in nodes:
            return Seen(called, event.time, end["old"], end["new"].rstrip("."))
    return Seen(called)
