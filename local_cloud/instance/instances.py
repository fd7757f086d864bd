"""The handlers of EC2's resources: each instance becomes a sandbox that runs its user data."""

import base64
import contextlib
import subprocess
import threading
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from local_cloud.identity import Identity, assume
from local_cloud.instance import metadata, reports, sandbox
from local_cloud.instance.aws_gateway import Gateway
from local_cloud.instance.endpoint import Endpoint
from local_cloud.instance.network import PRIVATE_ADDRESS, Network, Way
from local_cloud.instance.relay import Address
from local_cloud.machine import Machine
from local_cloud.reachable import Reachable

Props = Mapping[str, Any]
_PERIOD: Final = 0.5
# Inside an instance, where each has a network of its own; as root without a capability it listens from 1024 on.
_METADATA: Final = ("127.1.0.1", 8001)
_CLOCK: Final = ("127.1.0.1", 8002)
_SERVICES: Final = {"s3": ("127.1.0.1", 8003), "secretsmanager": ("127.1.0.1", 8004)}


@dataclass(slots=True)
class Instance:
    """A sandbox, and what it is connected to.

    :param place: its account and region.
    :param own: what it reaches besides caches and databases, as far as its ways are open, and the names of that.
    """

    folder: Path
    place: tuple[str, str]
    network: Network
    own: sandbox.Wall
    identity: Identity | None = None
    process: subprocess.Popen[bytes] | None = None
    wall: sandbox.Wall | None = None

    def end(self) -> None:
        """End it, with everything that it has started."""
        if self.process is not None:
            sandbox.end(self.process)
            self.process.listener.close()  # type: ignore[attr-defined]


