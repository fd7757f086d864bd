"""The emulator, with the handlers of what it lacks: instances in sandboxes, and caches that are real servers.

Run as a program, it serves until it is ended: `python -m local_cloud.emulator FOLDER PORT`.
"""

import base64
import ipaddress
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from local_cloud import data_plane, metadata, sandbox
from local_cloud.certificates import Authority
from local_cloud.data_plane import Cache, User

VERSION: Final = "1.5.33"
_SEAM: Final = ("AWS::EC2::VPC", "AWS::EC2::SecurityGroup", "AWS::ElastiCache::User", "AWS::ElastiCache::UserGroup")


class SeamError(RuntimeError):
    """The emulator is not as it was when the handlers were written; the message names what is missing."""


class LocalCloud:
    """What runs here: caches, instances, users, and the rules between them.

    :param folder: for everything that is written.
    :param port: of the emulator.
    :param tools: the programs: `server` and its `environment`, `client`, `bwrap`.
    """

    def __init__(self, folder: Path, port: int, tools: Mapping[str, Any]) -> None:
        self.folder, self.port, self.tools = folder, port, tools
        self.authority = Authority(folder / "certificates")
        self.caches: dict[str, Cache] = {}
        self.users: dict[str, Mapping[str, Any]] = {}
        self.groups: dict[str, Mapping[str, Any]] = {}
        self.instances: dict[str, subprocess.Popen[bytes]] = {}
        self._numbers = itertools.count(2)
        self._ministack = _ministack()

    def stop(self) -> None:
        """End everything that was started."""
        for process in self.instances.values():
            sandbox.end(process)
        for cache in self.caches.values():
            cache.stop()

    # Handlers: each returns the physical id and the attributes.

    def create_user(self, create: Callable[..., Any]) -> Callable[..., Any]:
        """Remember a user's access string and passwords, which the emulator's own record does not keep."""

        def handler(logical_id: str, props: dict[str, Any], stack: str) -> Any:
            self.users[str(props["UserId"])] = props
            return create(logical_id, props, stack)

        return handler

    def create_group(self, create: Callable[..., Any]) -> Callable[..., Any]:
        """Remember who is in a user group."""

        def handler(logical_id: str, props: dict[str, Any], stack: str) -> Any:
            self.groups[str(props["UserGroupId"])] = props
            return create(logical_id, props, stack)

        return handler

    def create_vpc(self, create: Callable[..., Any]) -> Callable[..., Any]:
        """The emulator's VPC lacks the attribute CidrBlock."""

        def handler(logical_id: str, props: dict[str, Any], stack: str) -> Any:
            id, attributes = create(logical_id, props, stack)
            return id, {"CidrBlock": props.get("CidrBlock", ""), **attributes}

        return handler

    def create_rule(self, direction: str) -> Callable[..., Any]:
        """A rule of a security group, on its own."""

        def handler(logical_id: str, props: dict[str, Any], stack: str) -> Any:
            groups = self._ministack.ec2._security_groups
            other = "SourceSecurityGroupId" if direction == "IpPermissions" else "DestinationSecurityGroupId"
            permission = {
                "IpProtocol": props.get("IpProtocol", "tcp"),
                "FromPort": int(props.get("FromPort", -1)),
                "ToPort": int(props.get("ToPort", -1)),
                "IpRanges": [{"CidrIp": props["CidrIp"]}] if "CidrIp" in props else [],
                "UserIdGroupPairs": [{"GroupId": props[other]}] if other in props else [],
                "Ipv6Ranges": [],
                "PrefixListIds": [],
            }
            groups[props["GroupId"]][direction].append(permission)
            return f"sgr-{uuid.uuid4().hex[:17]}", {}

        return handler

    def create_replication_group(self, logical_id: str, props: dict[str, Any], stack: str) -> Any:
        """Real servers."""
        id = str(props.get("ReplicationGroupId") or f"{stack}-{logical_id}".lower())[:40].rstrip("-")
        clustered = props.get("ClusterMode") == "enabled"
        shards = int(props.get("NumNodeGroups") or 1)
        replicas = props.get("ReplicasPerNodeGroup") if clustered else int(props.get("NumCacheClusters") or 1) - 1
        cache = data_plane.start(
            self.folder / "caches" / id,
            self.tools["server"],
            self.tools["environment"],
            self.authority,
            id=id,
            region=self._ministack.region(),
            shards=shards,
            replicas=int(replicas or 0),
            clustered=clustered,
            tls=str(props.get("TransitEncryptionEnabled")).lower() == "true",
            port=int(props.get("Port") or 6379),
            users=self._users_of(props.get("UserGroupIds")),
            token=props.get("AuthToken"),
            security_groups=props.get("SecurityGroupIds") or [],
        )
        self.caches[id] = cache
        names = {"primary": "PrimaryEndPoint", "reader": "ReaderEndPoint", "configuration": "ConfigurationEndPoint"}
        attributes: dict[str, str] = {}
        for role, name in cache.names.items():
            attributes |= {f"{names[role]}.Address": name, f"{names[role]}.Port": str(cache.port)}
        return id, attributes

    def delete_replication_group(self, physical_id: str, props: dict[str, Any]) -> None:
        """End its servers, and forget what they wrote."""
        cache = self.caches.pop(physical_id, None)
        if cache is not None:
            cache.stop()
        shutil.rmtree(self.folder / "caches" / physical_id, ignore_errors=True)

    def create_instance(self, logical_id: str, props: dict[str, Any], stack: str) -> Any:
        """A sandbox that runs the user data."""
        id = f"i-{uuid.uuid4().hex[:17]}"
        address = f"127.1.0.{next(self._numbers)}"
        region = self._ministack.region()
        clock = f"s3.{region}.amazonaws.com"
        role = metadata.serve(address, str(props.get("IamInstanceProfile", "role")))
        time_server = metadata.serve(address, "", self.authority.issue(id, clock))
        wall = self._wall(set(props.get("SecurityGroupIds") or []), clock, address)
        emulator = ("127.0.0.1", self.port)
        own = [(address, int(each.server_address[1])) for each in (role, time_server)]
        reached = [*wall.reached, emulator, *own]
        user_data = base64.b64decode(props.get("UserData", "")).decode()
        clock_at = f"{clock}:{time_server.server_address[1]}"
        self.instances[id] = sandbox.launch(
            self.folder / "instances" / id,
            Path(self.tools["bwrap"]),
            instance_id=id,
            # The clock's port is the one thing that loopback cannot give: 443 may be taken, or need rights.
            user_data=user_data.replace(f"https://{clock}/", f"https://{clock_at}/"),
            wall=sandbox.Wall(hosts=wall.hosts, reached=reached, dropped=wall.dropped),
            environment={
                "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
                "AWS_EC2_METADATA_SERVICE_ENDPOINT": f"http://{address}:{role.server_address[1]}",
                "SSL_CERT_FILE": str(self.authority.ca_file),
                "LD_LIBRARY_PATH": str(self.tools["environment"].get("LD_LIBRARY_PATH", "")),
            },
            client=Path(self.tools["client"]),
            shown=[self.authority.folder, *map(Path, self.tools.get("shown", ()))],
        )
        return id, {"PrivateIp": "10.0.0.10", "PrivateDnsName": f"{id}.internal", "InstanceId": id}

    def delete_instance(self, physical_id: str, props: dict[str, Any]) -> None:
        """End the sandbox."""
        process = self.instances.pop(physical_id, None)
        if process is not None:
            sandbox.end(process)

    def _users_of(self, groups: Any) -> list[User] | None:
        if not groups:
            return None
        found = []
        for id in self.groups[str(groups[0])]["UserIds"]:
            props = self.users[str(id)]
            mode = props.get("AuthenticationMode", {})
            found.append(
                User(
                    name=str(props["UserName"]),
                    access=str(props["AccessString"]),
                    passwords=tuple(mode.get("Passwords", ())),
                    iam=mode.get("Type") == "iam",
                )
            )
        return found

    def _wall(self, groups: set[str], clock: str, address: str) -> sandbox.Wall:
        hosts, reached, dropped = {clock: address}, [], []
        for cache in self.caches.values():
            admitted = self._admitted(groups, set(cache.security_groups), cache.port)
            for name, where in cache.endpoints.items():
                hosts[name] = where[0]
                if not admitted:
                    dropped.append(where)
                elif data_plane._accepts(*where):
                    reached.append(where)
        return sandbox.Wall(hosts=hosts, reached=list(dict.fromkeys(reached)), dropped=list(dict.fromkeys(dropped)))

    def _admitted(self, client: set[str], cache: set[str], port: int) -> bool:
        """Whether a rule lets the client out, and one lets it in."""
        groups = self._ministack.ec2._security_groups
        out = any(_matches(each, port, cache) for id in client for each in groups[id].get("IpPermissionsEgress", []))
        into = any(_matches(each, port, client) for id in cache for each in groups[id].get("IpPermissions", []))
        return out and into


