"""Slow log and engine log, to CloudWatch Logs or to Firehose."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, final

import aws_cdk as cdk
from aws_cdk import aws_kinesisfirehose as firehose
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import Construct

from .._core.factories import CreatedByFactory, no_constructor


class LogType(StrEnum):
    """What is logged."""

    SLOW_LOG = "slow-log"
    """Commands that took longer than `slowlog-log-slower-than`; redis 6.0 and valkey."""
    ENGINE_LOG = "engine-log"
    """What the engine says of itself; redis 6.2 and valkey."""


class LogFormat(StrEnum):
    """How a line looks."""

    JSON = "json"
    TEXT = "text"


@final
@dataclass(frozen=True, slots=True)
class BoundLogDestination:
    """What a destination became.

    :param kind: CloudFormation's name of its type.
    :param details: CloudFormation's name of its details.
    :param key: the key in them.
    :param name: of the log group or the delivery stream.
    """

    kind: str
    details: str
    key: str
    name: str


class LogDestination:
    """Where a log goes; created by `log_group` or `firehose`."""

    def __init__(self) -> None:
        raise no_constructor("LogDestination", ("log_group(...)", "firehose(...)"))

    @staticmethod
    def log_group(
        group: logs.ILogGroup | None = None, *, retention: logs.RetentionDays = logs.RetentionDays.ONE_YEAR
    ) -> "LogDestination":
        """A log group of CloudWatch Logs.

        :param group: one made elsewhere. Default: a new one for this log alone, which goes with the cache.
        :param retention: of the new one. Default: one year, the least that the Security Hub control CloudWatch.16
            accepts. The slow log holds arguments of commands: where those are personal data, a shorter time may be
            required.
        """
        return _LogGroup(group, retention)

    @staticmethod
    def firehose(stream: firehose.IDeliveryStream | None = None) -> "LogDestination":
        """A delivery stream of Amazon Data Firehose.

        :param stream: one made elsewhere. Default: a new one into a new bucket, which is kept with what it holds.
        """
        return _Firehose(stream)

    def bind(self, scope: Construct, log_type: LogType) -> BoundLogDestination:
        """Create what this destination needs, below a cache."""
        raise NotImplementedError


@final
class _LogGroup(LogDestination):
    def __init__(self, group: logs.ILogGroup | None, retention: logs.RetentionDays) -> None:
        self._group, self._retention = group, retention

    def bind(self, scope: Construct, log_type: LogType) -> BoundLogDestination:
        group = self._group or logs.LogGroup(
            scope, _id(log_type), retention=self._retention, removal_policy=cdk.RemovalPolicy.DESTROY
        )
        return BoundLogDestination("cloudwatch-logs", "CloudWatchLogsDetails", "LogGroup", group.log_group_name)


@final
class _Firehose(LogDestination):
    def __init__(self, stream: firehose.IDeliveryStream | None) -> None:
        self._stream = stream

    def bind(self, scope: Construct, log_type: LogType) -> BoundLogDestination:
        stream = self._stream or firehose.DeliveryStream(
            scope,
            _id(log_type),
            destination=firehose.S3Bucket(
                s3.Bucket(
                    scope,
                    f"{_id(log_type)}Bucket",
                    encryption=s3.BucketEncryption.S3_MANAGED,
                    block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
                    enforce_ssl=True,
                )
            ),
        )
        return BoundLogDestination(
            "kinesis-firehose", "KinesisFirehoseDetails", "DeliveryStream", stream.delivery_stream_name
        )


@final
@dataclass(frozen=True, slots=True, init=False)
class LogDelivery(CreatedByFactory):
    """One log and where it goes; created by `slow_log` or `engine_log`.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Log_Delivery.html
    """

    _factories: ClassVar = ("slow_log(...)", "engine_log(...)")

    log_type: LogType
    destination: LogDestination
    log_format: LogFormat

    @classmethod
    def slow_log(cls, to: LogDestination | None = None, *, log_format: LogFormat = LogFormat.JSON) -> "LogDelivery":
        """The slow log; needs redis 6.0 or valkey.

        :param to: where it goes. Default: a new log group.
        :param log_format: Default: JSON.
        """
        return cls._of(log_type=LogType.SLOW_LOG, destination=to or LogDestination.log_group(), log_format=log_format)

    @classmethod
    def engine_log(cls, to: LogDestination | None = None, *, log_format: LogFormat = LogFormat.JSON) -> "LogDelivery":
        """The engine log; needs redis 6.2 or valkey.

        :param to: where it goes. Default: a new log group.
        :param log_format: Default: JSON.
        """
        return cls._of(log_type=LogType.ENGINE_LOG, destination=to or LogDestination.log_group(), log_format=log_format)

    def render(self, destination: BoundLogDestination) -> dict[str, Any]:
        """The log delivery configuration, by its CloudFormation names."""
        return {
            "DestinationDetails": {destination.details: {destination.key: destination.name}},
            "DestinationType": destination.kind,
            "LogFormat": self.log_format.value,
            "LogType": self.log_type.value,
        }


def bind_logs(scope: Construct, path: str, deliveries: Sequence[LogDelivery]) -> list[dict[str, Any]] | None:
    """The log delivery configurations of a cache, by their CloudFormation names; creates the destinations below it.

    :raises ValueError: when a log is delivered twice, or two logs share a destination.
    """
    made: list[dict[str, Any]] = []
    taken: dict[tuple[str, str], LogType] = {}
    for delivery in deliveries:
        if delivery.log_type in taken.values():
            raise ValueError(
                f"{path}: logs must deliver each log once, got {delivery.log_type} twice; keep one of them, "
                "and let a subscription copy it"
            )
        bound = delivery.destination.bind(scope, delivery.log_type)
        other = taken.setdefault((bound.kind, bound.name), delivery.log_type)
        if other is not delivery.log_type:
            raise ValueError(
                f"{path}: logs must go to a destination of their own each, got the same one for {other} and "
                f"{delivery.log_type}; their streams would mix; give each its own"
            )
        made.append(delivery.render(bound))
    return made or None


def _id(log_type: LogType) -> str:
    return "".join(word.capitalize() for word in log_type.split("-"))
