"""For each custom message of a construct: a call that causes it, and calls that apply its fix."""

from typing import Any, Final

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_s3 as s3

from constructs_lib import (
    Access,
    ClusterMode,
    Durability,
    Engine,
    EngineVersion,
    IamUser,
    IpDiscovery,
    MemcachedVersion,
    NetworkType,
    NodeType,
    NoPasswordUser,
    ParameterGroup,
    PasswordUser,
    ReplicationGroup,
    RestoreFrom,
    ServerlessCache,
    ServerlessEngine,
    TransitEncryption,
)
from tests.constructs_lib.corrected_calls import (
    R7G,
    REDIS_5,
    REDIS_6,
    SINGLE,
    Fix,
    datastore,
    group,
    memcached,
    serverless,
    users,
    users_of,
)

VALKEY_9 = EngineVersion.VALKEY_9_0
CLUSTER = ClusterMode.enabled(shards=2)
DURABLE: Final[dict[str, Any]] = {
    "engine": VALKEY_9,
    "node_type": R7G,
    "cluster_mode": CLUSTER,
    "durability": Durability.SYNC,
}
PLAIN_9: Final[dict[str, Any]] = {key: value for key, value in DURABLE.items() if key != "durability"}
M4 = NodeType.of("cache.m4.large")
SNAPSHOT_ARN = "arn:aws:elasticache:eu-west-1:111111111111:serverlesscachesnapshot:nightly"


def with_parameters(parameters: dict[str, str], engine: EngineVersion, **options: Any) -> Fix:
    """A replication group with an existing parameter group."""
    return lambda s, v, _: ReplicationGroup(
        s,
        "Cache",
        vpc=v,
        engine=engine,
        parameter_group=ParameterGroup(s, "P", engine=engine, parameters=parameters),
        **options,
    )


def with_users(engine: EngineVersion, of: Engine, **options: Any) -> Fix:
    return lambda s, v, _: ReplicationGroup(s, "Cache", vpc=v, engine=engine, access=users(of, of)(s), **options)


def serverless_with_users(engine: ServerlessEngine, of: Engine) -> Fix:
    return lambda s, v, _: ServerlessCache(s, "Cache", vpc=v, engine=engine, access=users(of, of)(s))


def seeded(s: cdk.Stack, v: ec2.IVpc, _: cdk.Stack) -> object:
    bucket = s3.Bucket.from_bucket_name(s, "Bucket", "seeds")
    return ReplicationGroup(s, "Cache", vpc=v, restore_from=RestoreFrom.s3(bucket, "a.rdb"))


def off(s: cdk.Stack) -> NoPasswordUser:
    return NoPasswordUser(s, "Off", user_name="default")


