"""EventBridge rules for cache events."""

from collections.abc import Sequence
from enum import StrEnum

from aws_cdk import aws_events as events
from constructs import Construct

from .._core.aws_resource import require_same_environment
from .._core.checking import error
from ..caches.cache_base import CacheBase


class CacheEvent(StrEnum):
    """The event types that ElastiCache sends to EventBridge; the values are detail types.

    https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-elasticache.html

    ```python
    failed = [CacheEvent.SNAPSHOT_CREATION_FAILED, CacheEvent.SNAPSHOT_COPY_FAILED]
    CacheEventRule(self, "Snapshots", cache=cache, event_types=failed, targets=[targets.SnsTopic(topic)])
    ```
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
"""The events that report a failure or an approaching limit."""


class CacheEventRule(Construct):
    """An EventBridge rule for the events of a cache; delivery is best effort.

    Failovers and node replacements of a replication group are sent to its `notification_topic`, not to EventBridge.

    https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-elasticache.html

    ```python
    CacheEventRule(self, "Failures", cache=cache, targets=[targets.SnsTopic(topic)])
    ```

    :param cache: the cache whose events the rule matches. Default: all caches of the account and region.
    :param event_types: the event types that the rule matches. Default: `CACHE_FAILURES`.
    :param targets: the targets of the rule, from aws_events_targets. Default: none.
    :raises ValueError: for no event type, or a cache of another region or account, whose events do not arrive here.
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
        """The rule, to add targets."""
        return self._rule