def _matches(permission: Mapping[str, Any], port: int, others: set[str]) -> bool:
    if permission.get("IpProtocol") not in ("tcp", "-1"):
        return False
    if permission.get("IpProtocol") == "tcp" and not (
        int(permission.get("FromPort", -1)) <= port <= int(permission.get("ToPort", -1))
    ):
        return False
    if any(each["GroupId"] in others for each in permission.get("UserIdGroupPairs", [])):
        return True
    # The instance's address is one of the VPC's; a rule for everywhere, or for the VPC, holds for it.
    inside = ipaddress.ip_address("10.0.0.10")
    return any(inside in ipaddress.ip_network(each["CidrIp"]) for each in permission.get("IpRanges", []))


class _Ministack:
    """The seam to the emulator, checked once."""

    def __init__(self) -> None:
        from importlib.metadata import version  # noqa: PLC0415

        if version("ministack") != VERSION:
            raise SeamError(f"ministack must be {VERSION}, got {version('ministack')}; install the pinned one")
        from ministack.core import responses  # noqa: PLC0415
        from ministack.services import ec2  # noqa: PLC0415
        from ministack.services.cloudformation import provisioners, stacks  # noqa: PLC0415

        self.ec2, self.stacks = ec2, stacks
        self.handlers = provisioners._RESOURCE_HANDLERS
        self.region = responses.get_region
        missing = [name for name in _SEAM if "create" not in self.handlers.get(name, {})]
        if missing or not callable(stacks._runs_on_worker_thread):
            raise SeamError(f"ministack {VERSION} must have handlers for {', '.join(missing)}, and has none")


