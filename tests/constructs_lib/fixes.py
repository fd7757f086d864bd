"""The corrected calls: for each error of the tables `ERRORS`, calls that apply the fix in its message."""

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_s3 as s3

from constructs_lib import (
    Access,
    AccessString,
    Backup,
    Category,
    ClusterMode,
    Engine,
    EngineVersion,
    IamUser,
    MemcachedCluster,
    MemcachedVersion,
    NodeType,
    NoPasswordUser,
    ParameterGroup,
    PasswordUser,
    ReplicaScaling,
    ReplicationGroup,
    RestoreFrom,
    ServerlessCache,
    ServerlessCacheSnapshot,
    ServerlessEngine,
    ShardScaling,
    Snapshot,
    SubnetGroup,
    TransitEncryption,
    UsageLimits,
)
from tests.constructs_lib.corrected_calls import (
    OLD_PRIMARY,
    R7G,
    Fix,
    a_password_user,
    datastore,
    memcached,
    outpost,
    rotation,
    scheduled,
    secondary,
    serverless,
    shards,
    users,
    users_of,
    value,
)
from tests.constructs_lib.replication_group_fixes import REPLICATION_GROUP_FIXES
from tests.constructs_lib.test_outpost_cluster import OUTPOST
from tests.constructs_lib.test_rotation import in_subnets
from tests.constructs_lib.test_scaling import group as scaled

