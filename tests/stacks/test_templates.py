"""Snapshots of every deployment's templates, the logical ids that hold data, and the order of the stacks."""

import json
import re
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from stacks.deployments import DEPLOYMENTS
from tests.stacks.assembly import VARIANTS, assembly

each_deployment = pytest.mark.parametrize("name", DEPLOYMENTS)

# Part of the contract: a change of one of these replaces what holds data, and goes into the changelog as breaking.
_NODES = {
    "AWS::ElastiCache::SubnetGroup": "CacheSubnetGroup91C52AB9",
    "AWS::ElastiCache::ParameterGroup": "CacheParameterGroupC81FA2E5",
    "AWS::EC2::VPC": "NetworkVpc7FB7348F",
}
_GROUP = {
    "AWS::ElastiCache::ReplicationGroup": "Cache18F6EE16",
    "AWS::ElastiCache::UserGroup": "CacheUserGroup65B24140",
    **_NODES,
}
STATEFUL = {
    "cluster-mode-disabled": _GROUP,
    "cluster-mode-enabled": _GROUP,
    "memcached": {"AWS::ElastiCache::CacheCluster": "Cache18F6EE16", **_NODES},
    "global-datastore": {**_GROUP, "AWS::ElastiCache::GlobalReplicationGroup": "CacheGlobalD74928D7"},
    "rds-behind-cache": {
        **_GROUP,
        "AWS::RDS::DBInstance": "DatabaseB269D8BB",
        "AWS::RDS::DBSubnetGroup": "Subnets",
        "AWS::RDS::DBParameterGroup": "Parameters",
    },
    "serverless": {
        "AWS::ElastiCache::ServerlessCache": "Cache18F6EE16",
        "AWS::ElastiCache::UserGroup": "CacheUserGroup65B24140",
        "AWS::EC2::VPC": "NetworkVpc7FB7348F",
    },
}


def normalise(template: dict[str, Any]) -> Any:
    """A template without what changes with every edit of the connection test: asset hashes and fingerprints."""
    text = json.dumps(template)
    text = re.sub(r"[0-9a-f]{64}", "<asset>", text)
    text = re.sub(
        r"(Client)?(Handle|Instance|Verdict)[0-9a-f]{8}(InstanceProfile)?([0-9A-F]{8})?(?![0-9A-Fa-f])",
        r"\1\2\3<fingerprint>",
        text,
    )
    return json.loads(text)


@each_deployment
def test_snapshot(name: str, snapshot: SnapshotAssertion) -> None:
    found = assembly(("deployment", name))
    as_json = snapshot.with_defaults(extension_class=JSONSnapshotExtension)
    deployment = DEPLOYMENTS[name]
    regions = [f"-{region}" for region in getattr(deployment, "regions", ())] or [""]
    parts = ("Cache", "Client", *(("Database",) if name == "rds-behind-cache" else ()), "Network")
    assert list(found.templates) == sorted(
        f"{deployment.stack_prefix}{region}-{part}" for region in regions for part in parts
    )
    for stack, template in found.templates.items():
        assert normalise(template) == as_json(name=stack)


@each_deployment
def test_logical_ids_of_what_holds_data(name: str) -> None:
    result: dict[str, set[str]] = {}
    for template in assembly(("deployment", name)).templates.values():
        for logical_id, resource in template["Resources"].items():
            result.setdefault(resource["Type"], set()).add(logical_id)
    for kind, logical_id in STATEFUL[name].items():
        assert result[kind] == {logical_id}


IN_ONE_REGION = {name: variant for name, variant in VARIANTS.items() if "global" not in name}


@pytest.mark.parametrize("overrides", IN_ONE_REGION.values(), ids=IN_ONE_REGION)
def test_network_then_database_and_cache_then_client(overrides: tuple[tuple[str, str], ...]) -> None:
    artifacts = assembly(*overrides).manifest["artifacts"]
    stacks = {name for name, artifact in artifacts.items() if artifact["type"] == "aws:cloudformation:stack"}
    depends = {
        name.rpartition("-")[2]: {other.rpartition("-")[2] for other in artifacts[name]["dependencies"]}
        & {other.rpartition("-")[2] for other in stacks}
        for name in stacks
    }
    expected = {"Cache": {"Network"}, "Client": {"Cache", "Network"}, "Network": set()}
    if "Database" in depends:
        expected["Database"] = {"Network"}
        expected["Client"] = {"Cache", "Database", "Network"}
    if "Network" not in depends:
        expected = {name: others - {"Network"} for name, others in expected.items() if name != "Network"}
    assert depends == expected