_RG = "ReplicationGroup"
SENTENCES: dict[str, tuple[Fix, tuple[Fix, ...]]] = {
    f"{_RG}: access/users-need-tls": (
        group(transit_encryption=TransitEncryption.DISABLED),
        (group(), group(transit_encryption=TransitEncryption.DISABLED, access=Access.none())),
    ),
    f"{_RG}: access/token-needs-tls": (
        group(transit_encryption=TransitEncryption.DISABLED, access=Access.auth_token()),
        (
            group(access=Access.auth_token()),
            group(transit_encryption=TransitEncryption.DISABLED, access=Access.none()),
        ),
    ),
    f"{_RG}: access/not-with-preferred": (
        group(transit_encryption=TransitEncryption.PREFERRED),
        (group(), group(transit_encryption=TransitEncryption.PREFERRED, access=Access.none())),
    ),
    f"{_RG}: access/group-engine": (
        with_users(EngineVersion.REDIS_7_1, Engine.VALKEY),
        (with_users(EngineVersion.REDIS_7_1, Engine.REDIS), with_users(EngineVersion.VALKEY_8_2, Engine.VALKEY)),
    ),
    f"{_RG}: access/users-version": (
        with_users(REDIS_6, Engine.REDIS),
        (
            with_users(EngineVersion.REDIS_7_0, Engine.REDIS),
            group(engine=REDIS_6, access=Access.auth_token()),
        ),
    ),
    f"{_RG}: backup/snapshot-arns": (
        group(restore_from=RestoreFrom.serverless_snapshot(SNAPSHOT_ARN)),
        (seeded, group(restore_from=RestoreFrom.snapshot("nightly"))),
    ),
    f"{_RG}: durability/data-tiering": (
        group(**{**DURABLE, "node_type": NodeType.of("cache.r6gd.xlarge")}),
        (group(**DURABLE), group(**{**PLAIN_9, "node_type": NodeType.of("cache.r6gd.xlarge")})),
    ),
    f"{_RG}: durability/encryption TransitEncryptionEnabled": (
        group(**DURABLE, transit_encryption=TransitEncryption.DISABLED, access=Access.none()),
        (group(**DURABLE), group(**PLAIN_9, transit_encryption=TransitEncryption.DISABLED, access=Access.none())),
    ),
    f"{_RG}: durability/encryption AtRestEncryptionEnabled": (
        group(**DURABLE, at_rest_encryption=False),
        (group(**DURABLE), group(**PLAIN_9, at_rest_encryption=False)),
    ),
    f"{_RG}: durability/topology CacheParameterGroupName": (
        with_parameters({}, VALKEY_9, node_type=R7G, durability=Durability.SYNC, cluster_mode=ClusterMode.compatible()),
        (
            with_parameters(
                {"cluster-enabled": "yes"},
                VALKEY_9,
                node_type=R7G,
                durability=Durability.SYNC,
                cluster_mode=ClusterMode.compatible(),
            ),
            group(**{**DURABLE, "cluster_mode": ClusterMode.compatible()}),
        ),
    ),
    f"{_RG}: durability/topology Durability": (
        group(**{**DURABLE, "cluster_mode": ClusterMode.enabled(shards=2, replicas_per_shard=0)}),
        (group(**DURABLE),),
    ),
    f"{_RG}: durability/topology MultiAZEnabled": (
        group(**DURABLE, multi_az=False),
        (group(**DURABLE), group(**PLAIN_9, multi_az=False)),
    ),
    f"{_RG}: encryption/mode-version": (
        group(engine=REDIS_6, transit_encryption=TransitEncryption.PREFERRED, access=Access.none()),
        (
            group(engine=EngineVersion.REDIS_7_0, transit_encryption=TransitEncryption.PREFERRED, access=Access.none()),
            group(engine=REDIS_6, access=Access.none()),
        ),
    ),
    f"{_RG}: network/ip-discovery": (
        group(ip_discovery=IpDiscovery.IPV6, network_type=NetworkType.IPV4),
        (
            group(ip_discovery=IpDiscovery.IPV6, network_type=NetworkType.IPV6),
            group(ip_discovery=IpDiscovery.IPV6, network_type=NetworkType.DUAL_STACK),
            group(),
        ),
    ),
    f"{_RG}: network/ipv6-version EngineVersion": (
        group(engine=REDIS_5, access=Access.none(), network_type=NetworkType.IPV6),
        (
            group(engine=REDIS_6, access=Access.none(), network_type=NetworkType.IPV6),
            group(engine=REDIS_5, access=Access.none(), network_type=NetworkType.IPV4),
        ),
    ),
    f"{_RG}: network/ipv6-version CacheNodeType": (
        group(node_type=M4, network_type=NetworkType.DUAL_STACK),
        (group(node_type=R7G, network_type=NetworkType.DUAL_STACK), group(node_type=M4, network_type=NetworkType.IPV4)),
    ),
    f"{_RG}: shards/snapshotting-cluster": (
        group(cluster_mode=CLUSTER, snapshotting_cluster_id="it-0001-002"),
        (group(cluster_mode=CLUSTER),),
    ),
    f"{_RG}: topology/cluster-mode-needs-failover": (
        group(cluster_mode=CLUSTER, automatic_failover=False),
        (group(cluster_mode=CLUSTER),),
    ),
    f"{_RG} with derived failover: topology/cluster-mode-needs-failover": (
        with_parameters({"cluster-enabled": "yes"}, EngineVersion.REDIS_7_1, cluster_mode=SINGLE),
        (
            with_parameters({}, EngineVersion.REDIS_7_1, cluster_mode=SINGLE),
            with_parameters({"cluster-enabled": "yes"}, EngineVersion.REDIS_7_1, cluster_mode=CLUSTER),
        ),
    ),
    f"{_RG}: topology/cluster-mode-version": (
        group(engine=REDIS_6, access=Access.none(), cluster_mode=ClusterMode.compatible()),
        (
            group(engine=EngineVersion.REDIS_7_0, access=Access.none(), cluster_mode=ClusterMode.compatible()),
            group(engine=REDIS_6, access=Access.none(), cluster_mode=ClusterMode.disabled()),
            group(engine=REDIS_6, access=Access.none(), cluster_mode=CLUSTER),
        ),
    ),
    f"{_RG}: topology/failover-needs-replica": (
        group(cluster_mode=SINGLE, automatic_failover=True),
        (group(cluster_mode=SINGLE), group(cluster_mode=ClusterMode.disabled(replicas=1), automatic_failover=True)),
    ),
    f"{_RG}: topology/multi-az-needs-failover": (
        group(engine=VALKEY_9, multi_az=True, automatic_failover=False),
        (group(engine=VALKEY_9, automatic_failover=False), group(multi_az=True, automatic_failover=True)),
    ),
    f"{_RG} with derived failover: topology/multi-az-needs-failover": (
        group(cluster_mode=SINGLE, multi_az=True),
        (group(cluster_mode=SINGLE), group(cluster_mode=ClusterMode.disabled(replicas=1), multi_az=True)),
    ),
    f"{_RG}: topology/multi-az-needs-replica": (
        group(cluster_mode=ClusterMode.enabled(shards=2, replicas_per_shard=0), multi_az=True),
        (group(cluster_mode=CLUSTER, multi_az=True),),
    ),
    f"{_RG}: topology/nodes-per-cluster": (
        group(cluster_mode=ClusterMode.enabled(shards=46)),
        (group(cluster_mode=ClusterMode.enabled(shards=45)),),
    ),
    f"{_RG}: topology/shards-before-5.0.6": (
        group(
            engine=EngineVersion.of("redis", "4.0.10"),
            node_type=NodeType.of("cache.r5.large"),
            access=Access.none(),
            transit_encryption=TransitEncryption.DISABLED,
            cluster_mode=ClusterMode.enabled(shards=251, replicas_per_shard=0),
        ),
        (
            group(
                engine=EngineVersion.of("redis", "4.0.10"),
                node_type=NodeType.of("cache.r5.large"),
                access=Access.none(),
                transit_encryption=TransitEncryption.DISABLED,
                cluster_mode=ClusterMode.enabled(shards=45),
            ),
        ),
    ),
    f"{_RG}: topology/shards-need-cluster-mode": (
        with_parameters({}, EngineVersion.REDIS_7_1, cluster_mode=CLUSTER),
        (
            with_parameters({"cluster-enabled": "yes"}, EngineVersion.REDIS_7_1, cluster_mode=CLUSTER),
            group(cluster_mode=CLUSTER),
        ),
    ),
    "MemcachedCluster: network/ipv6-version EngineVersion": (
        memcached(version=MemcachedVersion.of("1.5.16"), transit_encryption=False, network_type=NetworkType.IPV6),
        (
            memcached(network_type=NetworkType.IPV6),
            memcached(version=MemcachedVersion.of("1.5.16"), transit_encryption=False, network_type=NetworkType.IPV4),
        ),
    ),
    "ServerlessCache: serverless/users": (
        serverless_with_users(ServerlessEngine.REDIS_7, Engine.VALKEY),
        (
            serverless_with_users(ServerlessEngine.REDIS_7, Engine.REDIS),
            serverless_with_users(ServerlessEngine.VALKEY_8, Engine.VALKEY),
            serverless(),
        ),
    ),
    "UserGroup: access/default-user": (
        users_of(lambda s: IamUser(s, "A", engine=Engine.VALKEY), off),
        (users_of(lambda s: IamUser(s, "A", engine=Engine.REDIS), off),),
    ),
    "UserGroup: access/no-password-valkey": (
        users_of(lambda s: NoPasswordUser(s, "A"), engine=Engine.VALKEY),
        (
            users_of(lambda s: PasswordUser(s, "A", engine=Engine.VALKEY), engine=Engine.VALKEY),
            users_of(lambda s: IamUser(s, "A", engine=Engine.VALKEY), engine=Engine.VALKEY),
        ),
    ),
    "GlobalDatastore: global-datastore/excluded": (
        datastore(primary={"network_type": NetworkType.DUAL_STACK}),
        (datastore(),),
    ),
    "GlobalDatastore: global-datastore/replicas": (
        datastore(primary={"cluster_mode": SINGLE}),
        (datastore(primary={"cluster_mode": ClusterMode.disabled(replicas=1)}),),
    ),
    "GlobalDatastore: global-datastore/version": (
        datastore(
            primary={
                "engine": EngineVersion.of("redis", "4.0.10"),
                "node_type": NodeType.of("cache.r5.large"),
                "access": Access.none(),
            }
        ),
        (datastore(primary={"engine": REDIS_5, "node_type": NodeType.of("cache.r5.large"), "access": Access.none()}),),
    ),
    "GlobalDatastore: global-datastore/cluster-mode": (
        datastore(shards=3),
        (datastore(), datastore(primary={"cluster_mode": CLUSTER}, shards=3)),
    ),
    "GlobalDatastore with a node type: global-datastore/node-type": (
        datastore(node_type=NodeType.T4G_MICRO),
        (datastore(node_type=R7G),),
    ),
}
