"""Print a summary of a cloud assembly: the stacks, the main resources, the templates, the picture, the next command."""

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from elasticache_operations.picture.building import build
from elasticache_operations.picture.page import page
from elasticache_operations.picture.sources import read_source

_MAIN_RESOURCES = {
    "AWS::EC2::VPC": "VPC",
    "AWS::EC2::Subnet": "subnets",
    "AWS::EC2::VPCEndpoint": "VPC endpoints",
    "AWS::EC2::InstanceConnectEndpoint": "EC2 Instance Connect Endpoint",
    "AWS::EC2::SecurityGroup": "security groups",
    "AWS::ElastiCache::GlobalReplicationGroup": "global replication group",
    "AWS::ElastiCache::ReplicationGroup": "replication group",
    "AWS::ElastiCache::CacheCluster": "memcached cluster",
    "AWS::ElastiCache::ServerlessCache": "serverless cache",
    "AWS::ElastiCache::UserGroup": "user group",
    "AWS::ElastiCache::User": "users",
    "AWS::ElastiCache::ParameterGroup": "parameter group",
    "AWS::ElastiCache::SubnetGroup": "subnet group",
    "AWS::KMS::Key": "KMS key",
    "AWS::SecretsManager::Secret": "secret",
    "AWS::EC2::Instance": "instance",
    "AWS::CloudFormation::WaitCondition": "wait condition",
}


def describe(folder: Path) -> str:
    """The summary of a cloud assembly."""
    manifest = json.loads((folder / "manifest.json").read_text())
    stacks = {
        name: artifact
        for name, artifact in manifest["artifacts"].items()
        if artifact["type"] == "aws:cloudformation:stack"
    }
    lines = []
    for name in sorted(stacks, key=lambda name: len(_dependencies(name, stacks))):
        template = json.loads((folder / stacks[name]["properties"]["templateFile"]).read_text())
        lines += [name, *(f"  {line}" for line in _resources(template))]
    lines += [
        "",
        f"templates   {folder}/*.template.json",
        f"picture     {draw(folder)}",
        "deploy      source .venv/bin/activate && cdk deploy --all   (AWS credentials, and once: cdk bootstrap)",
    ]
    return "\n".join(lines)


def draw(folder: Path) -> Path:
    """Draw a cloud assembly; returns the path of the page."""
    target = folder / "picture.html"
    source, problems = read_source([str(folder)], None)
    if problems:
        raise problems[0]
    target.write_text(page(build(source)), encoding="utf-8")
    return target


def _dependencies(name: str, stacks: dict[str, Any]) -> set[str]:
    return set(stacks[name].get("dependencies", ())) & set(stacks)


def _resources(template: dict[str, Any]) -> list[str]:
    counts = Counter(resource["Type"] for resource in template["Resources"].values())
    lines = [
        f"{counts[kind]} {words if counts[kind] != 1 or words.isupper() else words.removesuffix('s')}"
        for kind, words in _MAIN_RESOURCES.items()
        if counts[kind]
    ]
    for resource in template["Resources"].values():
        describe_it = _DESCRIBE.get(resource["Type"])
        if describe_it:
            lines.append(describe_it(resource["Properties"]))
    return lines


def _layout(properties: dict[str, Any]) -> str:
    if "GlobalReplicationGroupId" in properties:
        return "a secondary of the Global Datastore, which is read-only"
    shards = properties.get("NumNodeGroups", 1)
    replicas = properties.get("ReplicasPerNodeGroup", properties.get("NumCacheClusters", 1) - 1)
    return (
        f"{properties['Engine']} {properties['EngineVersion']}, cluster mode {properties.get('ClusterMode', '-')}: "
        f"{shards} shard{'s' if shards != 1 else ''} of a primary and {replicas} "
        f"replica{'s' if replicas != 1 else ''} on {properties['CacheNodeType']}"
    )


def _nodes(properties: dict[str, Any]) -> str:
    count = properties["NumCacheNodes"]
    return (
        f"memcached {properties['EngineVersion']}: {count} node{'s' if count != 1 else ''} on "
        f"{properties['CacheNodeType']}"
    )


def _limits(properties: dict[str, Any]) -> str:
    limits = properties.get("CacheUsageLimits", {})
    storage, ecpu = limits.get("DataStorage", {}).get("Maximum"), limits.get("ECPUPerSecond", {}).get("Maximum")
    return (
        f"{properties['Engine']} {properties['MajorEngineVersion']}, serverless: storage "
        f"{f'up to {storage} GB' if storage else 'without limit'}, ECPU "
        f"{f'up to {ecpu:,} a second' if ecpu else 'without limit'}"
    )


_DESCRIBE = {
    "AWS::ElastiCache::ReplicationGroup": _layout,
    "AWS::ElastiCache::CacheCluster": _nodes,
    "AWS::ElastiCache::ServerlessCache": _limits,
}


if __name__ == "__main__":
    print(describe(Path(sys.argv[1] if len(sys.argv) > 1 else "cdk.out")))
