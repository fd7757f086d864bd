"""ElastiCache's own API, as far as the caches that run here are asked about or failed over."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final
from urllib.parse import parse_qs
from xml.etree.ElementTree import Element, SubElement, tostring

from local_cloud import data_plane
from local_cloud.caches import Caches
from local_cloud.seam import Emulator
from local_cloud.servers import Cache

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
        self._actions: dict[str, Callable[[Mapping[str, str]], Element]] = {
            "DescribeReplicationGroups": self._describe,
            "TestFailover": self._fail_over,
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
            listed.append(_described(each))
        return result

    def _fail_over(self, asked: Mapping[str, str]) -> Element:
        cache = self._group(asked.get("ReplicationGroupId", ""))
        shard = asked.get("NodeGroupId", "")
        if not shard.isdigit() or int(shard) - 1 not in {each.shard for each in cache.nodes}:
            raise ApiError("NodeGroupNotFoundFault", f"Node group {shard} not found in replication group {cache.id}.")
        try:
            data_plane.fail_over(cache, int(shard) - 1)
        except RuntimeError as problem:
            raise ApiError("InvalidReplicationGroupState", str(problem)) from None
        self.caches.moved()
        self.caches.doorkeeper.admit(cache)
        result = Element("TestFailoverResult")
        result.append(_described(cache))
        return result


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
            role = "primary" if cache.ask(node, "ROLE").startswith("master") else "replica"
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
