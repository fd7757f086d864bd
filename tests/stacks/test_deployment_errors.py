"""Selection of a deployment by the context: keys and values that are refused, and the fixes in their messages."""

from typing import Any

import aws_cdk as cdk
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import build_app
from stacks.deployments import field_types
from stacks.replication_group import ReplicationGroupDeployment
from tests.conftest import CONTEXT
from tests.stacks.choosing import NAMES, choose

KEYS = (
    "access, account, availability_zone_count, availability_zones, backup_retention_days, cluster_mode, "
    "customer_managed_key, deployment, engine, engine_version, instance_connect_endpoint, instance_type, "
    "log_delivery, maintenance_window, multi_az, node_type, on_failure, port, preset, region, removal, replicas, "
    "restrict_default_security_group, rotation, shards, snapshot_window, ssm_endpoints, subnet_ids, "
    "termination_protection, vpc_id for cluster-mode-disabled"
)

NO_INTEGERS: tuple[object, ...] = ("--5", "-", "", "²", "٣", "5 ", "1_0", "1e3", None, [], {}, 5.5, 10**10)

NO_BOOLEANS: tuple[object, ...] = (1, 0, None, [], {}, ["true"], "")

NO_TEXTS: tuple[object, ...] = (True, None, {}, [])

NETWORK = {
    "vpc_id": "vpc-0123456789abcdef0",
    "subnet_ids": "subnet-0a1b2c3d4e5f60711,subnet-0a1b2c3d",
    "availability_zones": "eu-west-1a,us-west-2-lax-1a",
}


