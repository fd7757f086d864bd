"""The corrected calls: for each error of the tables `ERRORS`, calls that apply the fix in its message."""

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_applicationautoscaling as autoscaling
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3

from constructs_lib import (
    Access,
    AccessString,
    Backup,
    Category,
    ClusterMode,
    CredentialRotation,
    Durability,
    Engine,
    EngineVersion,
    GlobalDatastore,
    GlobalDatastoreSecondary,
    IamUser,
    LogDelivery,
    LogDestination,
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
    Shard,
    ShardScaling,
    Snapshot,
    SubnetGroup,
    TransitEncryption,
    UsageLimits,
    UserGroup,
)
from tests.constructs_lib.conftest import existing_vpc
from tests.constructs_lib.test_global_datastore import primary_of
from tests.constructs_lib.test_outpost_cluster import OUTPOST
from tests.constructs_lib.test_outpost_cluster import cluster as outpost_cluster
from tests.constructs_lib.test_rotation import in_subnets
from tests.constructs_lib.test_scaling import group as scaled

Fix = Callable[[cdk.Stack, ec2.IVpc, cdk.Stack], object]
REDIS_5 = EngineVersion.of("redis", "5.0.6")
REDIS_6 = EngineVersion.REDIS_6_2
R7G = NodeType.R7G_LARGE
SINGLE = ClusterMode.disabled(replicas=0)
DAILY = autoscaling.Schedule.rate(cdk.Duration.days(1))


def group(**options: Any) -> Fix:
    return lambda s, v, _: ReplicationGroup(s, "Cache", vpc=v, **options)


def serverless(**options: Any) -> Fix:
    return lambda s, v, _: ServerlessCache(s, "Cache", vpc=v, **options)


def memcached(**options: Any) -> Fix:
    return lambda s, v, _: MemcachedCluster(s, "Cache", vpc=v, **options)


def outpost(**options: Any) -> Fix:
    return lambda s, v, _: outpost_cluster(s, v, **options)


def datastore(*, primary: dict[str, Any] | None = None, **options: Any) -> Fix:
    return lambda s, v, _: GlobalDatastore(s, "It", primary=primary_of(s, v, **(primary or {})), **options)


OLD_PRIMARY = {"engine": REDIS_6, "access": Access.auth_token()}


def secondary(*, of: dict[str, Any] | None = None, **options: Any) -> Fix:
    def make(s: cdk.Stack, v: ec2.IVpc, o: cdk.Stack) -> object:
        made = GlobalDatastore(s, "Global", primary=primary_of(s, v, **(of or {})))
        return GlobalDatastoreSecondary(o, "It", global_datastore=made, vpc=existing_vpc(o), **options)

    return make


def value(make: Callable[[], object]) -> Fix:
    return lambda s, v, _: make()


def shards(least: int, most: int) -> Fix:
    return lambda s, v, _: ShardScaling(s, "It", replication_group=scaled(s, v), min_capacity=least, max_capacity=most)


def scheduled(least: int | None, most: int | None) -> Fix:
    def make(s: cdk.Stack, v: ec2.IVpc, _: cdk.Stack) -> object:
        scaling = ShardScaling(s, "It", replication_group=scaled(s, v), min_capacity=1, max_capacity=6)
        scaling.on_schedule("Night", schedule=DAILY, min_capacity=least, max_capacity=most)
        return scaling

    return make


def users(engine: Engine, of_users: Engine) -> Callable[[cdk.Stack], Access]:
    def make(s: cdk.Stack) -> Access:
        return Access.user_group(UserGroup(s, "G", engine=engine, users=[IamUser(s, "U", engine=of_users)]))

    return make


def own_log_groups(s: cdk.Stack, v: ec2.IVpc, _: cdk.Stack) -> object:
    first, second = (
        LogDestination.log_group(logs.LogGroup.from_log_group_name(s, name, f"/{name}")) for name in ("Slow", "Engine")
    )
    return ReplicationGroup(s, "Cache", vpc=v, logs=[LogDelivery.slow_log(first), LogDelivery.engine_log(second)])


def keyed(**options: Any) -> Fix:
    return lambda s, v, _: ReplicationGroup(s, "Cache", vpc=v, kms_key=kms.Key(s, "Key"), **options)


def seeds(*keys: str) -> Fix:
    return lambda s, v, _: RestoreFrom.s3(s3.Bucket.from_bucket_name(s, "Bucket", "seeds"), *keys)


def rotation(access: Access, user: Callable[[cdk.Stack], PasswordUser] | None, **options: Any) -> Fix:
    def make(s: cdk.Stack, v: ec2.IVpc, _: cdk.Stack) -> object:
        cache = ReplicationGroup(s, "Cache", vpc=v, access=access, **options)
        return CredentialRotation(s, "It", vpc=v, cache=cache, user=user(s) if user else None)

    return make


def a_password_user(s: cdk.Stack) -> PasswordUser:
    return PasswordUser(s, "User", engine=Engine.REDIS)


def users_of(*made: Callable[[cdk.Stack], Any], engine: Engine = Engine.REDIS) -> Fix:
    return lambda s, v, _: UserGroup(s, "It", engine=engine, users=[create(s) for create in made])


FIXES: dict[str, dict[str, tuple[Fix, ...]]] = {
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
