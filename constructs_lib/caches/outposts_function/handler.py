"""Creates, changes and deletes a cluster on an Outpost.

The provider framework of CDK calls `on_event` once to start an operation, and then `is_complete` until it is done.

https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ElastiCache-Outposts.html
"""

import logging
from typing import Any

import boto3

_LOG = logging.getLogger()
_LOG.setLevel(logging.INFO)
_LONGEST_ID = 50
# Properties that ModifyCacheCluster supports. A change of any other property replaces the cluster.
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
    """Start the requested operation."""
    return begin(event, boto3.client("elasticache"))


def is_complete(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Whether the operation is complete, and then the endpoint."""
    return look(event, boto3.client("elasticache"))


def begin(event: dict[str, Any], client: Any) -> dict[str, Any]:
    """Create, modify or delete the cluster, and return its id.

    :raises ValueError: if a cluster with a fixed name would have to be replaced.
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
                f"a change of {', '.join(sorted(changed - set(_CHANGEABLE)))} replaces the cluster, and the name "
                f"{event['ResourceProperties']['ClusterName']} is in use; set another cluster_name, or leave it out"
            )
        return {"PhysicalResourceId": _create(event, properties, client)}
    if changed:
        changes = {key: properties[key] for key in changed if key in properties}
        if "NumCacheNodes" in changes:
            changes.update(_nodes_to_remove(event["PhysicalResourceId"], int(changes["NumCacheNodes"]), client))
        client.modify_cache_cluster(CacheClusterId=event["PhysicalResourceId"], ApplyImmediately=True, **changes)
    return {"PhysicalResourceId": event["PhysicalResourceId"]}


def look(event: dict[str, Any], client: Any) -> dict[str, Any]:
    """Whether the cluster is available or deleted.

    :raises RuntimeError: if the cluster cannot become available.
    """
    id, deleting = event["PhysicalResourceId"], event["RequestType"] == "Delete"
    try:
        cluster = client.describe_cache_clusters(CacheClusterId=id, ShowCacheNodeInfo=True)["CacheClusters"][0]
    except client.exceptions.CacheClusterNotFoundFault:
        if deleting:
            return {"IsComplete": True}
        raise RuntimeError(f"cluster {id} does not exist; it was deleted outside of CloudFormation") from None
    status = cluster["CacheClusterStatus"]
    if not deleting and status in _FAILED:
        raise RuntimeError(
            f"cluster {id} cannot become available, because its status is {status}; see its events with "
            "aws elasticache describe-events"
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
    """The API parameters from the resource properties, in which CloudFormation converts all values to strings."""
    converted = {
        key: value for key, value in properties.items() if key not in ("ServiceToken", "ClusterName", "NamePrefix")
    }
    for key in _NUMBERS:
        if key in converted:
            converted[key] = int(converted[key])
    for key in _BOOLEANS:
        if key in converted:
            converted[key] = str(converted[key]).lower() == "true"
    return converted


def _create(event: dict[str, Any], properties: dict[str, Any], client: Any) -> str:
    fixed_name = event["ResourceProperties"].get("ClusterName")
    prefix = event["ResourceProperties"]["NamePrefix"]
    # Contains the request id, so that a retry does not create a second cluster, and a replacement has another name.
    id = str(fixed_name or f"{prefix}-{event['RequestId'].replace('-', '')[:8]}").lower()[:_LONGEST_ID]
    try:
        client.create_cache_cluster(CacheClusterId=id, **properties)
    except client.exceptions.CacheClusterAlreadyExistsFault:
        if fixed_name:
            raise
        _LOG.info("cluster %s is already being created", id)
    return id


def _nodes_to_remove(id: str, wanted: int, client: Any) -> dict[str, list[str]]:
    nodes = client.describe_cache_clusters(CacheClusterId=id, ShowCacheNodeInfo=True)["CacheClusters"][0]["CacheNodes"]
    ids = sorted(node["CacheNodeId"] for node in nodes)
    return {"CacheNodeIdsToRemove": ids[wanted:]} if wanted < len(ids) else {}


def _delete(id: str, client: Any) -> None:
    try:
        client.delete_cache_cluster(CacheClusterId=id)
    except client.exceptions.CacheClusterNotFoundFault:
        _LOG.info("cluster %s is already deleted", id)