@pytest.mark.parametrize(
    ("context", "message"),
    [
        (
            {"deployment": "cluster"},
            f"context: deployment must be one of {NAMES}, got 'cluster'; choose one of them",
        ),
        ({"shard": "5"}, f"context: key must be one of {KEYS}, got shard; correct the -c option"),
        ({"engine-version": "7.1"}, f"context: key must be one of {KEYS}, got engine-version; correct the -c option"),
        (
            {"engine": "memcache"},
            "context: engine must be one of redis, valkey, got 'memcache'; choose one of them",
        ),
        (
            {"access": "token"},
            "context: access must be one of iam, password, auth-token, none, got 'token'; choose one of them",
        ),
        (
            {"preset": "prod"},
            "context: preset must be one of demo, dev-test, production, got 'prod'; choose one of them",
        ),
        (
            {"deployment": "memcached", "replicas": "1"},
            "context: key must be one of account, availability_zone_count, availability_zones, deployment, "
            "engine_version, instance_connect_endpoint, instance_type, maintenance_window, node_type, nodes, "
            "on_failure, port, preset, region, restrict_default_security_group, ssm_endpoints, subnet_ids, "
            "termination_protection, vpc_id for memcached, got replicas; correct the -c option",
        ),
        (
            {"deployment": "global-datastore", "regions": "us-east-1"},
            "global-datastore: regions must be two or three different ones, got us-east-1; name them like "
            "-c regions=us-east-1,eu-west-1, the primary's first",
        ),
        (
            {"deployment": "global-datastore", "regions": "us-east-1,us-east-1"},
            "global-datastore: regions must be two or three different ones, got us-east-1,us-east-1; name them like "
            "-c regions=us-east-1,eu-west-1, the primary's first",
        ),
        (
            {"deployment": "global-datastore", "regions": "us-east-1,Ireland"},
            "global-datastore: regions must be two or three different ones, got us-east-1,Ireland; name them like "
            "-c regions=us-east-1,eu-west-1, the primary's first",
        ),
        (
            {"deployment": "global-datastore", "shards": "3"},
            "global-datastore: shards must be 1 with cluster mode disabled, got 3; choose -c cluster_mode=enabled",
        ),
        (
            {"deployment": "global-datastore", "cluster_mode": "compatible"},
            "global-datastore: cluster_mode must be disabled or enabled, got compatible; choose one of the two",
        ),
        (
            {"engine": "memcached", "preset": "demo"},
            "context: engine must be one of redis, valkey, got 'memcached'; choose one of them",
        ),
        (
            {"rotation": "true"},
            "cluster-mode-disabled: rotation must be false with access iam, got true; choose -c access=password, or "
            "leave rotation out",
        ),
        (
            {"rotation": "true", "access": "none"},
            "cluster-mode-disabled: rotation must be false with access none, got true; choose -c access=password, or "
            "leave rotation out",
        ),
        ({"replicas": "two"}, "context: replicas must be an integer, got 'two'; correct the -c option"),
        ({"replicas": "1.5"}, "context: replicas must be an integer, got '1.5'; correct the -c option"),
        ({"replicas": True}, "context: replicas must be an integer, got True; correct the -c option"),
        *(
            ({"replicas": value}, f"context: replicas must be an integer, got {value!r}; correct the -c option")
            for value in NO_INTEGERS
        ),
        (
            {"replicas": "9" * 5000},
            f"context: replicas must be an integer, got '{'9' * 59}...; correct the -c option",
        ),
        *(
            ({key: value}, f"context: {key} must be text, got {value!r}; write it as text in double quotes")
            for key in ("region", "instance_type", "node_type", "vpc_id", "snapshot_window", "subnet_ids")
            for value in (5, 5.5, True, None, {}, {"a": ["b"]})
        ),
        *(
            ({key: value}, f"context: {key} must be text, got {value!r}; write it as text in double quotes")
            for key in ("account", "engine_version")
            for value in NO_TEXTS
        ),
        *(
            (
                {"subnet_ids": value},
                f"context: subnet_ids must be a comma-separated list without empty entries, got "
                f"{value!r}; remove the empty ones",
            )
            for value in ("", ",", "a,,b", [""], ["a", " "])
        ),
        ({"subnet_ids": ["a", 5]}, "context: subnet_ids must be text, got 5; write it as text in double quotes"),
        *(
            (
                {"node_type": value},
                f"context: node_type must contain only printable characters, got {value!r}; remove the other "
                "characters",
            )
            for value in ("\0", "cache.t4g\n.micro", "\x1b[31m", "\ud800", "\u202e")
        ),
        (
            {"vpc_id": "x" * 1001},
            "context: vpc_id must have at most 1,000 characters, got 1,001; shorten it",
        ),
        (
            {"region": "${Token[AWS.Region.4]}"},
            "context: region must be known at synth, got the token '${Token[AWS.Region.4]}'; use a literal value",
        ),
        *(
            ({"multi_az": value}, f"context: multi_az must be true or false, got {value!r}; correct the -c option")
            for value in NO_BOOLEANS
        ),
        *(
            (
                {"access": value},
                f"context: access must be one of iam, password, auth-token, none, got {value!r}; choose one of them",
            )
            for value in (*NO_TEXTS, 1, ["iam"], "IAM", "")
        ),
        *(
            (
                {"deployment": value},
                f"context: deployment must be one of {NAMES}, got {value!r}; choose one of them",
            )
            for value in (*NO_TEXTS, 1, ["memcached"], "")
        ),
        *(
            (
                {"region": value},
                f"cluster-mode-disabled: region must be the name of one region, got {value!r}; write it like "
                "-c region=eu-west-1",
            )
            for value in ("a,b", "moon", "", "eu-west-1,us-east-1", "eu-west-1a", "EU-WEST-1", "../x", "eu-west-\u0661")
        ),
        *(
            (
                {"account": value},
                f"cluster-mode-disabled: account must have 12 digits, got {value!r}; write it like "
                "-c account=111122223333",
            )
            for value in (
                "../x",
                "123",
                "",
                "11112222333",
                "1111222233334",
                "1111-2222-3333",
                "11112222333a",
                "\u0661" * 12,
            )
        ),
        *(
            (
                {"instance_type": value},
                "cluster-mode-disabled: instance_type must have the form family.size, with a family like t4g or "
                f"m7i-flex, got {value!r}; write it like -c instance_type=t4g.nano",
            )
            for value in (
                *("foo", "", "5", "t4g", "t4g.", ".nano", "t4g.nano.x", "cache.t4g.nano", "t4g.huge", "T4g.nano"),
                *("u-6tb1.112xlarge", "p6-b200.48xlarge", "mac-m4.metal", "t٤g.nano"),
            )
        ),
        (
            {"deployment": "global-datastore", "account": "123"},
            "global-datastore: account must have 12 digits, got '123'; write it like -c account=111122223333",
        ),
        ({"multi_az": "yes"}, "context: multi_az must be true or false, got 'yes'; correct the -c option"),
        (
            {"shards": "5"},
            "cluster-mode-disabled: shards must be 1 with cluster mode disabled, got 5; "
            "choose -c deployment=cluster-mode-enabled",
        ),
        (
            {"vpc_id": "vpc-1"},
            "cluster-mode-disabled: vpc_id, subnet_ids and availability_zones must be given together, got "
            "vpc_id=vpc-1, subnet_ids=, availability_zones=; add the others",
        ),
        (
            {"vpc_id": "vpc-1", "subnet_ids": "a,b", "availability_zones": "x"},
            "cluster-mode-disabled: availability_zones must name one zone for each subnet, got 1 for 2 subnets; "
            "list them in the same order",
        ),
        *(
            (
                {**NETWORK, "vpc_id": value},
                f"cluster-mode-disabled: vpc_id must have the form of an id, got {value!r}; write it like "
                "vpc-0123456789abcdef0",
            )
            for value in ("vpc-1", "", "vpc-0123456789ABCDEF0", "vpc-0123456789abcdef01", "subnet-0a1b2c3d4e5f60711")
        ),
        (
            {**NETWORK, "subnet_ids": "subnet-0a1b2c3d4e5f60711,subnet-x"},
            "cluster-mode-disabled: subnet_ids must have the form of an id, got 'subnet-x'; write it like "
            "subnet-0a1b2c3d4e5f60711",
        ),
        *(
            (
                {**NETWORK, "availability_zones": f"eu-west-1a,{value}"},
                f"cluster-mode-disabled: availability_zones must be names of Availability Zones, got {value!r}; write "
                "them like eu-west-1a",
            )
            for value in ("x", "eu-west-1", "use1-az1", "eu-west-1A", "a" * 90)
        ),
    ],
)
def test_errors(context: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match="must") as caught:
        choose(context)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("context", "message"),
    [
        (
            {"node_type": "t4g.micro"},
            "NodeType: name must have the form cache.<family>.<size>, got 't4g.micro'; use one such as cache.t4g.micro",
        ),
        (
            {"replicas": "6"},
            "ClusterMode: replicas must be an integer from 0 to 5, got 6; choose a number in that range",
        ),
        (
            {"port": "80"},
            "ClusterModeDisabled-Cache/Cache: port must be 1150 to 8004 or 8006 to 65535, got 80; "
            "use 6379, the default",
        ),
        (
            {"deployment": "serverless", "access": "auth-token"},
            "Serverless-Cache/Cache: access must be users or Access.none() for a serverless cache, got "
            "Access.auth_token(); use Access.iam(), which is the default",
        ),
        (
            {"deployment": "serverless", "maximum_storage_gb": "9000"},
            "UsageLimits: maximum_storage must be 1 to 5,000 GB, got 9,000; choose a number in that range, or leave it "
            "out",
        ),
        *(
            (
                {"deployment": "serverless", "maximum_storage_gb": value},
                f"serverless: maximum_storage_gb must be 1 to 5,000, got {value}; choose a number in that range, or "
                "leave it out",
            )
            for value in (-1, "-9999999999")
        ),
        (
            {"deployment": "global-datastore", "node_type": "cache.t4g.micro"},
            "GlobalDatastore-us-east-1-Cache/CacheGlobal: primary must have a node type of a family that Global "
            "Datastore takes (m5, m6g, m7g, m8g, r5, r6g, r6gd, r7g, r8g, c7gn, c8gn), large or larger, got "
            "'cache.t4g.micro'; use cache.r7g.large or larger",
        ),
        (
            {"deployment": "global-datastore", "replicas": "0"},
            "GlobalDatastore-eu-west-1-Cache/Cache: replicas_per_shard must be 1 to 5, because a secondary inherits "
            "automatic failover, got 0; leave it out for one replica",
        ),
        (
            {"deployment": "global-datastore", "regions": "us-east-1,ap-east-2"},
            "GlobalDatastoreSet: regions must support Global Datastore, got ap-east-2; choose another region",
        ),
        (
            {"deployment": "memcached", "nodes": "0"},
            "Memcached-Cache/Cache: nodes must be at least 1, got 0; use one node or more",
        ),
        ({"preflight": "maybe"}, "context: preflight must be true or false, got 'maybe'; correct the -c option"),
    ],
)
def test_what_the_service_would_refuse_is_refused_by_the_app(context: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match="must") as caught:
        build_app({**CONTEXT, **context})
    assert str(caught.value) == message