def test_the_order_across_regions() -> None:
    """Stacks are deployed in the order of their dependencies and destroyed in reverse: the primary first and last."""
    artifacts = assembly(*VARIANTS["global-datastore-cluster"]).manifest["artifacts"]
    depends = {
        name.removeprefix("GlobalDatastore-"): {
            other.removeprefix("GlobalDatastore-")
            for other in artifact["dependencies"]
            if not other.endswith(".assets")
        }
        for name, artifact in artifacts.items()
        if artifact["type"] == "aws:cloudformation:stack"
    }
    assert len(depends) == 9
    assert depends["us-east-1-Cache"] == {"us-east-1-Network"}
    assert depends["us-east-1-Client"] == {"us-east-1-Cache", "us-east-1-Network"}
    for region in ("eu-west-1", "ap-southeast-1"):
        assert depends[f"{region}-Network"] == set()
        assert depends[f"{region}-Cache"] == {f"{region}-Network", "us-east-1-Cache"}
        assert depends[f"{region}-Client"] == {f"{region}-Cache", f"{region}-Network", "us-east-1-Client"}


def test_references_across_regions_need_no_custom_resource() -> None:
    templates = assembly(*VARIANTS["global-datastore-cluster"]).templates
    assert "Custom::" not in json.dumps(templates)
    for region in ("eu-west-1", "ap-southeast-1"):
        text = json.dumps(templates[f"GlobalDatastore-{region}-Cache"])
        assert text.count("Fn::GetStackOutput") == 1
        assert text.count("Fn::ImportValue") == 3
        (group,) = [
            resource["Properties"]
            for resource in templates[f"GlobalDatastore-{region}-Cache"]["Resources"].values()
            if resource["Type"] == "AWS::ElastiCache::ReplicationGroup"
        ]
        assert group["GlobalReplicationGroupId"]["Fn::GetStackOutput"]["Region"] == "us-east-1"
        assert not {"Engine", "CacheNodeType", "NumNodeGroups", "TransitEncryptionEnabled"} & set(group)


def test_every_region_has_a_verdict_and_only_the_primary_a_heartbeat() -> None:
    templates = assembly(("deployment", "global-datastore")).templates
    for region, role, beats in (("us-east-1", "primary", "true"), ("eu-west-1", "secondary", "false")):
        template = templates[f"GlobalDatastore-{region}-Client"]
        assert any(name.startswith("ClientVerdict") for name in template["Outputs"])
        text = json.dumps(template).replace("\\", "")
        assert f'"global_role": "{role}"' in text
        assert f"if {beats}; thenn  stage=heartbeat" in text


def test_cache_to_network_is_strong_and_client_to_cache_weak() -> None:
    templates = assembly().templates
    cache, client = (json.dumps(templates[f"ClusterModeDisabled-{name}"]) for name in ("Cache", "Client"))
    assert "Fn::ImportValue" in cache
    assert "Fn::GetStackOutput" not in cache
    assert "Fn::GetStackOutput" in client
    assert "Fn::ImportValue" not in client


@each_deployment
def test_no_secret_and_no_physical_name_is_in_a_template(name: str) -> None:
    for template in assembly(("deployment", name)).templates.values():
        for resource in template["Resources"].values():
            names = {key for key in resource.get("Properties", {}) if key.endswith("Name")}
            allowed = {
                "UserName",
                "CacheParameterGroupName",
                "CacheSubnetGroupName",
                "PolicyName",
                "ServiceName",
                "LogGroupName",
                "ServerlessCacheName",
                "FinalSnapshotName",
            }
            if resource["Type"].startswith("AWS::RDS::"):
                # The name of a database inside the server, and references to the groups.
                allowed |= {"DBName", "DatabaseName"}
                names -= {name for name in names if "Ref" in resource["Properties"][name]}
            assert names <= allowed, (resource["Type"], names - allowed)
    assert "resolve:secretsmanager" not in json.dumps(assembly(("deployment", name)).templates)