FIXES: dict[str, dict[str, tuple[Fix, ...]]] = {
    **REPLICATION_GROUP_FIXES,
    "test_serverless_cache": {
        "public-before-valkey-9": (
            serverless(connection_type="public", engine=ServerlessEngine.VALKEY_9),
            serverless(connection_type="vpc"),
        ),
        "retention": (serverless(backup=Backup(retention=cdk.Duration.days(35))),),
        "description": (serverless(description="d" * 255),),
        "token": (serverless(access=Access.iam()),),
        "users-of-memcached": (serverless(engine=ServerlessEngine.MEMCACHED_1_6),),
        "iam-of-memcached": (serverless(engine=ServerlessEngine.MEMCACHED_1_6),),
        "iam-before-7": (
            serverless(engine=ServerlessEngine.of("redis", "7")),
            serverless(engine=ServerlessEngine.of("redis", "6"), access=Access.password()),
            serverless(engine=ServerlessEngine.of("redis", "6"), access=Access.none()),
        ),
        "redis-with-valkey-users": (
            lambda s, v, _: ServerlessCache(
                s, "Cache", vpc=v, engine=ServerlessEngine.REDIS_7, access=users(Engine.REDIS, Engine.REDIS)(s)
            ),
            lambda s, v, _: ServerlessCache(
                s, "Cache", vpc=v, engine=ServerlessEngine.VALKEY_8, access=users(Engine.VALKEY, Engine.VALKEY)(s)
            ),
        ),
        "final-snapshot": (
            serverless(final_snapshot_name="last"),
            serverless(removal_policy=cdk.RemovalPolicy.DESTROY),
        ),
        "snapshot-name": (
            serverless(
                restore_from=RestoreFrom.serverless_snapshot(
                    "arn:aws:elasticache:eu-west-1:111111111111:serverlesscachesnapshot:nightly"
                )
            ),
            lambda s, v, o: ServerlessCache(
                s,
                "Cache",
                vpc=v,
                restore_from=RestoreFrom.s3(s3.Bucket.from_bucket_name(s, "Bucket", "seeds"), "a.rdb"),
            ),
        ),
        "storage": (value(lambda: UsageLimits(maximum_storage=cdk.Size.gibibytes(5000))), value(UsageLimits)),
        "part-of-a-gigabyte": (value(lambda: UsageLimits(maximum_storage=cdk.Size.gibibytes(2))),),
        "ecpu": (value(lambda: UsageLimits(minimum_ecpu_per_second=1000)), value(UsageLimits)),
        "order": (
            value(lambda: UsageLimits(minimum_storage=cdk.Size.gibibytes(2), maximum_storage=cdk.Size.gibibytes(2))),
            value(lambda: UsageLimits(minimum_storage=cdk.Size.gibibytes(5), maximum_storage=cdk.Size.gibibytes(5))),
        ),
        "engine": tuple(
            value(lambda name=name: ServerlessEngine.of(name, "8"))  # type: ignore[misc]  # bound now
            for name in ("valkey", "redis", "memcached")
        ),
        "snapshot-of-a-cluster's-node": (
            lambda s, v, _: Snapshot(
                s,
                "It",
                replication_group=ReplicationGroup(s, "Cache", vpc=v, cluster_mode=ClusterMode.enabled(shards=2)),
            ),
        ),
        "serverless-snapshot-name": (
            lambda s, v, _: ServerlessCacheSnapshot(
                s, "It", serverless_cache=ServerlessCache(s, "Cache", vpc=v), snapshot_name="nightly"
            ),
        ),
    },
    "test_memcached_cluster": {
        "no-nodes": (memcached(nodes=1),),
        "zones": (
            memcached(nodes=3, zones=["eu-west-1a", "eu-west-1b", "eu-west-1b"]),
            memcached(nodes=3, zones=["eu-west-1a"]),
        ),
        "tls-before-its-version": (
            memcached(version=MemcachedVersion.V1_6_12),
            memcached(version=MemcachedVersion.of("1.5.16"), transit_encryption=False),
        ),
        "snapshot": (
            memcached(removal_policy=cdk.RemovalPolicy.DESTROY),
            memcached(removal_policy=cdk.RemovalPolicy.RETAIN),
        ),
        "family": (
            lambda s, v, _: MemcachedCluster(
                s, "Cache", vpc=v, parameter_group=ParameterGroup(s, "Own", engine=MemcachedVersion.V1_6_22)
            ),
        ),
        "port": (memcached(port=11211),),
        "both-groups": (
            memcached(vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)),
            lambda s, v, _: MemcachedCluster(
                s, "Cache", vpc=v, subnet_group=SubnetGroup.from_subnet_group_name(s, "Subnets", "quiet")
            ),
        ),
        "version": (memcached(version=MemcachedVersion.of("1.6.17")),),
    },
    "test_outpost_cluster": {
        "family": (outpost(node_type=NodeType.of("cache.m5.large")),),
        "arn": (outpost(outpost_arn=OUTPOST),),
        "valkey": (outpost(engine=EngineVersion.REDIS_7_1), outpost(engine=MemcachedVersion.V1_6_22)),
        "two-redis-nodes": (outpost(nodes=1), outpost(nodes=2, engine=MemcachedVersion.V1_6_22)),
        "port": (outpost(port=6379),),
    },
    "test_global_datastore": {
        "small-nodes": (datastore(primary={"node_type": R7G}),),
        "shards-without-cluster-mode": (datastore(),),
        "durability": (
            datastore(primary={"engine": EngineVersion.VALKEY_9_0, "cluster_mode": ClusterMode.enabled(shards=2)}),
        ),
        "another-engine": (datastore(engine=EngineVersion.REDIS_7_0), datastore()),
        "any-region": (datastore(),),
        "the-same-region": (secondary(),),
        "token": (secondary(access=Access.iam()),),
        "iam-before-7": (
            secondary(),
            secondary(of=OLD_PRIMARY, access=Access.password()),
            secondary(of=OLD_PRIMARY, access=Access.none()),
        ),
        "six-replicas": (secondary(), secondary(replicas_per_shard=5)),
        "no-replica": (secondary(), secondary(replicas_per_shard=1)),
    },
    "test_groups_and_users": {
        "subnet-group-name": (
            lambda s, v, _: SubnetGroup(s, "It", vpc=v, subnet_group_name="my-group"),
            lambda s, v, _: SubnetGroup(s, "It", vpc=v),
        ),
        "subnet-group-description": (lambda s, v, _: SubnetGroup(s, "It", vpc=v, description="caches"),),
        "long-description": (
            lambda s, v, _: ParameterGroup(s, "It", engine=EngineVersion.REDIS_7_1, description="d" * 255),
        ),
        "user-id": (
            lambda s, v, _: IamUser(s, "It", engine=Engine.REDIS, user_id="first"),
            lambda s, v, _: IamUser(s, "It", engine=Engine.REDIS),
        ),
        "default-user-id": (lambda s, v, _: NoPasswordUser(s, "It", user_id="off", user_name="default"),),
        "same-names": (
            users_of(
                lambda s: NoPasswordUser(s, "A", user_name="app"), lambda s: NoPasswordUser(s, "B", user_name="web")
            ),
        ),
        "no-password-in-valkey": (
            users_of(lambda s: PasswordUser(s, "A", engine=Engine.VALKEY), engine=Engine.VALKEY),
            users_of(lambda s: IamUser(s, "A", engine=Engine.VALKEY), engine=Engine.VALKEY),
        ),
    },
    "test_scaling": {
        "cluster-mode-disabled": (shards(1, 2),),
        "six-replicas": (
            lambda s, v, _: ReplicaScaling(s, "It", replication_group=scaled(s, v), min_capacity=1, max_capacity=5),
        ),
        "no-shards": (shards(1, 6),),
        "order": (shards(6, 6), shards(7, 7)),
        "percent": (
            lambda s, v, _: ShardScaling(
                s, "It", replication_group=scaled(s, v), min_capacity=1, max_capacity=6
            ).track_primary_engine_cpu(60),
        ),
        "empty-schedule": (scheduled(2, None), scheduled(None, 5)),
        "schedule-order": (scheduled(6, None), scheduled(7, 8)),
    },
    "test_rotation": {
        "no-token": (rotation(Access.iam(), a_password_user), rotation(Access.auth_token(), None)),
        "memcached": (rotation(Access.auth_token(), None), rotation(Access.iam(), a_password_user)),
        "iam-user": (rotation(Access.iam(), a_password_user),),
        "public-subnets": (lambda s, v, _: in_subnets(s, ec2.SubnetType.PRIVATE_WITH_EGRESS),),
        "plaintext": (rotation(Access.none(), a_password_user, transit_encryption=TransitEncryption.REQUIRED),),
    },
    "test_access_string": {
        "keys-space": (value(lambda: AccessString.on().keys("a?b")),),
        "keys-empty": (value(lambda: AccessString.on().channels("?")),),
        "spelling": (value(lambda: AccessString.on().allow("get")),),
        "subcommand": (value(lambda: AccessString.on().allow("memory|stats")),),
        "no-subcommand": (value(lambda: AccessString.on().deny("get")),),
        "negative-database": (value(lambda: AccessString.on().databases(0)),),
        "no-database": (value(lambda: AccessString.on().databases(0)),),
        "no-state": (value(lambda: AccessString.parse("on ~* +@all")), value(lambda: AccessString.parse("off ~*"))),
        "category": (value(lambda: AccessString.parse(f"on +@{Category.READ}")),),
        "parenthesis": (value(lambda: AccessString.parse("on (~a)")),),
        "password": (value(lambda: AccessString.parse("on")),),
    },
}
