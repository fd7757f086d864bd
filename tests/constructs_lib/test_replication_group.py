"""ReplicationGroup: every error, warnings, tokens, and valid templates from every accepted call."""

from collections.abc import Callable

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from hypothesis import given, settings
from hypothesis import strategies as st

from constructs_lib import (
    Access,
    Backup,
    ClusterMode,
    Engine,
    EngineVersion,
    IamUser,
    NodeType,
    ParameterGroup,
    ReplicationGroup,
    SubnetGroup,
    TransitEncryption,
    UserGroup,
)
from tests.conftest import CONTEXT, ENV
from tests.constructs_lib.conftest import existing_vpc
from tests.constructs_lib.replication_groups import properties

ERRORS: list[tuple[str, Callable[[cdk.Stack, ec2.IVpc], object], str]] = [
    (
        "multi-az-without-replica",
        lambda s, v: ReplicationGroup(s, "Cache", vpc=v, cluster_mode=ClusterMode.disabled(replicas=0), multi_az=True),
        "Stack/Cache: multi_az must be False on a single node, got True; leave it out, or add a replica with "
        "cluster_mode=ClusterMode.disabled(replicas=1)",
    ),
    (
        "failover-on-a-single-node",
        lambda s, v: ReplicationGroup(
            s, "Cache", vpc=v, cluster_mode=ClusterMode.disabled(replicas=0), automatic_failover=True
        ),
        "Stack/Cache: automatic_failover must be False on a single node, got True; leave it out, or add a replica "
        "with cluster_mode=ClusterMode.disabled(replicas=1)",
    ),
    (
        "cluster-without-failover",
        lambda s, v: ReplicationGroup(
            s, "Cache", vpc=v, cluster_mode=ClusterMode.enabled(shards=2), automatic_failover=False
        ),
        "Stack/Cache: automatic_failover must be True with cluster mode enabled, got False; leave it out",
    ),
    (
        "port",
        lambda s, v: ReplicationGroup(s, "Cache", vpc=v, port=8005),
        "Stack/Cache: port must be 1150 to 8004 or 8006 to 65535, got 8005; use 6379, the default",
    ),
    (
        "id",
        lambda s, v: ReplicationGroup(s, "Cache", vpc=v, replication_group_id="my_cache"),
        "Stack/Cache: replication_group_id must be an identifier: begin with a letter, hold only alphanumeric "
        "characters and single hyphens, and not end with a hyphen, got 'my_cache'; rename it, or leave it out",
    ),
    (
        "long-id",
        lambda s, v: ReplicationGroup(s, "Cache", vpc=v, replication_group_id="c" * 41),
        f"Stack/Cache: replication_group_id must have at most 40 characters, got '{'c' * 41}'; shorten it",
    ),
    (
        "maintenance-window",
        lambda s, v: ReplicationGroup(s, "Cache", vpc=v, maintenance_window="sunday 5am"),
        "Stack/Cache: maintenance_window must have the form ddd:hh24:mi-ddd:hh24:mi, got 'sunday 5am'; "
        "write it like sun:05:00-sun:06:00, in UTC",
    ),
    (
        "windows-overlap-over-midnight",
        lambda s, v: ReplicationGroup(
            s,
            "Cache",
            vpc=v,
            backup=Backup(window="23:30-00:30"),
            maintenance_window="mon:00:00-mon:01:00",
        ),
        "Stack/Cache: backup.window must not overlap the maintenance window (mon:00:00-mon:01:00), "
        "got '23:30-00:30'; move one of the two",
    ),
    (
        "iam-before-7",
        lambda s, v: ReplicationGroup(s, "Cache", vpc=v, engine=EngineVersion.REDIS_6_2),
        "Stack/Cache: access is Access.iam(), which needs redis 7.0 or later, and engine is redis 6.2; use a later "
        "version, access=Access.password(), access=Access.auth_token() or access=Access.none()",
    ),
    (
        "users-without-tls",
        lambda s, v: ReplicationGroup(s, "Cache", vpc=v, transit_encryption=TransitEncryption.DISABLED),
        "Stack/Cache: transit_encryption must be TransitEncryption.REQUIRED with users (access, by default "
        "Access.iam()), got TransitEncryption.DISABLED; set it to TransitEncryption.REQUIRED, or pass "
        "access=Access.none()",
    ),
    (
        "token-without-tls",
        lambda s, v: ReplicationGroup(
            s,
            "Cache",
            vpc=v,
            access=Access.auth_token(),
            transit_encryption=TransitEncryption.DISABLED,
        ),
        "Stack/Cache: transit_encryption must be TransitEncryption.REQUIRED with an AUTH token, got "
        "TransitEncryption.DISABLED; set it to TransitEncryption.REQUIRED, or pass access=Access.none()",
    ),
    (
        "token-with-preferred",
        lambda s, v: ReplicationGroup(
            s,
            "Cache",
            vpc=v,
            access=Access.auth_token(),
            transit_encryption=TransitEncryption.PREFERRED,
        ),
        "Stack/Cache: transit_encryption must be TransitEncryption.REQUIRED with users or an AUTH token, got "
        "TransitEncryption.PREFERRED; set it to TransitEncryption.REQUIRED once all clients use TLS, or pass "
        "access=Access.none()",
    ),
    (
        "version",
        lambda s, v: ReplicationGroup(s, "Cache", vpc=v, engine=EngineVersion.of("redis", "7.1.5")),
        "Stack/Cache: engine must be a version of redis that the service offers (4.0.10, 5.0.6, 6.0, 6.2, 7.0, 7.1), "
        "got '7.1.5'; choose one of them, such as 7.1",
    ),
    (
        "node-type-of-the-region",
        lambda s, v: ReplicationGroup(
            cdk.Stack(cdk.Stage.of(s), "Far", env=cdk.Environment(region="ap-southeast-7")),
            "Cache",
            vpc=v,
            node_type=NodeType.of("cache.c7gn.xlarge"),
        ),
        "Far/Cache: node_type must be a node type that ap-southeast-7 has, got 'cache.c7gn.xlarge'; "
        "use another, such as cache.r7g.xlarge",
    ),
    (
        "key-without-encryption",
        lambda s, v: ReplicationGroup(s, "Cache", vpc=v, kms_key=kms.Key(s, "Key"), at_rest_encryption=False),
        "Stack/Cache: at_rest_encryption must be True with a KMS key, got False; set it to True, or leave out kms_key",
    ),
    (
        "family",
        lambda s, v: ReplicationGroup(
            s,
            "Cache",
            vpc=v,
            parameter_group=ParameterGroup(s, "P", engine=EngineVersion.VALKEY_8_2),
        ),
        "Stack/Cache: parameter_group must be of family redis7, which redis 7.1 needs, got 'valkey8'; "
        "use a parameter group of family redis7",
    ),
    (
        "shards-without-cluster-enabled",
        lambda s, v: ReplicationGroup(
            s,
            "Cache",
            vpc=v,
            cluster_mode=ClusterMode.enabled(shards=3),
            parameter_group=ParameterGroup.from_parameter_group_name(s, "P", "default.redis7"),
        ),
        "Stack/Cache: parameter_group must be a parameter group with cluster-enabled=yes for 3 shards, got "
        "'default.redis7'; set cluster-enabled to yes in it, or leave parameter_group out",
    ),
    (
        "group-of-the-other-engine",
        lambda s, v: ReplicationGroup(
            s,
            "Cache",
            vpc=v,
            access=Access.user_group(
                UserGroup(s, "G", engine=Engine.VALKEY, users=[IamUser(s, "U", engine=Engine.VALKEY)])
            ),
        ),
        "Stack/Cache: access must be a user group of engine redis on a redis replication group, got Stack/G; create "
        "the user group with engine=Engine.REDIS, or use a valkey version as engine",
    ),
    (
        "subnets-twice",
        lambda s, v: ReplicationGroup(
            s,
            "Cache",
            vpc=v,
            vpc_subnets=ec2.SubnetSelection(),
            subnet_group=SubnetGroup.from_subnet_group_name(s, "S", "shared"),
        ),
        "Stack/Cache: vpc_subnets must be absent with subnet_group, got both; leave one of them out, because a "
        "subnet group names its own subnets",
    ),
    (
        "parameters-twice",
        lambda s, v: ReplicationGroup(
            s,
            "Cache",
            vpc=v,
            parameters={},
            parameter_group=ParameterGroup.from_parameter_group_name(s, "P", "default.redis7"),
        ),
        "Stack/Cache: parameters must be absent with parameter_group, got both; set them in that parameter group",
    ),
    (
        "cluster-enabled-against-the-mode",
        lambda s, v: ReplicationGroup(s, "Cache", vpc=v, parameters={"cluster-enabled": "yes"}),
        "Stack/Cache: parameters set cluster-enabled=yes, and cluster_mode is disabled; leave cluster-enabled out, "
        "because cluster_mode sets it",
    ),
    (
        "no-subnets",
        lambda s, v: ReplicationGroup(
            s,
            "Cache",
            vpc=ec2.Vpc.from_vpc_attributes(
                s, "Bare", vpc_id="vpc-0123456789abcdef0", availability_zones=["eu-west-1a"]
            ),
        ),
        "Stack/Cache/SubnetGroup: vpc_subnets must name at least one subnet, got a VPC with neither isolated nor "
        "private subnets; pass vpc_subnets, or a VPC that has them",
    ),
]


