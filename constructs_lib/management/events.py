"""Events of caches, from EventBridge."""

from collections.abc import Sequence
from enum import StrEnum

from aws_cdk import aws_events as events
from constructs import Construct

from .._core.aws_resource import require_same_environment
from .._core.checking import error
from ..caches.cache_base import CacheBase


class CacheEvent(StrEnum):
    """What ElastiCache tells EventBridge, by its detail type.

    https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-elasticache.html
    """

    CACHE_CREATED = "Cache Created"
    CACHE_CREATION_FAILED = "Cache Creation Failed"
    CACHE_DELETED = "Cache Deleted"
    CACHE_UPDATED = "Cache Updated"
    CACHE_UPDATE_FAILED = "Cache Update Failed"
    CACHE_LIMIT_APPROACHING = "Cache Limit Approaching"
    SNAPSHOT_CREATED = "Snapshot Created"
    SNAPSHOT_CREATION_FAILED = "Snapshot Creation Failed"
    SNAPSHOT_COPY_FAILED = "Snapshot Copy Failed"
    SNAPSHOT_EXPORT_FAILED = "Snapshot Export Failed"


CACHE_FAILURES = (
    CacheEvent.CACHE_CREATION_FAILED,
    CacheEvent.CACHE_UPDATE_FAILED,
    CacheEvent.CACHE_LIMIT_APPROACHING,
    CacheEvent.SNAPSHOT_CREATION_FAILED,
    CacheEvent.SNAPSHOT_COPY_FAILED,
    CacheEvent.SNAPSHOT_EXPORT_FAILED,
)
"""The events that somebody should look at."""


class CacheEventRule(Construct):
    """A rule of EventBridge for a cache's events; delivery is best effort.

    A replication group tells of failovers and node replacements by its `notification_topic`, and not here.

    https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-elasticache.html

    Example: `CacheEventRule(self, "Failures", cache=cache, targets=[targets.SnsTopic(topic)])`.

    :param cache: whose events. Default: those of every cache in the account and region.
    :param event_types: which of them. Default: `CACHE_FAILURES`.
    :param targets: the targets of the rule, from aws_events_targets. Default: none.
    :raises ValueError: when no event is named, and for a cache of another region or account, whose events are there.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        cache: CacheBase | None = None,
        event_types: Sequence[CacheEvent] = CACHE_FAILURES,
        targets: Sequence[events.IRuleTarget] = (),
    ) -> None:
        super().__init__(scope, id)
        if not event_types:
            raise error(self, "event_types", "name at least one event", "none", "leave it out for all failures")
        if cache is not None:
            require_same_environment(self, "cache", cache)
        self._rule = events.Rule(
            self,
            "Resource",
            event_pattern=events.EventPattern(
                source=["aws.elasticache"],
                detail_type=[event_type.value for event_type in event_types],
                detail={"SourceArn": [cache.cache_arn]} if cache is not None else None,
            ),
            targets=list(targets),
        )

    @property
    def rule(self) -> events.Rule:
        """The rule, for further targets."""
        return self._rule
