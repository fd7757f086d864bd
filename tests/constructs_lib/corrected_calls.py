"""What makes a corrected call: a construct or a value with the given props."""

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
    ClusterMode,
    CredentialRotation,
    Engine,
    EngineVersion,
    GlobalDatastore,
    GlobalDatastoreSecondary,
    IamUser,
    LogDelivery,
    LogDestination,
    MemcachedCluster,
    NodeType,
    PasswordUser,
    ReplicationGroup,
    RestoreFrom,
    ServerlessCache,
    ShardScaling,
    UserGroup,
)
from tests.constructs_lib.conftest import existing_vpc
from tests.constructs_lib.replication_groups import primary_of
from tests.constructs_lib.test_outpost_cluster import cluster as outpost_cluster
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
