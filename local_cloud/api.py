"""ElastiCache's own API, as far as the caches that run here are asked about or failed over."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final
from urllib.parse import parse_qs
from xml.etree.ElementTree import Element, SubElement, tostring

from local_cloud.cache import data_plane
from local_cloud.cache.caches import Caches
from local_cloud.cache.global_datastores import GlobalDatastore
from local_cloud.cache.servers import Cache
from local_cloud.seam import Emulator

Response = tuple[int, dict[str, str], bytes]
Handle = Callable[..., Awaitable[Response]]
_NAMESPACE: Final = "http://elasticache.amazonaws.com/doc/2015-02-02/"


class ApiError(ValueError):
    """What is asked for cannot be done.

    :param code: as ElastiCache calls it.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Api:
    """Answers some actions itself, and leaves the others to the emulator.

    :param others: the emulator's own handler.
    """

    def __init__(self, emulator: Emulator, caches: Caches, others: Handle) -> None:
        self.emulator, self.caches, self.others = emulator, caches, others
        self.world = caches.global_datastores
        self._actions: dict[str, Callable[[Mapping[str, str]], Element]] = {
            "DescribeReplicationGroups": self._describe,
            "TestFailover": self._fail_over,
            "DescribeGlobalReplicationGroups": self._describe_global,
            "FailoverGlobalReplicationGroup": self._fail_over_global,
            "DisassociateGlobalReplicationGroup": self._disassociate,
        }

    async def handle(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]
    ) -> Response:
        """Answer a request of ElastiCache's API."""
        asked = {key: values[0] for key, values in parse_qs(body.decode("utf-8", "replace")).items()}
        action = asked.get("Action", "")
        if action not in self._actions:
            return await self.others(method, path, headers, body, query)
        try:
            # It waits for servers.
            result = await asyncio.to_thread(self._actions[action], asked)
        except ApiError as problem:
            return self._answer(400, _error(problem.code, str(problem)))
        except (RuntimeError, TimeoutError) as problem:
            # Of the servers: one is down, or does not come to what was asked of it.
            return self._answer(400, _error("InvalidReplicationGroupState", str(problem)))
        root = Element(f"{action}Response", xmlns=_NAMESPACE)
        root.append(result)
        SubElement(SubElement(root, "ResponseMetadata"), "RequestId").text = "local"
        return self._answer(200, root)

    @staticmethod
    def _answer(status: int, root: Element) -> Response:
        return status, {"Content-Type": "text/xml"}, tostring(root)

    def _group(self, id: str) -> Cache:
        cache = self.caches.running.get((self.emulator.place[1], id))
        if cache is None or not cache.is_group:
            raise ApiError("ReplicationGroupNotFoundFault", f"ReplicationGroup {id} not found.")
        return cache

    def _describe(self, asked: Mapping[str, str]) -> Element:
        id, region = asked.get("ReplicationGroupId"), self.emulator.place[1]
        running = [each for each in self.caches.running.values() if each.region == region and each.is_group]
        groups = [self._group(id)] if id else running
        result = Element("DescribeReplicationGroupsResult")
        listed = SubElement(result, "ReplicationGroups")
        for each in groups:
            listed.append(self._described(each))
        return result

    def _fail_over(self, asked: Mapping[str, str]) -> Element:
        cache = self._group(asked.get("ReplicationGroupId", ""))
        shard = asked.get("NodeGroupId", "")
        if not shard.isdigit() or int(shard) - 1 not in {each.shard for each in cache.nodes}:
            raise ApiError("NodeGroupNotFoundFault", f"Node group {shard} not found in replication group {cache.id}.")
        data_plane.fail_over(cache, int(shard) - 1)
        self.world.realign(cache)
        self.caches.moved()
        result = Element("TestFailoverResult")
        result.append(self._described(cache))
        return result

    def _global(self, asked: Mapping[str, str]) -> GlobalDatastore:
        id = asked.get("GlobalReplicationGroupId", "")
        found = self.world.known.get(id)
        # It is known in the regions of its members alone.
        if found is None or found.member_in(self.emulator.place[1]) is None:
            raise ApiError("GlobalReplicationGroupNotFoundFault", f"Global replication group {id} not found")
        return found

    def _describe_global(self, asked: Mapping[str, str]) -> Element:
        region = self.emulator.place[1]
        if "GlobalReplicationGroupId" in asked:
            found = [self._global(asked)]
        else:
            found = [each for each in self.world.known.values() if each.member_in(region)]
        result = Element("DescribeGlobalReplicationGroupsResult")
        listed = SubElement(result, "GlobalReplicationGroups")
        for each in found:
            listed.append(_described_globally(each))
        return result

    def _fail_over_global(self, asked: Mapping[str, str]) -> Element:
        found, region = self._global(asked), asked.get("PrimaryRegion", "")
        target = found.member_in(region)
        if target is None or target is found.primary or target.id != asked.get("PrimaryReplicationGroupId"):
            raise ApiError("InvalidParameterValue", f"The primary must become a secondary of {found.id}, got {region}")
        self.world.fail_over(found, target)
        return self._result("FailoverGlobalReplicationGroup", found)

    def _disassociate(self, asked: Mapping[str, str]) -> Element:
        found, region = self._global(asked), asked.get("ReplicationGroupRegion", "")
        target = found.member_in(region)
        if target is None or target is found.primary or target.id != asked.get("ReplicationGroupId"):
            raise ApiError("InvalidParameterValue", f"Only a secondary of {found.id} can be taken out, got {region}")
        self.world.leave(target)
        return self._result("DisassociateGlobalReplicationGroup", found)

    @staticmethod
    def _result(action: str, found: GlobalDatastore) -> Element:
        result = Element(f"{action}Result")
        result.append(_described_globally(found))
        return result

    def _described(self, cache: Cache) -> Element:
        group = _described(cache)
        found = self.world.of(cache)
        if found is not None:
            role = "PRIMARY" if found.primary is cache else "SECONDARY"
            info = SubElement(group, "GlobalReplicationGroupInfo")
            _texts(info, GlobalReplicationGroupId=found.id, GlobalReplicationGroupMemberRole=role)
        return group