@given(key=st.text(min_size=1, max_size=20))
def test_no_unknown_key_is_ignored(key: str) -> None:
    foreign = any(mark in key for mark in "@:/") or key == "cli-telemetry"
    if foreign or key in (*field_types(ReplicationGroupDeployment), "deployment"):
        return
    with pytest.raises(ValueError, match="key must be one of"):
        choose({key: "x"})


@pytest.mark.parametrize(
    ("env", "message"),
    [
        (
            cdk.Environment(region="a,b"),
            "env: region must be the name of one region, got 'a,b'; correct AWS_REGION, or the region of the "
            "credentials' profile",
        ),
        (
            cdk.Environment(account="../x"),
            "env: account must have 12 digits, got '../x'; correct CDK_DEFAULT_ACCOUNT, or the credentials' profile",
        ),
    ],
)
def test_an_environment_of_another_form_is_refused(env: cdk.Environment, message: str) -> None:
    with pytest.raises(ValueError, match="must") as caught:
        build_app(CONTEXT, env=env)
    assert str(caught.value) == message


@pytest.mark.parametrize("wrong", [{"region": "moon"}, {"account": "123"}, {"instance_type": "5"}, {"vpc_id": "x"}])
def test_the_fix_of_a_form_works(wrong: dict[str, str]) -> None:
    """The value that the message writes is accepted in its place."""
    with pytest.raises(ValueError, match="write it like") as caught:
        choose({**NETWORK, **wrong})
    advised = str(caught.value).rpartition("write it like ")[2]
    (key,) = wrong
    value = advised.removeprefix(f"-c {key}=")
    assert getattr(choose({**NETWORK, key: value}), key) == value
