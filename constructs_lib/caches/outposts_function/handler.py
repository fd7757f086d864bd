"""Creates, changes and deletes a cluster on an Outpost, which CloudFormation has no property for.

`on_event` begins, `is_complete` is asked until it is done; both are called by CDK's provider framework.

https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ElastiCache-Outposts.html
"""

import logging
from typing import Any

import boto3

_LOG = logging.getLogger()
_LOG.setLevel(logging.INFO)
_LONGEST_ID = 50
# What ModifyCacheCluster takes; anything else makes a new cluster.
_CHANGEABLE = (
    "NumCacheNodes",
    "SecurityGroupIds",
    "PreferredMaintenanceWindow",
    "CacheParameterGroupName",
    "EngineVersion",
    "AutoMinorVersionUpgrade",
)
_NUMBERS = ("NumCacheNodes", "Port")
_BOOLEANS = ("AutoMinorVersionUpgrade",)
_FAILED = ("create-failed", "deleted", "incompatible-network", "restore-failed")


def on_event(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Begin what CloudFormation asks for."""
    return begin(event, boto3.client("elasticache"))


def is_complete(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Whether it is done, and the endpoint."""
    return look(event, boto3.client("elasticache"))


def begin(event: dict[str, Any], client: Any) -> dict[str, Any]:
    """Create, modify or delete; the answer names the cluster.

    :raises ValueError: when a cluster with a name of its own would have to be replaced.
    """
    kind, properties = event["RequestType"], parameters(event["ResourceProperties"])
    if kind == "Delete":
        _delete(event["PhysicalResourceId"], client)
        return {"PhysicalResourceId": event["PhysicalResourceId"]}
    if kind == "Create":
        return {"PhysicalResourceId": _create(event, properties, client)}
    before = parameters(event["OldResourceProperties"])
    changed = {key for key in {*before, *properties} if before.get(key) != properties.get(key)}
    if changed - set(_CHANGEABLE):
        if event["ResourceProperties"].get("ClusterName"):
            raise ValueError(
                f"a change of {', '.join(sorted(changed - set(_CHANGEABLE)))} must make a new cluster, and the name "
                f"{event['ResourceProperties']['ClusterName']} is taken; give it another one, or leave it out"
            )
        return {"PhysicalResourceId": _create(event, properties, client)}
    if changed:
        changes = {key: properties[key] for key in changed if key in properties}
        if "NumCacheNodes" in changes:
            changes.update(_nodes_to_remove(event["PhysicalResourceId"], int(changes["NumCacheNodes"]), client))
        client.modify_cache_cluster(CacheClusterId=event["PhysicalResourceId"], ApplyImmediately=True, **changes)
    return {"PhysicalResourceId": event["PhysicalResourceId"]}


def look(event: dict[str, Any], client: Any) -> dict[str, Any]:
    """The state of the cluster.

    :raises RuntimeError: when it cannot become available.
    """
    id, deleting = event["PhysicalResourceId"], event["RequestType"] == "Delete"
    try:
        cluster = client.describe_cache_clusters(CacheClusterId=id, ShowCacheNodeInfo=True)["CacheClusters"][0]
    except client.exceptions.CacheClusterNotFoundFault:
        if deleting:
            return {"IsComplete": True}
        raise RuntimeError(f"cluster {id} must exist, and does not; it was deleted by somebody else") from None
    status = cluster["CacheClusterStatus"]
    if not deleting and status in _FAILED:
        raise RuntimeError(
            f"cluster {id} must become available, and is {status}; look at its events: aws elasticache describe-events"
        )
    if deleting or status != "available":
        _LOG.info("cluster %s is %s", id, status)
        return {"IsComplete": False}
    endpoint = cluster.get("ConfigurationEndpoint") or cluster["CacheNodes"][0]["Endpoint"]
    return {
        "IsComplete": True,
        "Data": {"Address": endpoint["Address"], "Port": str(endpoint["Port"]), "ClusterName": id},
    }


def parameters(properties: dict[str, Any]) -> dict[str, Any]:
    """What the API takes, from the resource's properties, which CloudFormation turns into text."""
    made = {key: value for key, value in properties.items() if key not in ("ServiceToken", "ClusterName", "NamePrefix")}
    for key in _NUMBERS:
        if key in made:
            made[key] = int(made[key])
    for key in _BOOLEANS:
        if key in made:
            made[key] = str(made[key]).lower() == "true"
    return made


def _create(event: dict[str, Any], properties: dict[str, Any], client: Any) -> str:
    stated = event["ResourceProperties"].get("ClusterName")
    prefix = event["ResourceProperties"]["NamePrefix"]
    # Of the request, so that a repeated call creates it once, and a replacement gets another name.
    id = str(stated or f"{prefix}-{event['RequestId'].replace('-', '')[:8]}").lower()[:_LONGEST_ID]
    try:
        client.create_cache_cluster(CacheClusterId=id, **properties)
    except client.exceptions.CacheClusterAlreadyExistsFault:
        if stated:
            raise
        _LOG.info("cluster %s is being created already", id)
    return id


def _nodes_to_remove(id: str, wanted: int, client: Any) -> dict[str, list[str]]:
    nodes = client.describe_cache_clusters(CacheClusterId=id, ShowCacheNodeInfo=True)["CacheClusters"][0]["CacheNodes"]
    ids = sorted(node["CacheNodeId"] for node in nodes)
    return {"CacheNodeIdsToRemove": ids[wanted:]} if wanted < len(ids) else {}


def _delete(id: str, client: Any) -> None:
    try:
        client.delete_cache_cluster(CacheClusterId=id)
    except client.exceptions.CacheClusterNotFoundFault:
        _LOG.info("cluster %s is gone already", id)
