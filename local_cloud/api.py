"""The ElastiCache API: describes caches and Global Datastores, fails them over, creates, restores and deletes them."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qs
from xml.etree.ElementTree import Element, SubElement, tostring

from local_cloud import descriptions
from local_cloud.cache import data_plane
from local_cloud.cache.caches import Caches
from local_cloud.cache.global_datastores import GlobalDatastore
from local_cloud.cache.servers import Cache
from local_cloud.internals import Emulator
from local_cloud.life_api import LifeActions
from local_cloud.queries import NAMESPACE, ApiError, Parameters, error, texts

Response = tuple[int, dict[str, str], bytes]
Handle = Callable[..., Awaitable[Response]]


class Api:
    """Answers some actions itself, and passes the others to the emulator.

    :param others: the emulator's handler.
    """

    def __init__(self, emulator: Emulator, caches: Caches, others: Handle) -> None:
        self.emulator, self.caches, self.others = emulator, caches, others
        self.global_datastores = caches.global_datastores
        life = LifeActions(emulator, caches, self._described)
        self._group = life.group
        self._actions: dict[str, Callable[[Parameters], Element | None]] = {
            **life.actions,
            "DescribeReplicationGroups": self._describe,
            "DescribeCacheClusters": self._describe_clusters,
            "DescribeServerlessCaches": lambda parameters: descriptions.serverless(self._here()),
            "DescribeReservedCacheNodes": lambda parameters: descriptions.none("DescribeReservedCacheNodes"),
            "DescribeReservedCacheNodesOfferings": lambda parameters: descriptions.none(
                "DescribeReservedCacheNodesOfferings"
            ),
            "ListAllowedNodeTypeModifications": self._node_types,
            "DescribeUpdateActions": lambda parameters: descriptions.updates(caches.folder.parent),
            "TestFailover": self._fail_over,
            "DescribeGlobalReplicationGroups": self._describe_global,
            "FailoverGlobalReplicationGroup": self._fail_over_global,
            "DisassociateGlobalReplicationGroup": self._disassociate,
        }

    async def handle(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]
    ) -> Response:
        """Answer a request to the ElastiCache API."""
        parameters = {key: values[0] for key, values in parse_qs(body.decode("utf-8", "replace")).items()}
        action = parameters.get("Action", "")
        try:
            # In a thread, because an action can wait for servers.
            result = await asyncio.to_thread(self._actions[action], parameters) if action in self._actions else None
        except ApiError as problem:
            return self._answer(400, error(problem.code, str(problem)))
        except (RuntimeError, TimeoutError) as problem:
            # A server is down, or does not reach the requested state.
            return self._answer(400, error("InvalidReplicationGroupState", str(problem)))
        if result is None:
            return await self.others(method, path, headers, body, query)
        root = Element(f"{action}Response", xmlns=NAMESPACE)
        root.append(result)
        SubElement(SubElement(root, "ResponseMetadata"), "RequestId").text = "local"
        return self._answer(200, root)

    @staticmethod
    def _answer(status: int, root: Element) -> Response:
        return status, {"Content-Type": "text/xml"}, tostring(root)

    def _node_types(self, parameters: Parameters) -> Element:
        named = parameters.get("ReplicationGroupId") or parameters.get("CacheClusterId")
        for cache in self._here():
            if named in (cache.id, *(node.name for node in cache.nodes)):
                return descriptions.node_types(cache)
        raise ApiError("CacheClusterNotFound", f"cache cluster {named} not found")

    def _describe(self, parameters: Parameters) -> Element:
        id = parameters.get("ReplicationGroupId")
        groups = [self._group(id)] if id else [cache for cache in self._here() if cache.is_group]
        result = Element("DescribeReplicationGroupsResult")
        listed = SubElement(result, "ReplicationGroups")
        for cache in groups:
            listed.append(self._described(cache))
        return result

    def _here(self) -> list[Cache]:
        """The caches of the region of the request."""
        region = self.emulator.region
        return [cache for cache in list(self.caches.running.values()) if cache.region == region]

    def _describe_clusters(self, parameters: Parameters) -> Element:
        id = parameters.get("CacheClusterId")
        caches = self._here()
        if id is not None:
            caches = [cache for cache in caches if id == cache.id or id in {node.name for node in cache.nodes}]
            if not caches:
                raise ApiError("CacheClusterNotFound", f"CacheCluster not found: {id}")
        result = descriptions.clusters(caches)
        listed = result[0]
        for cluster in list(listed):
            if id is not None and cluster.findtext("CacheClusterId") != id:
                listed.remove(cluster)
        return result

    def _fail_over(self, parameters: Parameters) -> Element:
        cache = self._group(parameters.get("ReplicationGroupId", ""))
        shard = parameters.get("NodeGroupId", "")
        if not shard.isdigit() or int(shard) - 1 not in {node.shard for node in cache.nodes}:
            raise ApiError("NodeGroupNotFoundFault", f"Node group {shard} not found in replication group {cache.id}.")
        record, number = self.emulator.elasticache._record_event, int(shard) - 1
        primary = cache.primary_of(number)
        record(cache.id, "replication-group", f"Test Failover API called for node group {shard}")
        data_plane.fail_over(cache, number)
        moved = f"Failover from primary node {primary.name} to replica node {cache.primary_of(number).name} completed"
        for source, kind in ((primary.name, "cache-cluster"), (cache.id, "replication-group")):
            record(source, kind, moved)
        self.global_datastores.reattach_secondaries(cache)
        self.caches.addresses_changed()
        result = Element("TestFailoverResult")
        result.append(self._described(cache))
        return result

    def _global(self, parameters: Mapping[str, str]) -> GlobalDatastore:
        id = parameters.get("GlobalReplicationGroupId", "")
        datastore = self.global_datastores.known.get(id)
        # Only the regions of its members know a Global Datastore.
        if datastore is None or datastore.member_in(self.emulator.region) is None:
            raise ApiError("GlobalReplicationGroupNotFoundFault", f"Global replication group {id} not found")
        return datastore

    def _describe_global(self, parameters: Parameters) -> Element:
        region = self.emulator.region
        if "GlobalReplicationGroupId" in parameters:
            datastores = [self._global(parameters)]
        else:
            datastores = [
                datastore for datastore in self.global_datastores.known.values() if datastore.member_in(region)
            ]
        result = Element("DescribeGlobalReplicationGroupsResult")
        listed = SubElement(result, "GlobalReplicationGroups")
        for datastore in datastores:
            listed.append(_described_globally(datastore))
        return result

    def _fail_over_global(self, parameters: Parameters) -> Element:
        datastore, region = self._global(parameters), parameters.get("PrimaryRegion", "")
        target = datastore.member_in(region)
        if target is None or target is datastore.primary or target.id != parameters.get("PrimaryReplicationGroupId"):
            raise ApiError(
                "InvalidParameterValue", f"PrimaryRegion must be that of a secondary of {datastore.id}, got {region}"
            )
        self.global_datastores.fail_over(datastore, target)
        return self._result("FailoverGlobalReplicationGroup", datastore)

    def _disassociate(self, parameters: Parameters) -> Element:
        datastore, region = self._global(parameters), parameters.get("ReplicationGroupRegion", "")
        target = datastore.member_in(region)
        if target is None or target is datastore.primary or target.id != parameters.get("ReplicationGroupId"):
            raise ApiError(
                "InvalidParameterValue",
                f"ReplicationGroupRegion must be that of a secondary of {datastore.id}, got {region}",
            )
        self.global_datastores.leave(target)
        return self._result("DisassociateGlobalReplicationGroup", datastore)

    @staticmethod
    def _result(action: str, datastore: GlobalDatastore) -> Element:
        result = Element(f"{action}Result")
        result.append(_described_globally(datastore))
        return result

    def _described(self, cache: Cache) -> Element:
        group = _described(cache)
        account, _ = self.emulator.account_and_region
        texts(group, ARN=f"arn:aws:elasticache:{cache.region}:{account}:replicationgroup:{cache.id}")
        datastore = self.global_datastores.of(cache)
        if datastore is not None:
            role = "PRIMARY" if datastore.primary is cache else "SECONDARY"
            info = SubElement(group, "GlobalReplicationGroupInfo")
            texts(info, GlobalReplicationGroupId=datastore.id, GlobalReplicationGroupMemberRole=role)
        return group


def _described_globally(datastore: GlobalDatastore) -> Element:
    element = Element("GlobalReplicationGroup", {})
    texts(element, GlobalReplicationGroupId=datastore.id, Status="available", Engine="redis", ClusterEnabled="false")
    members = SubElement(element, "Members")
    for member in datastore.members:
        texts(
            SubElement(members, "GlobalReplicationGroupMember"),
            ReplicationGroupId=member.id,
            ReplicationGroupRegion=member.region,
            Role="PRIMARY" if datastore.primary is member else "SECONDARY",
            AutomaticFailover="enabled" if len(member.nodes) > 1 else "disabled",
            Status="associated",
        )
    return element


def _described(cache: Cache) -> Element:
    group = Element("ReplicationGroup")
    texts(
        group,
        ReplicationGroupId=cache.id,
        Status="available",
        ClusterEnabled=str(cache.clustered).lower(),
        ClusterMode="enabled" if cache.clustered else "disabled",
        TransitEncryptionEnabled=str(cache.tls).lower(),
    )
    descriptions.settings(group, cache)
    if "configuration" in cache.names:
        _endpoint(group, "ConfigurationEndpoint", cache.names["configuration"], cache.port)
    shards = SubElement(group, "NodeGroups")
    for number in sorted({node.shard for node in cache.nodes}):
        shard = SubElement(shards, "NodeGroup")
        texts(shard, NodeGroupId=f"{number + 1:04d}", Status="available")
        for role, name in (("primary", "PrimaryEndpoint"), ("reader", "ReaderEndpoint")):
            if role in cache.names:
                _endpoint(shard, name, cache.names[role], cache.port)
        members = SubElement(shard, "NodeGroupMembers")
        for node in (node for node in cache.nodes if node.shard == number):
            role = "primary" if node is cache.primary_of(number) else "replica"
            member = SubElement(members, "NodeGroupMember")
            texts(member, CacheClusterId=node.name, CacheNodeId="0001", CurrentRole=role)
            _endpoint(member, "ReadEndpoint", node.host, node.port)
    return group


def _endpoint(parent: Element, name: str, address: str, port: int) -> None:
    texts(SubElement(parent, name), Address=address, Port=str(port))
