"""The mixin: it sets missing properties, keeps others, refuses insecure values, and ignores other constructs."""

from collections.abc import Mapping
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_elasticache as elasticache

from constructs_lib import Backup, HardenedReplicationGroup
from tests.constructs_lib.templates import properties_of, resource_of

GROUP = "AWS::ElastiCache::ReplicationGroup"


def theirs(stack: cdk.Stack, **stated: Any) -> elasticache.CfnReplicationGroup:
    return elasticache.CfnReplicationGroup(
        stack,
        "Theirs",
        replication_group_description="theirs",
        engine="redis",
        engine_version="7.1",
        cache_node_type="cache.t4g.micro",
        **stated,
    )


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        (
            {"num_cache_clusters": 2},
            {"AutomaticFailoverEnabled": True, "MultiAZEnabled": True, "SnapshotRetentionLimit": 15},
        ),
        (
            {"num_node_groups": 2, "replicas_per_node_group": 1, "automatic_failover_enabled": True},
            {"AutomaticFailoverEnabled": True, "MultiAZEnabled": True},
        ),
        (
            {"num_cache_clusters": 2, "automatic_failover_enabled": False, "snapshot_retention_limit": 3},
            {"AutomaticFailoverEnabled": False, "MultiAZEnabled": False, "SnapshotRetentionLimit": 3},
        ),
    ],
)
def test_it_sets_missing_properties_and_keeps_others(
    stack: cdk.Stack, stated: Mapping[str, Any], expected: Mapping[str, Any]
) -> None:
    group = theirs(stack, **stated)
    cdk.Mixins.of(stack).apply(HardenedReplicationGroup())
    if stated.get("automatic_failover_enabled") is False:
        cdk.Validations.of(group).acknowledge(
            cdk.Acknowledgment(
                id="CloudFormation-Validate::E3026", reason="the service allows two nodes without failover"
            )
        )
    properties = properties_of(stack, GROUP)
    assert {key: properties[key] for key in expected} == expected
    assert (properties["TransitEncryptionEnabled"], properties["AtRestEncryptionEnabled"]) == (True, True)
    assert resource_of(stack, GROUP)["DeletionPolicy"] == "Snapshot"


def test_one_node_gets_no_failover(stack: cdk.Stack) -> None:
    theirs(stack, num_cache_clusters=1, automatic_failover_enabled=False)
    cdk.Mixins.of(stack).apply(
        HardenedReplicationGroup(backup=Backup(retention=cdk.Duration.days(7), window="03:00-04:00"))
    )
    properties = properties_of(stack, GROUP)
    assert properties["AutomaticFailoverEnabled"] is False
    assert "MultiAZEnabled" not in properties
    assert (properties["SnapshotRetentionLimit"], properties["SnapshotWindow"]) == (7, "03:00-04:00")


def test_a_window_that_the_group_has_is_kept(stack: cdk.Stack) -> None:
    theirs(stack, num_cache_clusters=1, automatic_failover_enabled=False, snapshot_window="01:00-02:00")
    cdk.Mixins.of(stack).apply(HardenedReplicationGroup(backup=Backup(window="03:00-04:00")))
    properties = properties_of(stack, GROUP)
    assert (properties["SnapshotRetentionLimit"], properties["SnapshotWindow"]) == (15, "01:00-02:00")


def test_what_is_turned_off_is_refused(stack: cdk.Stack) -> None:
    group = theirs(stack, num_cache_clusters=2, transit_encryption_enabled=False)
    with pytest.raises(ValueError, match="must") as caught:
        HardenedReplicationGroup().apply_to(group)
    assert str(caught.value) == (
        "Stack/Theirs: transit_encryption_enabled must be True, got False; turn it on, or leave this group out of the "
        "mixin"
    )


def test_it_is_for_replication_groups_that_are_no_secondaries(stack: cdk.Stack) -> None:
    mixin = HardenedReplicationGroup()
    assert not mixin.supports(stack)
    assert mixin.supports(theirs(stack, num_cache_clusters=2))
    secondary = elasticache.CfnReplicationGroup(
        stack, "Secondary", replication_group_description="copy", global_replication_group_id="ldgnf-orders"
    )
    assert not mixin.supports(secondary)
