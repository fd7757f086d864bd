"""The corrected calls for the errors of the replication group."""

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2

from constructs_lib import (
    Access,
    Backup,
    ClusterMode,
    Durability,
    Engine,
    EngineVersion,
    LogDelivery,
    NodeType,
    ParameterGroup,
    ReplicationGroup,
    RestoreFrom,
    Shard,
    SubnetGroup,
    TransitEncryption,
)
from tests.constructs_lib.corrected_calls import (
    R7G,
    REDIS_5,
    REDIS_6,
    SINGLE,
    Fix,
    group,
    keyed,
    own_log_groups,
    seeds,
    users,
    value,
)

REPLICATION_GROUP_FIXES: dict[str, dict[str, tuple[Fix, ...]]] = {
    "test_replication_group": {
        "multi-az-without-replica": (
            group(cluster_mode=SINGLE),
            group(cluster_mode=ClusterMode.disabled(replicas=1), multi_az=True),
        ),
        "failover-on-a-single-node": (
            group(cluster_mode=SINGLE),
            group(cluster_mode=ClusterMode.disabled(replicas=1), automatic_failover=True),
        ),
        "cluster-without-failover": (group(cluster_mode=ClusterMode.enabled(shards=2)),),
        "port": (group(port=6379),),
        "id": (group(replication_group_id="my-cache"), group()),
        "long-id": (group(replication_group_id="c" * 40),),
        "maintenance-window": (group(maintenance_window="sun:05:00-sun:06:00"),),
        "windows-overlap-over-midnight": (
            group(backup=Backup(window="23:00-00:00"), maintenance_window="mon:00:00-mon:01:00"),
        ),
        "iam-before-7": (
            group(engine=EngineVersion.REDIS_7_0),
            group(engine=REDIS_6, access=Access.password()),
            group(engine=REDIS_6, access=Access.auth_token()),
            group(engine=REDIS_6, access=Access.none()),
        ),
        "users-without-tls": (
            group(transit_encryption=TransitEncryption.REQUIRED),
            group(transit_encryption=TransitEncryption.DISABLED, access=Access.none()),
        ),
        "token-without-tls": (
            group(transit_encryption=TransitEncryption.REQUIRED, access=Access.auth_token()),
            group(transit_encryption=TransitEncryption.DISABLED, access=Access.none()),
        ),
        "token-with-preferred": (
            group(transit_encryption=TransitEncryption.REQUIRED, access=Access.auth_token()),
            group(transit_encryption=TransitEncryption.PREFERRED, access=Access.none()),
        ),
        "version": (group(engine=EngineVersion.of("redis", "7.1")),),
        "node-type-of-the-region": (
            lambda s, v, _: ReplicationGroup(
                cdk.Stack(cdk.Stage.of(s), "Far", env=cdk.Environment(region="ap-southeast-7")),
                "Cache",
                vpc=v,
                node_type=NodeType.of("cache.r7g.xlarge"),
            ),
        ),
        "key-without-encryption": (keyed(at_rest_encryption=True), group(at_rest_encryption=False)),
        "family": (
            lambda s, v, _: ReplicationGroup(
                s, "Cache", vpc=v, parameter_group=ParameterGroup(s, "P", engine=EngineVersion.REDIS_7_1)
            ),
        ),
        "shards-without-cluster-enabled": (
            lambda s, v, _: ReplicationGroup(
                s,
                "Cache",
                vpc=v,
                cluster_mode=ClusterMode.enabled(shards=3),
                parameter_group=ParameterGroup(
                    s, "P", engine=EngineVersion.REDIS_7_1, parameters={"cluster-enabled": "yes"}
                ),
            ),
            group(cluster_mode=ClusterMode.enabled(shards=3)),
        ),
        "group-of-the-other-engine": (
            lambda s, v, _: ReplicationGroup(s, "Cache", vpc=v, access=users(Engine.REDIS, Engine.REDIS)(s)),
            lambda s, v, _: ReplicationGroup(
                s, "Cache", vpc=v, engine=EngineVersion.VALKEY_8_2, access=users(Engine.VALKEY, Engine.VALKEY)(s)
            ),
        ),
        "subnets-twice": (
            group(vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)),
            lambda s, v, _: ReplicationGroup(
                s, "Cache", vpc=v, subnet_group=SubnetGroup.from_subnet_group_name(s, "S", "shared")
            ),
        ),
        "parameters-twice": (
            lambda s, v, _: ReplicationGroup(
                s, "Cache", vpc=v, parameter_group=ParameterGroup.from_parameter_group_name(s, "P", "default.redis7")
            ),
        ),
        "cluster-enabled-against-the-mode": (group(parameters={}),),
        "no-subnets": (group(),),
    },
    "test_replication_group_complete": {
        "one-destination": (own_log_groups,),
        "one-log-twice": (group(logs=[LogDelivery.slow_log()]),),
        "log-before-its-version": (
            group(engine=REDIS_6, access=Access.auth_token(), logs=[LogDelivery.slow_log()]),
            group(engine=REDIS_5, access=Access.auth_token()),
        ),
        "tiering-on-other-nodes": (
            group(node_type=NodeType.of("cache.r6gd.xlarge"), data_tiering=True),
            group(node_type=NodeType.of("cache.m6g.large")),
        ),
        "durability-without-cluster-mode": (
            group(
                engine=EngineVersion.VALKEY_9_0,
                node_type=R7G,
                durability=Durability.SYNC,
                cluster_mode=ClusterMode.enabled(shards=2),
            ),
        ),
        "zone-without-a-shard": (
            value(lambda: ClusterMode.disabled(replicas=2, zones=["eu-west-1a", "eu-west-1b", "eu-west-1a"])),
            value(lambda: ClusterMode.disabled(replicas=2)),
        ),
        "replica-zones": (
            value(lambda: Shard(replicas=2, replica_zones=("eu-west-1a", "eu-west-1b"))),
            value(lambda: Shard(replicas=2)),
        ),
        "shard-replicas": (value(lambda: Shard(replicas=5)),),
        "some-slots": (value(lambda: ClusterMode.per_shard([Shard(slots="0-8191"), Shard(slots="8192-16383")])),),
        "no-shards": (value(lambda: ClusterMode.per_shard([Shard()])),),
        "too-many-nodes": (
            value(lambda: ClusterMode.per_shard([Shard(replicas=5)] * 83)),
            value(lambda: ClusterMode.per_shard([Shard(replicas=4)] * 84)),
        ),
        "slots-out-of-range": (
            group(cluster_mode=ClusterMode.per_shard([Shard(slots="0-9000"), Shard(slots="9001-16383")])),
        ),
        "snapshotting-a-cluster": (group(cluster_mode=ClusterMode.enabled(shards=2)),),
        "restoring-nothing": (seeds("a.rdb"),),
        "restoring-a-comma": (seeds("ab.rdb"),),
        "restoring-no-arn": (
            value(
                lambda: RestoreFrom.serverless_snapshot(
                    "arn:aws:elasticache:eu-west-1:111111111111:serverlesscachesnapshot:nightly"
                )
            ),
        ),
    },
}
