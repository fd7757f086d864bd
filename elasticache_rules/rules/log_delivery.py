"""Slow log and engine log."""

from collections.abc import Iterator
from typing import Any

from elasticache_rules import facts
from elasticache_rules.finding import Severity
from elasticache_rules.registry import Violation, rule
from elasticache_rules.rules.common import CACHE_CLUSTER, GUIDE, REPLICATION_GROUP, engine_of, version_of
from elasticache_rules.template import Resource

_SOURCE = f"{GUIDE}Log_Delivery.html"
_DETAILS = {"cloudwatch-logs": "CloudWatchLogsDetails", "kinesis-firehose": "KinesisFirehoseDetails"}
_PROPERTY = "LogDeliveryConfigurations"


def _configurations(resource: Resource) -> list[dict[str, Any]]:
    return [configuration for configuration in resource.items(_PROPERTY) or [] if isinstance(configuration, dict)]


@rule("log-delivery/version", REPLICATION_GROUP, CACHE_CLUSTER, source=_SOURCE)
def version(resource: Resource) -> Iterator[Violation]:
    """The slow log needs redis 6.0, the engine log redis 6.2; valkey has both."""
    engine, engine_version = engine_of(resource), version_of(resource)
    if engine != "redis" or engine_version is None:
        return
    for configuration in _configurations(resource):
        feature = {"slow-log": "slow_log", "engine-log": "engine_log"}.get(str(configuration.get("LogType")))
        if feature and not facts.has_feature(feature, engine, engine_version):
            first = facts.minimum_version(feature, engine)
            yield Violation(
                property="EngineVersion",
                value=engine_version,
                must=f"be {first} or later for the {configuration['LogType']}",
                fix="raise the version, or leave the log out",
            )


@rule("log-delivery/count", REPLICATION_GROUP, CACHE_CLUSTER, source=_SOURCE, severity=Severity.WARNING)
def count(resource: Resource) -> Iterator[Violation]:
    """Each of the two log types has at most one configuration."""
    kinds = [configuration.get("LogType") for configuration in _configurations(resource)]
    if len(kinds) > 2 or len([kind for kind in kinds if isinstance(kind, str)]) != len(
        {kind for kind in kinds if isinstance(kind, str)}
    ):
        yield Violation(
            property=_PROPERTY,
            value=kinds,
            must="hold at most 2 configurations, one for each log type",
            fix="keep one slow-log and one engine-log",
        )


@rule("log-delivery/details", REPLICATION_GROUP, CACHE_CLUSTER, source=_SOURCE, severity=Severity.WARNING)
def details(resource: Resource) -> Iterator[Violation]:
    """The destination's details match its type."""
    for number, configuration in enumerate(_configurations(resource)):
        wanted, given = _DETAILS.get(str(configuration.get("DestinationType"))), configuration.get("DestinationDetails")
        if wanted and isinstance(given, dict) and wanted in given and len(given) > 1:
            yield Violation(
                property=f"{_PROPERTY}.{number}.DestinationDetails",
                value=sorted(given),
                must=f"hold {wanted} alone for {configuration['DestinationType']}",
                fix=f"keep {wanted}",
            )
        if wanted and isinstance(given, dict) and wanted not in given:
            yield Violation(
                property=f"{_PROPERTY}.{number}.DestinationDetails",
                value=sorted(given) or "nothing",
                must=f"hold {wanted} for {configuration['DestinationType']}",
                fix=f"state {wanted}",
            )