def _ministack() -> Any:
    return _Ministack()


def register(cloud: LocalCloud) -> None:
    """Put the handlers into the emulator."""
    seam = cloud._ministack
    handlers = seam.handlers
    nothing = {
        "create": lambda logical_id, props, stack: (f"{stack}-{logical_id}", {}),
        "delete": lambda id, props: None,
    }
    for kind in ("AWS::EC2::FlowLog", "AWS::EC2::InstanceConnectEndpoint"):
        handlers[kind] = nothing
    for kind, direction in (
        ("AWS::EC2::SecurityGroupIngress", "IpPermissions"),
        ("AWS::EC2::SecurityGroupEgress", "IpPermissionsEgress"),
    ):
        handlers[kind] = {"create": cloud.create_rule(direction), "delete": lambda id, props: None}
    handlers["AWS::EC2::Instance"] = {"create": cloud.create_instance, "delete": cloud.delete_instance}
    handlers["AWS::ElastiCache::ReplicationGroup"] = {
        "create": cloud.create_replication_group,
        "delete": cloud.delete_replication_group,
    }
    for kind, wrap in (
        ("AWS::ElastiCache::User", cloud.create_user),
        ("AWS::ElastiCache::UserGroup", cloud.create_group),
        ("AWS::EC2::VPC", cloud.create_vpc),
    ):
        handlers[kind] = {**handlers[kind], "create": wrap(handlers[kind]["create"])}
    blocks = seam.stacks._runs_on_worker_thread
    seam.stacks._runs_on_worker_thread = lambda kind: blocks(kind) or kind in ("AWS::EC2::Instance",)


def main() -> None:
    """Serve until ended."""
    folder, port = Path(sys.argv[1]), int(sys.argv[2])
    tools = json.loads((folder / "tools.json").read_text())
    os.environ.update(
        GATEWAY_PORT=str(port),
        BIND_HOST="127.0.0.1",
        MINISTACK_HOST="127.0.0.1",
        IOT_MTLS_ENABLED="0",
        SFTP_ENABLED="0",
        TMPDIR=str(folder / "tmp"),
    )
    (folder / "tmp").mkdir(exist_ok=True)
    cloud = LocalCloud(folder, port, tools)
    register(cloud)

    def end(number: int, frame: object) -> None:
        cloud.stop()
        os._exit(0)

    threading.main_thread()
    signal.signal(signal.SIGTERM, end)
    from ministack.app import main as serve  # noqa: PLC0415

    # It reads the command line itself.
    sys.argv = sys.argv[:1]
    try:
        serve()
    finally:
        cloud.stop()


if __name__ == "__main__":
    main()
