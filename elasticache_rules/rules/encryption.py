"""Encryption in transit and at rest."""

from collections.abc import Iterator

from elasticache_rules import facts
from elasticache_rules.finding import Severity
from elasticache_rules.registry import Violation, rule
from elasticache_rules.rules.common import (
    API,
    GUIDE,
    REPLICATION_GROUP,
    engine_of,
    is_secondary,
    version_of,
)
from elasticache_rules.template import Resource

_CREATE = f"{API}API_CreateReplicationGroup.html"


@rule(
    "encryption/valkey-states-tls",
    REPLICATION_GROUP,
    source=_CREATE,
    absent=("ReplicationGroup.GlobalReplicationGroupId",),
)
def valkey_states_tls(group: Resource) -> Iterator[Violation]:
    """With valkey, encryption in transit is set explicitly."""
    if engine_of(group) == "valkey" and group.lacks("TransitEncryptionEnabled") and not is_secondary(group):
        yield Violation(
            property="TransitEncryptionEnabled",
            value=None,
            must="be stated for valkey",
            fix="set it to true",
        )


@rule(
    "encryption/mode-needs-tls",
    REPLICATION_GROUP,
    source=_CREATE,
    absent=("ReplicationGroup.TransitEncryptionEnabled",),
)
def mode_needs_tls(group: Resource) -> Iterator[Violation]:
    """The transit encryption mode needs encryption in transit."""
    if group.has("TransitEncryptionMode") and group.get("TransitEncryptionEnabled") in (None, False, "false"):
        yield Violation(
            property="TransitEncryptionMode",
            value=group.get("TransitEncryptionMode"),
            must="be absent without encryption in transit",
            fix="set TransitEncryptionEnabled to true",
        )


@rule("encryption/mode-version", REPLICATION_GROUP, source=f"{GUIDE}in-transit-encryption-enable.html")
def mode_version(group: Resource) -> Iterator[Violation]:
    """The transit encryption mode preferred needs redis 7.0 or valkey."""
    engine, version = engine_of(group), version_of(group)
    if group.text("TransitEncryptionMode") != "preferred" or engine is None or version is None:
        return
    if not facts.has_feature("transit_encryption_mode", engine, version):
        yield Violation(
            property="TransitEncryptionMode",
            value="preferred",
            must="be required before redis 7.0",
            fix="raise EngineVersion to 7.0 or later",
        )


@rule(
    "encryption/key-needs-at-rest",
    REPLICATION_GROUP,
    source=_CREATE,
    absent=("ReplicationGroup.AtRestEncryptionEnabled", "ReplicationGroup.GlobalReplicationGroupId"),
)
def key_needs_at_rest(group: Resource) -> Iterator[Violation]:
    """A KMS key needs encryption at rest."""
    at_rest = group.get("AtRestEncryptionEnabled")
    if group.has("KmsKeyId") and not is_secondary(group) and at_rest in (None, False, "false"):
        yield Violation(
            property="AtRestEncryptionEnabled",
            value=at_rest,
            must="be true with a KMS key",
            fix="set it to true, or leave out KmsKeyId",
            # For valkey it is on by default; only one source says that the key alone is refused.
            severity=Severity.WARNING if at_rest is None and engine_of(group) == "valkey" else None,
        )


@rule(
    "encryption/key-in-govcloud", REPLICATION_GROUP, source=f"{GUIDE}at-rest-encryption.html", severity=Severity.WARNING
)
def key_in_govcloud(group: Resource) -> Iterator[Violation]:
    """A customer managed key is not offered in GovCloud."""
    region = group.template.region or ""
    if region.startswith("us-gov-") and group.has("KmsKeyId"):
        yield Violation(
            property="KmsKeyId",
            value=group.get("KmsKeyId"),
            must=f"be absent in {region}",
            fix="use the service's own key",
        )
