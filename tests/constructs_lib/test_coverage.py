"""Every property of every ElastiCache type is set by a construct, or is listed with a reason in ADR 10."""

import inspect
import re
from functools import cache
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_elasticache as elasticache
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns

from constructs_lib import (
    Access,
    Backup,
    ClusterMode,
    Durability,
    Engine,
    EngineVersion,
    GlobalDatastore,
    GlobalDatastoreSecondary,
    IamUser,
    IpDiscovery,
    LogDelivery,
    MemcachedCluster,
    NetworkType,
    NodeType,
    ParameterGroup,
    PasswordUser,
    RegionalZones,
    ReplicationGroup,
    RestoreFrom,
    ServerlessCache,
    ServerlessCacheSnapshot,
    ServerlessEngine,
    Shard,
    Snapshot,
    SubnetGroup,
    UsageLimits,
    UserGroup,
)
from tests.conftest import CONTEXT, ENV, ROOT
from tests.constructs_lib.conftest import existing_vpc

# ADR 10 is about the newest release.
pytestmark = pytest.mark.needs_cdk("2.275.0")

CLASSIC = {"SecurityGroup", "SecurityGroupIngress"}
KEY = "arn:aws:kms:eu-west-1:111111111111:key/01234567-89ab-cdef-0123-456789abcdef"
PROPS = {
    name.removeprefix("Cfn").removesuffix("Props"): getattr(elasticache, name)
    for name in dir(elasticache)
    if name.startswith("Cfn") and name.endswith("Props")
}
LIVE = sorted(set(PROPS) - CLASSIC)


def argument_of(kind: str, name: str) -> str:
    """The argument of an L1 with the letters of a CloudFormation name."""
    letters = {argument.replace("_", ""): argument for argument in arguments_of(kind)}
    return letters[name.lower()]


def exceptions() -> dict[str, set[str]]:
    """The properties that ADR 10 leaves out, by type."""
    text = (ROOT / "docs" / "adr" / "0010-what-has-no-prop.md").read_text()
    result: dict[str, set[str]] = {}
    for kind, name, why in re.findall(r"^\| (\w+) \| (\w+) \| (.+) \|$", text, re.MULTILINE):
        if kind != "type":
            assert len(why) > 15
            result.setdefault(kind, set()).add(name)
    return result


@cache
def reached() -> dict[str, set[str]]:
    """The arguments of each L1 that the templates of constructs contain, by type."""
    app = cdk.App(context=dict(CONTEXT), analytics_reporting=False)
    stacks = [
        cdk.Stack(app, "Here", env=ENV),
        cdk.Stack(app, "There", env=cdk.Environment(account="1" * 12, region="eu-central-1")),
    ]
    _everything(*stacks)
    for stack in stacks:
        cdk.Tags.of(stack).add("team", "caches")
    result: dict[str, set[str]] = {}
    for stack in stacks:
        for resource in assertions.Template.from_stack(stack).to_json()["Resources"].values():
            kind = resource["Type"].rpartition("::")[2]
            if resource["Type"].startswith("AWS::ElastiCache::"):
                names = {argument_of(kind, name) for name in resource["Properties"]}
                result.setdefault(kind, set()).update(names)
    return result


