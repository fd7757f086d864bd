"""Delivery of the slow log and the engine log to CloudWatch Logs or Amazon Data Firehose."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, final

import aws_cdk as cdk
from aws_cdk import aws_kinesisfirehose as firehose
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import Construct

from .._core.checking import Place, error
from .._core.factories import CreatedByFactory, no_constructor


class LogType(StrEnum):
    """The logs that a cache can deliver.

    ```python
    assert LogDelivery.engine_log().log_type is LogType.ENGINE_LOG
    ```
    """

    SLOW_LOG = "slow-log"
    """Commands that took longer than `slowlog-log-slower-than`; redis 6.0 and valkey."""
    ENGINE_LOG = "engine-log"
    """Messages of the engine process; redis 6.2 and valkey."""


class LogFormat(StrEnum):
    """The format of the log entries.

    ```python
    LogDelivery.slow_log(log_format=LogFormat.TEXT)
    ```
    """

    JSON = "json"
    TEXT = "text"


@final
@dataclass(frozen=True, slots=True)
class BoundLogDestination:
    """A destination in the form that CloudFormation needs.

    :param kind: the value of `DestinationType`.
    :param details: the key in `DestinationDetails`.
    :param key: the key of the name in the details.
    :param name: the name of the log group or the delivery stream.
    """

    kind: str
    details: str
    key: str
    name: str


class LogDestination:
    """The destination of a log; created by `log_group` or `firehose`.

    ```python
    week = LogDestination.log_group(retention=logs.RetentionDays.ONE_WEEK)
    ReplicationGroup(self, "Cache", vpc=vpc, logs=[LogDelivery.slow_log(week)])
    ```
    """

    def __init__(self) -> None:
        raise no_constructor("LogDestination", ("log_group(...)", "firehose(...)"))

    @staticmethod
    def log_group(
        group: logs.ILogGroup | None = None, *, retention: logs.RetentionDays = logs.RetentionDays.ONE_YEAR
    ) -> "LogDestination":
        """A log group of CloudWatch Logs.

        :param group: an existing log group. Default: a new log group for this log, deleted with the cache.
        :param retention: the retention of the new log group. Default: one year, the minimum of the Security Hub control
            CloudWatch.16. The slow log contains command arguments: if these are personal data, regulations may require
            a shorter retention.
        """
        return _LogGroup(group, retention)

    @staticmethod
    def firehose(stream: firehose.IDeliveryStream | None = None) -> "LogDestination":
        """A delivery stream of Amazon Data Firehose.

        :param stream: an existing delivery stream. Default: a new delivery stream to a new bucket. The bucket is
            retained when the stack is deleted.
        """
        return _Firehose(stream)

    def bind(self, scope: Construct, log_type: LogType) -> BoundLogDestination:
        """Create the resources of this destination as children of a cache."""
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
    """One log and its destination; created by `slow_log` or `engine_log`.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Log_Delivery.html

    ```python
    ReplicationGroup(self, "Cache", vpc=vpc, logs=[LogDelivery.slow_log(), LogDelivery.engine_log()])
    ```
    """

    _factories: ClassVar = ("slow_log(...)", "engine_log(...)")

    log_type: LogType
    destination: LogDestination
    log_format: LogFormat

    @classmethod
    def slow_log(cls, to: LogDestination | None = None, *, log_format: LogFormat = LogFormat.JSON) -> "LogDelivery":
        """The slow log; needs redis 6.0 or valkey.

        :param to: the destination. Default: a new log group.
        :param log_format: the format of the entries. Default: JSON.
        """
        return cls._of(log_type=LogType.SLOW_LOG, destination=to or LogDestination.log_group(), log_format=log_format)

    @classmethod
    def engine_log(cls, to: LogDestination | None = None, *, log_format: LogFormat = LogFormat.JSON) -> "LogDelivery":
        """The engine log; needs redis 6.2 or valkey.

        :param to: the destination. Default: a new log group.
        :param log_format: the format of the entries. Default: JSON.
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


def bind_logs(scope: Construct, path: Place, deliveries: Sequence[LogDelivery]) -> list[dict[str, Any]] | None:
    """Create the destinations as children of a cache, and return the log delivery configurations.

    :raises ValueError: if a log is listed twice, or two logs have the same destination.
    """
    configurations: list[dict[str, Any]] = []
    log_types: dict[tuple[str, str], LogType] = {}
    for delivery in deliveries:
        if delivery.log_type in log_types.values():
            raise error(
                path,
                "logs",
                "contain each log once",
                f"{delivery.log_type} twice",
                "keep one of them, and copy it to the other destination with a subscription filter",
            )
        bound = delivery.destination.bind(scope, delivery.log_type)
        other = log_types.setdefault((bound.kind, bound.name), delivery.log_type)
        if other is not delivery.log_type:
            raise error(
                path,
                "logs",
                "have different destinations",
                f"the same one for {other} and {delivery.log_type}",
                "use a separate destination for each log",
            )
        configurations.append(delivery.render(bound))
    return configurations or None


def _id(log_type: LogType) -> str:
    return "".join(word.capitalize() for word in log_type.split("-"))