def test_termination_protection_and_tags_are_set() -> None:
    overrides = VARIANTS["every-switch"]
    artifacts = assembly(*overrides).manifest["artifacts"]
    assert artifacts["ClusterModeDisabled-Cache"]["properties"]["terminationProtection"] is True
    (vpc,) = (
        resource
        for resource in assembly().templates["ClusterModeDisabled-Network"]["Resources"].values()
        if resource["Type"] == "AWS::EC2::VPC"
    )
    tags = {tag["Key"]: tag["Value"] for tag in vpc["Properties"]["Tags"]}
    assert tags["project"] == "elasticache-stack"
    assert tags["deployment"] == "cluster-mode-disabled"


def test_existing_vpc_makes_no_network() -> None:
    deployment = assembly(*VARIANTS["existing-vpc"])
    assert list(deployment.templates) == ["ClusterModeDisabled-Cache", "ClusterModeDisabled-Client"]
    assert "AWS::EC2::VPC" not in json.dumps(deployment.templates)


def test_ways_in_for_people() -> None:
    found = assembly(*VARIANTS["every-switch"]).templates
    network = json.dumps(found["ClusterModeDisabled-Network"])
    assert "AWS::EC2::InstanceConnectEndpoint" in network
    assert network.count('"VpcEndpointType": "Interface"') == 2
    client = found["ClusterModeDisabled-Client"]["Resources"].values()
    assert 22 in [
        resource["Properties"].get("FromPort")
        for resource in client
        if resource["Type"].endswith("SecurityGroupIngress")
    ]


@pytest.mark.parametrize("variant", ["rotation", "rotation-of-a-token", "serverless-rotation"])
def test_rotation_is_scheduled_on_the_secret_that_the_cache_uses(variant: str) -> None:
    templates = assembly(*VARIANTS[variant]).templates
    (cache,) = (template["Resources"] for name, template in templates.items() if name.endswith("-Cache"))
    (secret,) = (name for name, resource in cache.items() if resource["Type"] == "AWS::SecretsManager::Secret")
    (schedule,) = (
        resource for resource in cache.values() if resource["Type"] == "AWS::SecretsManager::RotationSchedule"
    )
    assert schedule["Properties"]["SecretId"] == {"Ref": secret}
    assert schedule["Properties"]["RotationRules"] == {"ScheduleExpression": "rate(30 days)"}
    (function,) = (resource["Properties"] for resource in cache.values() if resource["Type"] == "AWS::Lambda::Function")
    assert function["Environment"]["Variables"]["KIND"] == ("token" if "token" in variant else "user")
    assert len(function["VpcConfig"]["SubnetIds"]) == 2


@pytest.mark.parametrize("variant", ["rotation", "serverless-rotation"])
def test_the_function_that_rotates_has_its_ways_in_a_new_vpc(variant: str) -> None:
    templates = assembly(*VARIANTS[variant]).templates
    (network,) = (template["Resources"] for name, template in templates.items() if name.endswith("-Network"))
    services = {
        resource["Properties"]["ServiceName"]
        for resource in network.values()
        if resource["Type"] == "AWS::EC2::VPCEndpoint" and resource["Properties"]["VpcEndpointType"] == "Interface"
    }
    assert {str(service).rpartition(".")[2] for service in services} == {"secretsmanager", "elasticache"}


def test_outputs_have_the_fields_own_names() -> None:
    disabled = assembly().templates["ClusterModeDisabled-Cache"]["Outputs"]
    enabled = assembly(("deployment", "cluster-mode-enabled")).templates["ClusterModeEnabled-Cache"]["Outputs"]
    assert {"ReplicationGroupId", "PrimaryEndpoint", "ReaderEndpoint"} <= set(disabled)
    assert "ConfigurationEndpoint" not in disabled
    assert {"ReplicationGroupId", "ConfigurationEndpoint"} <= set(enabled)
    assert "PrimaryEndpoint" not in enabled
