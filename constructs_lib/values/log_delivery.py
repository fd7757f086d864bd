"""Slow log and engine log, to CloudWatch Logs or to Firehose."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import final

import aws_cdk as cdk
from aws_cdk import aws_kinesisfirehose as firehose
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import Construct


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


class LogDestination(ABC):
    """Where a log goes; made by `log_group` or `firehose`."""

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

    @abstractmethod
    def _bind(self, scope: Construct, log_type: LogType) -> BoundLogDestination:
        """Make what this destination needs, below a cache."""


@final
class _LogGroup(LogDestination):
    def __init__(self, group: logs.ILogGroup | None, retention: logs.RetentionDays) -> None:
        self._group, self._retention = group, retention

    def _bind(self, scope: Construct, log_type: LogType) -> BoundLogDestination:
        group = self._group or logs.LogGroup(
            scope, _id(log_type), retention=self._retention, removal_policy=cdk.RemovalPolicy.DESTROY
        )
        return BoundLogDestination("cloudwatch-logs", "CloudWatchLogsDetails", "LogGroup", group.log_group_name)


@final
class _Firehose(LogDestination):
    def __init__(self, stream: firehose.IDeliveryStream | None) -> None:
        self._stream = stream

    def _bind(self, scope: Construct, log_type: LogType) -> BoundLogDestination:
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
@dataclass(frozen=True, slots=True)
class LogDelivery:
    """One log and where it goes; made by `slow_log` or `engine_log`.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Log_Delivery.html
    """

    log_type: LogType
    destination: LogDestination
    log_format: LogFormat

    @classmethod
    def slow_log(cls, to: LogDestination | None = None, *, log_format: LogFormat = LogFormat.JSON) -> "LogDelivery":
        """The slow log; needs redis 6.0 or valkey.

        :param to: where it goes. Default: a new log group.
        :param log_format: Default: JSON.
        """
        return cls(LogType.SLOW_LOG, to or LogDestination.log_group(), log_format)

    @classmethod
    def engine_log(cls, to: LogDestination | None = None, *, log_format: LogFormat = LogFormat.JSON) -> "LogDelivery":
        """The engine log; needs redis 6.2 or valkey.

        :param to: where it goes. Default: a new log group.
        :param log_format: Default: JSON.
        """
        return cls(LogType.ENGINE_LOG, to or LogDestination.log_group(), log_format)


def bind_logs(scope: Construct, path: str, deliveries: Sequence[LogDelivery]) -> list[dict[str, object]] | None:
    """The property of a cache, in CloudFormation's names, with what it needs made below the cache.

    :raises ValueError: when a log is delivered twice, or two logs share a destination.
    """
    made: list[dict[str, object]] = []
    taken: dict[tuple[str, str], LogType] = {}
    for delivery in deliveries:
        if delivery.log_type in taken.values():
            raise ValueError(
                f"{path}: logs must deliver each log once, got {delivery.log_type} twice; keep one of them, "
                "and let a subscription copy it"
            )
        bound = delivery.destination._bind(scope, delivery.log_type)
        other = taken.setdefault((bound.kind, bound.name), delivery.log_type)
        if other is not delivery.log_type:
            raise ValueError(
                f"{path}: logs must go to a destination of their own each, got the same one for {other} and "
                f"{delivery.log_type}; their streams would mix; give each its own"
            )
        made.append(
            {
                "DestinationDetails": {bound.details: {bound.key: bound.name}},
                "DestinationType": bound.kind,
                "LogFormat": delivery.log_format.value,
                "LogType": delivery.log_type.value,
            }
        )
    return made or None


def _id(log_type: LogType) -> str:
    return "".join(word.capitalize() for word in log_type.split("-"))