def _everything(here: cdk.Stack, there: cdk.Stack) -> None:
    vpc, key, topic = existing_vpc(here), kms.Key.from_key_arn(here, "Key", KEY), sns.Topic(here, "Topic")
    r7g = NodeType.R7G_LARGE
    common: dict[str, Any] = {
        "vpc": vpc,
        "notification_topic": topic,
        "network_type": NetworkType.IPV4,
        "ip_discovery": IpDiscovery.IPV4,
        "maintenance_window": "sun:23:00-mon:01:30",
    }
    user = IamUser(here, "IamUser", engine=Engine.VALKEY)
    password = PasswordUser(here, "PasswordUser", engine=Engine.VALKEY)
    users = UserGroup(here, "Users", engine=Engine.VALKEY, users=[user, password])
    subnets = SubnetGroup(here, "Subnets", vpc=vpc, subnet_group_name="quiet")
    ReplicationGroup(
        here,
        "Cluster",
        **common,
        engine=EngineVersion.VALKEY_9_0,
        node_type=r7g,
        cluster_mode=ClusterMode.per_shard([Shard(slots="0-8191"), Shard(slots="8192-16383")]),
        access=Access.user_group(users),
        replication_group_id="cluster",
        kms_key=key,
        backup=Backup(window="03:00-04:00"),
        durability=Durability.SYNC,
        logs=[LogDelivery.slow_log()],
        parameters={"timeout": "300"},
    )
    ReplicationGroup(
        here, "Shards", vpc=vpc, node_type=r7g, cluster_mode=ClusterMode.enabled(shards=2), subnet_group=subnets
    )
    ReplicationGroup(
        here,
        "Single",
        vpc=vpc,
        access=Access.auth_token(),
        node_type=NodeType.of("cache.r6gd.xlarge"),
        cluster_mode=ClusterMode.disabled(replicas=1, zones=["eu-west-1a", "eu-west-1b"]),
        restore_from=RestoreFrom.snapshot("nightly"),
        snapshotting_cluster_id="single-002",
    )
    bucket = s3.Bucket.from_bucket_name(here, "Bucket", "seeds")
    ReplicationGroup(here, "Seeded", vpc=vpc, restore_from=RestoreFrom.s3(bucket, "a.rdb"))
    MemcachedCluster(here, "Memcached", **common, cluster_name="pages", zones=["eu-west-1a", "eu-west-1b"])
    MemcachedCluster(here, "OneZone", vpc=vpc, zones=["eu-west-1a"])
    serverless = ServerlessCache(
        here,
        "Serverless",
        vpc=vpc,
        engine=ServerlessEngine.VALKEY_9,
        usage_limits=UsageLimits(maximum_storage=cdk.Size.gibibytes(5)),
        kms_key=key,
        backup=Backup(window="04:00-05:00"),
        restore_from=RestoreFrom.s3(bucket, "a.rdb"),
        network_type=NetworkType.IPV4,
        connection_type="vpc",
    )
    ServerlessCacheSnapshot(here, "ServerlessCopy", serverless_cache=serverless, kms_key=key)
    primary = ReplicationGroup(
        here,
        "Primary",
        vpc=vpc,
        node_type=r7g,
        cluster_mode=ClusterMode.enabled(shards=2),
        replication_group_id="primary",
    )
    Snapshot(here, "Copy", replication_group=primary, kms_key=key)
    single = ReplicationGroup(here, "Plain", vpc=vpc, replication_group_id="plain")
    Snapshot(here, "NodeCopy", replication_group=single, node=2)
    group = ParameterGroup(here, "Next", engine=EngineVersion.REDIS_7_1, parameters={"cluster-enabled": "yes"})
    datastore = GlobalDatastore(
        here,
        "Global",
        primary=primary,
        id_suffix="orders",
        automatic_failover=True,
        node_type=r7g,
        engine=EngineVersion.REDIS_7_1,
        parameter_group=group,
        shards=2,
        zones=[
            RegionalZones(replication_group_id="s", region="eu-central-1", zones_by_shard={"0001": ["eu-central-1a"]})
        ],
    )
    GlobalDatastoreSecondary(there, "Secondary", global_datastore=datastore, vpc=existing_vpc(there))


def arguments_of(kind: str) -> set[str]:
    return set(inspect.signature(PROPS[kind].__init__).parameters) - {"self"}


@pytest.mark.parametrize("kind", LIVE)
def test_every_property_is_reached_or_explained(kind: str) -> None:
    explained = {argument_of(kind, name) for name in exceptions().get(kind, set())}
    missing = arguments_of(kind) - reached()[kind] - explained
    assert missing == set(), f"give {kind} a prop for {sorted(missing)}, or explain it in ADR 10"


@pytest.mark.parametrize("kind", LIVE)
def test_no_explanation_is_stale(kind: str) -> None:
    explained = {argument_of(kind, name) for name in exceptions().get(kind, set())}
    assert explained <= arguments_of(kind)
    assert explained & reached()[kind] == set()


def test_every_live_type_has_a_construct() -> None:
    assert sorted(reached()) == LIVE
    assert len(LIVE) == 10