class Instances:
    """Every instance that runs here.

    :param services: the caches and databases that there are, at the time of asking.
    """

    def __init__(self, machine: Machine, services: Callable[[], Iterable[Reachable]]) -> None:
        self.folder, self.machine, self.services = machine.folder / "instances", machine, services
        self.emulator, self.doorkeeper = machine.emulator, machine.doorkeeper
        self.running: dict[str, Instance] = {}
        self._lock, self._ended = threading.Lock(), threading.Event()

    def begin(self) -> None:
        """Follow what changes from now on: rules, names, and servers that come and go."""
        threading.Thread(target=self._run, daemon=True).start()

    def stop(self) -> None:
        """End them all."""
        self._ended.set()
        for instance in list(self.running.values()):
            instance.end()

    def refresh(self) -> None:
        """Tell every instance what it can reach now, and what names stand for."""
        with self._lock:
            for instance in list(self.running.values()):
                wall = self._wall(instance)
                if instance.wall is not None and wall != instance.wall:
                    # The relay's outer side holds this very mapping.
                    instance.wall.reached.clear()
                    instance.wall.reached.update(wall.reached)
                    instance.wall = sandbox.Wall(hosts=wall.hosts, reached=instance.wall.reached, dropped=wall.dropped)
                    sandbox.tell(instance.folder, instance.wall)

    def create(self, logical_id: str, props: Props, stack: str) -> Any:
        """A sandbox that runs the user data; it is not waited for."""
        id = f"i-{uuid.uuid4().hex[:17]}"
        place = self.emulator.place
        identity = assume(self.emulator, str(props.get("IamInstanceProfile") or ""), id)
        network = Network(self.emulator, str(props.get("SubnetId")), frozenset(props.get("SecurityGroupIds") or ()))
        clock = f"s3.{place[1]}.amazonaws.com"
        own = sandbox.Wall(hosts={clock: _CLOCK[0]}, reached={}, dropped=[])
        instance = Instance(self.folder / id, place, network, own, identity)
        with contextlib.ExitStack() as undo:
            undo.callback(instance.end)
            if identity is not None:
                undo.callback(self.doorkeeper.distrust, identity)
                self.doorkeeper.trust(identity)
            self._connect(instance, clock)
            instance.wall = self._wall(instance)
            user_data = base64.b64decode(props.get("UserData") or "").decode()
            instance.process = sandbox.launch(
                instance.folder,
                Path(self.machine.programs.bwrap),
                instance_id=id,
                # The clock's port: 443 takes a capability that the sandbox does not have.
                user_data=user_data.replace(f"https://{clock}/", f"https://{clock}:{_CLOCK[1]}/"),
                wall=instance.wall,
                environment={
                    "AWS_ENDPOINT_URL_S3": _url(_SERVICES["s3"]),
                    "AWS_ENDPOINT_URL_SECRETS_MANAGER": _url(_SERVICES["secretsmanager"]),
                    "AWS_EC2_METADATA_SERVICE_ENDPOINT": _url(_METADATA),
                    "LOCAL_REGION": place[1],
                    "SSL_CERT_FILE": str(self.machine.authority.ca_file),
                    "LD_LIBRARY_PATH": self.machine.programs.environment.get("LD_LIBRARY_PATH", ""),
                },
                client=Path(self.machine.programs.client),
                shown=[self.machine.authority.ca_file, *map(Path, self.machine.programs.shown)],
            )
            self.running[id] = instance
            undo.pop_all()
        return id, {"PrivateIp": PRIVATE_ADDRESS, "PrivateDnsName": f"{id}.internal", "InstanceId": id}

    def _connect(self, instance: Instance, clock: str) -> None:
        """Connect an instance to its metadata, to the clock, and to AWS as far as its ways are open.

        :param clock: the host name that the user data asks for the time of day.
        """
        machine, own = self.machine, instance.own
        own.reached[_METADATA] = Endpoint(metadata.Metadata(instance.identity).answer)
        certificate = machine.authority.issue(instance.folder.name, clock)
        for service, inside in _SERVICES.items():
            way = instance.network.way_to(service)
            endpoint = Endpoint(self._gateway(instance, service, way).answer)
            targets = {inside: endpoint}
            if service == "s3":
                # On S3 as well: the time of day, and the signal.
                targets |= {("127.0.0.1", machine.port): endpoint, _CLOCK: Endpoint(metadata.clock, certificate)}
            if way.open:
                own.reached.update(targets)
            else:
                own.dropped.extend(targets)

    def _gateway(self, instance: Instance, service: str, way: Way) -> Gateway:
        return Gateway(
            service,
            self.emulator,
            self.machine.port,
            self.machine.gateway_token,
            place=instance.place,
            identity=instance.identity,
            policy=way.policy,
        )

    def update(self, id: str, old: Props, new: Props, stack: str) -> Any:
        """What an instance is can be changed; its user data has run, and does not run again."""
        return id, {"PrivateIp": PRIVATE_ADDRESS, "PrivateDnsName": f"{id}.internal", "InstanceId": id}

    def delete(self, id: str, props: Props) -> None:
        """End the sandbox; its console and its reports are kept."""
        instance = self.running.pop(id, None)
        if instance is not None:
            # Of one that failed, too: its stack is rolled back.
            reports.collect(instance.folder, self.machine.folder / "reports" / id)
            instance.end()
            if instance.identity is not None:
                self.doorkeeper.distrust(instance.identity)

    def rules(self, direction: str) -> dict[str, Callable[..., Any]]:
        """The handlers of a security group's rule that stands on its own.

        :param direction: IpPermissions or IpPermissionsEgress.
        """
        other = "SourceSecurityGroupId" if direction == "IpPermissions" else "DestinationSecurityGroupId"

        def create(logical_id: str, props: Props, stack: str) -> Any:
            id = f"sgr-{uuid.uuid4().hex[:17]}"
            group = self.emulator.ec2._security_groups.get(props["GroupId"])
            if group is None:
                raise ValueError(f"The security group '{props['GroupId']}' does not exist")
            group[direction].append(
                {
                    "IpProtocol": props.get("IpProtocol", "tcp"),
                    "FromPort": int(props.get("FromPort", -1)),
                    "ToPort": int(props.get("ToPort", -1)),
                    "IpRanges": [{"CidrIp": props["CidrIp"]}] if "CidrIp" in props else [],
                    "UserIdGroupPairs": [{"GroupId": props[other]}] if other in props else [],
                    "Ipv6Ranges": [],
                    "PrefixListIds": [],
                    "RuleId": id,
                }
            )
            self.refresh()
            return id, {"Id": id}

        def delete(id: str, props: Props) -> None:
            group = self.emulator.ec2._security_groups.get(props["GroupId"])
            if group is not None:
                group[direction] = [each for each in group[direction] if each.get("RuleId") != id]
                self.refresh()

        def update(id: str, old: Props, new: Props, stack: str) -> Any:
            made = create("", new, stack)
            delete(id, old)
            return made

        return {"create": create, "update": update, "delete": delete}

    def _wall(self, instance: Instance) -> sandbox.Wall:
        own = instance.own
        hosts, reached, dropped = dict(own.hosts), dict(own.reached), list(own.dropped)
        with self.emulator.inside(*instance.place):
            for service in self.services():
                hosts |= service.addresses
                for place in service.places:
                    if not instance.network.reaches(service.security_groups, place[1]):
                        dropped.append(place)
                    elif (target := service.target(place)) is not None:
                        reached[place] = target
        return sandbox.Wall(hosts=hosts, reached=reached, dropped=dropped)

    def _run(self) -> None:
        while not self._ended.wait(_PERIOD):
            try:
                self.refresh()
            except Exception as problem:
                print(f"network: {problem}", flush=True)


def _url(place: Address) -> str:
    return f"http://{place[0]}:{place[1]}"
