"""The controls for secrets, logs, alarms, keys and buckets, and for databases, which are not applicable."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from scripts.security_controls.model import (
    AtRuntime,
    ByDefault,
    ByProp,
    Control,
    Deployed,
    Finding,
    NotApplicable,
    NotMet,
    Prop,
    Resource,
    Service,
    each_of,
)
from scripts.security_controls.policies import listed, on_everything, statements
from scripts.security_controls.tags import tagged

_SECRET: Final = "AWS::SecretsManager::Secret"  # noqa: S105 - the name of a type
_ALARM: Final = "AWS::CloudWatch::Alarm"
_ROTATED: Final = ("rotation", "true")
_ROTATION_CASES: Final = ("rotation", "rotation-of-a-token", "serverless-rotation")
_DECRYPTS: Final = ("kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncrypt*", "kms:*", "*")
_KEY_CASES: Final = ("token-single-node", "serverless-memcached", "global-datastore-cluster")


def _schedule(deployed: Deployed, secret: Resource) -> Resource | None:
    return next(
        (
            schedule
            for schedule in deployed.of("AWS::SecretsManager::RotationSchedule")
            if schedule.stack == secret.stack and schedule.properties["SecretId"] == {"Ref": secret.logical_id}
        ),
        None,
    )


def _rotated(deployed: Deployed) -> Iterator[Finding]:
    for secret in deployed.of(_SECRET):
        yield secret.name, _schedule(deployed, secret) is not None


def _rotated_within_90_days(deployed: Deployed) -> Iterator[Finding]:
    for secret in deployed.of(_SECRET):
        schedule = _schedule(deployed, secret)
        rules = schedule.properties["RotationRules"] if schedule else {}
        days = re.fullmatch(r"rate\((\d+) days?\)", str(rules.get("ScheduleExpression")))
        yield secret.name, days is not None and int(days[1]) <= 90


def _only_by_tls(deployed: Deployed) -> Iterator[Finding]:
    for bucket in deployed.of("AWS::S3::Bucket"):
        policies = [
            policy.properties
            for policy in deployed.of("AWS::S3::BucketPolicy")
            if policy.stack == bucket.stack and policy.properties["Bucket"] == {"Ref": bucket.logical_id}
        ]
        yield bucket.name, "aws:SecureTransport" in str(policies)


def _blocks_public_access(properties: Mapping[str, Any]) -> bool:
    settings = properties.get("PublicAccessBlockConfiguration", {})
    names = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
    return all(settings.get(name) is True for name in names)


def _no_decryption_of_everything(statement: Mapping[str, Any]) -> bool:
    return not (on_everything(statement) and any(action in _DECRYPTS for action in listed(statement["Action"])))


def _not_public(properties: Mapping[str, Any]) -> bool:
    statements = properties["KeyPolicy"]["Statement"]
    return not any(
        statement["Principal"] in ("*", {"AWS": "*"}) and "Condition" not in statement for statement in statements
    )


SERVICES: Final = (
    Service(
        "Secrets Manager",
        "secretsmanager-controls",
        (
            Control(
                "SecretsManager.1",
                "Secrets Manager secrets should have automatic rotation enabled",
                ByProp(
                    "by default there is no secret, because clients use IAM. With a password or an AUTH token, the "
                    "option adds a function and the endpoints that it needs",
                    (Prop("CredentialRotation", "cache"),),
                    _ROTATED,
                    without="password",
                    having="rotation",
                ),
                _rotated,
            ),
            Control(
                "SecretsManager.2",
                "Secrets Manager secrets configured with automatic rotation should rotate successfully",
                AtRuntime("tested on real servers, with a stop at every step; Secrets Manager reports failures"),
            ),
            Control(
                "SecretsManager.3",
                "Remove unused Secrets Manager secrets",
                AtRuntime("a secret is used as long as a client connects"),
            ),
            Control(
                "SecretsManager.4",
                "Secrets Manager secrets should be rotated within a specified number of days",
                ByProp(
                    "90 days at most; every 30 days, where rotation is on",
                    (Prop("CredentialRotation", "automatically_after"),),
                    _ROTATED,
                    without="password",
                    having="rotation",
                ),
                _rotated_within_90_days,
            ),
            Control(
                "SecretsManager.5",
                "Secrets Manager secrets should be tagged",
                ByDefault(
                    "tags of the app, where there is a secret",
                    only=("token-single-node", "password", *_ROTATION_CASES),
                ),
                each_of(_SECRET, passes=tagged),
            ),
        ),
    ),
    Service(
        "CloudWatch",
        "cloudwatch-controls",
        (
            Control(
                "CloudWatch.15",
                "CloudWatch alarms should have specified actions configured",
                ByProp(
                    "the app creates no alarms; `CacheAlarms` has no actions without a topic",
                    (Prop("CacheAlarms", "topic"),),
                    None,
                    without="alarms-without-topic",
                    having="alarms",
                ),
                each_of(_ALARM, passes=lambda p: bool(p.get("AlarmActions"))),
            ),
            Control(
                "CloudWatch.16",
                "CloudWatch log groups should be retained for a specified time period",
                ByDefault(
                    "one year: `Network(flow_log_retention=)`, `LogDestination.log_group(retention=)`; two years for "
                    "functions. Storage costs 0.03 USD per GB and month, and there are few rejected packets",
                ),
                each_of(
                    "AWS::Logs::LogGroup",
                    passes=lambda p: int(p.get("RetentionInDays", 3653)) >= 365,
                ),
            ),
            Control(
                "CloudWatch.17",
                "CloudWatch alarm actions should be activated",
                ByDefault("`CacheAlarms`", only=("alarms", "alarms-without-topic")),
                each_of(_ALARM, passes=lambda p: p.get("ActionsEnabled", True) is True),
            ),
        ),
    ),
    Service(
        "KMS",
        "kms-controls",
        (
            Control(
                "KMS.1",
                "IAM customer managed policies should not allow decryption actions on all KMS keys",
                NotApplicable("no customer managed policy", ("AWS::IAM::ManagedPolicy",)),
            ),
            Control(
                "KMS.2",
                "IAM principals should not have IAM inline policies that allow decryption actions on all KMS keys",
                ByDefault("no role calls KMS directly"),
                statements(_no_decryption_of_everything),
            ),
            Control(
                "KMS.3",
                "AWS KMS keys should not be deleted unintentionally",
                AtRuntime("the key of `customer_managed_key=true` is retained when its stack is deleted"),
            ),
            Control(
                "KMS.4",
                "AWS KMS key rotation should be enabled",
                ByDefault("the key that `customer_managed_key=true` creates", only=_KEY_CASES),
                each_of("AWS::KMS::Key", passes=lambda p: p.get("EnableKeyRotation") is True),
            ),
            Control(
                "KMS.5",
                "KMS keys should not be publicly accessible",
                ByDefault("the key that `customer_managed_key=true` creates", only=_KEY_CASES),
                each_of("AWS::KMS::Key", passes=_not_public),
            ),
        ),
    ),
    Service(
        "Firehose, for LogDestination.firehose()",
        "datafirehose-controls",
        (
            Control(
                "DataFirehose.1",
                "Firehose delivery streams should be encrypted at rest",
                NotMet(
                    "the stream buffers data for a minute, and then writes it to a bucket with encryption; pass "
                    "`LogDestination.firehose(stream)` with a stream of your own to add a key"
                ),
                each_of(
                    "AWS::KinesisFirehose::DeliveryStream",
                    passes=lambda p: "DeliveryStreamEncryptionConfigurationInput" in p,
                ),
            ),
        ),
    ),
    Service(
        "S3, for LogDestination.firehose()",
        "s3-controls",
        (
            Control(
                "S3.5",
                "S3 general purpose buckets should require requests to use SSL",
                ByDefault("`LogDestination.firehose()`", only=("alarms",)),
                _only_by_tls,
            ),
            Control(
                "S3.8",
                "S3 general purpose buckets should block public access",
                ByDefault("`LogDestination.firehose()`", only=("alarms",)),
                each_of("AWS::S3::Bucket", passes=_blocks_public_access),
            ),
            Control(
                "S3.9",
                "S3 general purpose buckets should have server access logging enabled",
                NotMet("access logs need another bucket of the account; pass your own stream"),
                each_of("AWS::S3::Bucket", passes=lambda p: "LoggingConfiguration" in p),
            ),
            Control(
                "S3.13",
                "S3 general purpose buckets should have Lifecycle configurations",
                NotMet("the retention of logs depends on the account; pass your own stream"),
                each_of("AWS::S3::Bucket", passes=lambda p: "LifecycleConfiguration" in p),
            ),
        ),
    ),
)