@pytest.mark.parametrize(("make", "message"), [case[1:] for case in ERRORS], ids=[case[0] for case in ERRORS])
def test_errors(
    stack: cdk.Stack,
    vpc: ec2.IVpc,
    make: Callable[[cdk.Stack, ec2.IVpc], object],
    message: str,
) -> None:
    with pytest.raises(ValueError, match=";") as caught:
        make(stack, vpc)
    assert str(caught.value) == message


def test_the_callers_own_line_is_on_the_stack(stack: cdk.Stack, vpc: ec2.IVpc) -> None:
    with pytest.raises(ValueError, match="port must") as caught:
        ReplicationGroup(stack, "Cache", vpc=vpc, port=80)
    assert __file__ in [str(entry.path) for entry in caught.traceback]


class TestWarnings:
    def test_an_unknown_version_is_taken_with_a_warning(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        ReplicationGroup(stack, "Cache", vpc=vpc, engine=EngineVersion.of("valkey", "9.2"))
        (found,) = assertions.Annotations.from_stack(stack).find_warning(
            "/Stack/Cache", assertions.Match.string_like_regexp("engine must be a version that is known here")
        )
        assert "[ack: elasticache-constructs:engine/version]" in str(found.entry.data)

    def test_more_than_ninety_nodes_need_a_quota(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        ReplicationGroup(stack, "Cache", vpc=vpc, cluster_mode=ClusterMode.enabled(shards=46))
        assertions.Annotations.from_stack(stack).has_warning(
            "/Stack/Cache", assertions.Match.string_like_regexp("fit the quota.*and this is 92")
        )

    def test_a_common_cache_warns_of_nothing(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        ReplicationGroup(stack, "Cache", vpc=vpc)
        assert assertions.Annotations.from_stack(stack).find_warning("*", assertions.Match.any_value()) == []


@settings(max_examples=25)
@given(
    version=st.sampled_from(["redis 7.0", "redis 7.1", "valkey 7.2", "valkey 8.2", "valkey 9.1"]),
    mode=st.one_of(
        st.builds(ClusterMode.disabled, replicas=st.integers(0, 5)),
        st.builds(ClusterMode.compatible, replicas=st.integers(0, 5)),
        st.builds(ClusterMode.enabled, shards=st.integers(1, 80), replicas_per_shard=st.integers(0, 5)),
    ),
    id=st.text(
        st.characters(codec="utf-8", exclude_categories=["C"], exclude_characters="/"),
        min_size=1,
        max_size=40,
    ),
    days=st.integers(0, 35),
)
def test_what_is_accepted_is_a_valid_template(version: str, mode: ClusterMode, id: str, days: int) -> None:
    """Reading the template runs the built-in validation, whose findings are errors under the flags of cdk.json."""
    engine, _, number = version.partition(" ")
    app = cdk.App(context=dict(CONTEXT), analytics_reporting=False)
    stack = cdk.Stack(app, "Stack", env=ENV)
    if cdk.Token.is_unresolved(id):
        return
    cache = ReplicationGroup(
        stack,
        id,
        vpc=existing_vpc(stack, "The Vpc"),
        engine=EngineVersion.of(engine, number),
        cluster_mode=mode,
        backup=Backup(retention=cdk.Duration.days(days)),
    )
    rendered = properties(stack)
    assert rendered["TransitEncryptionEnabled"]
    assert rendered["AtRestEncryptionEnabled"]
    assert rendered["MultiAZEnabled"] <= rendered["AutomaticFailoverEnabled"]
    assert rendered["MultiAZEnabled"] == (mode.replicas_per_shard > 0)
    (user,) = cache.access.users
    assert len(user.user_name) <= 40
    assert user.user_name == user.user_name.lower()


class TestTokens:
    """Every check skips tokens."""

    def test_a_parameter_as_id_and_port(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        id = cdk.CfnParameter(stack, "Id").value_as_string
        port = cdk.CfnParameter(stack, "Port", type="Number").value_as_number
        ReplicationGroup(stack, "Cache", vpc=vpc, replication_group_id=id, port=port)  # type: ignore[arg-type]  # a token of CDK
        rendered = properties(stack)
        assert rendered["ReplicationGroupId"] == {"Ref": "Id"}
        assert rendered["Port"] == {"Ref": "Port"}