def _described_globally(found: GlobalDatastore) -> Element:
    made = Element("GlobalReplicationGroup", {})
    _texts(made, GlobalReplicationGroupId=found.id, Status="available", Engine="redis", ClusterEnabled="false")
    members = SubElement(made, "Members")
    for each in found.members:
        _texts(
            SubElement(members, "GlobalReplicationGroupMember"),
            ReplicationGroupId=each.id,
            ReplicationGroupRegion=each.region,
            Role="PRIMARY" if found.primary is each else "SECONDARY",
            AutomaticFailover="enabled" if len(each.nodes) > 1 else "disabled",
            Status="associated",
        )
    return made


def _described(cache: Cache) -> Element:
    group = Element("ReplicationGroup")
    _texts(
        group,
        ReplicationGroupId=cache.id,
        Status="available",
        ClusterEnabled=str(cache.clustered).lower(),
        ClusterMode="enabled" if cache.clustered else "disabled",
        TransitEncryptionEnabled=str(cache.tls).lower(),
    )
    if "configuration" in cache.names:
        _endpoint(group, "ConfigurationEndpoint", cache.names["configuration"], cache.port)
    shards = SubElement(group, "NodeGroups")
    for number in sorted({each.shard for each in cache.nodes}):
        shard = SubElement(shards, "NodeGroup")
        _texts(shard, NodeGroupId=f"{number + 1:04d}", Status="available")
        for role, name in (("primary", "PrimaryEndpoint"), ("reader", "ReaderEndpoint")):
            if role in cache.names:
                _endpoint(shard, name, cache.names[role], cache.port)
        members = SubElement(shard, "NodeGroupMembers")
        for node in (each for each in cache.nodes if each.shard == number):
            role = "primary" if node is cache.primary_of(number) else "replica"
            member = SubElement(members, "NodeGroupMember")
            _texts(member, CacheClusterId=node.name, CacheNodeId="0001", CurrentRole=role)
            _endpoint(member, "ReadEndpoint", node.host, node.port)
    return group


def _endpoint(parent: Element, name: str, address: str, port: int) -> None:
    _texts(SubElement(parent, name), Address=address, Port=str(port))


def _texts(parent: Element, **values: str) -> None:
    for name, text in values.items():
        SubElement(parent, name).text = text


def _error(code: str, message: str) -> Element:
    root = Element("ErrorResponse", xmlns=_NAMESPACE)
    _texts(SubElement(root, "Error"), Type="Sender", Code=code, Message=message)
    return root
