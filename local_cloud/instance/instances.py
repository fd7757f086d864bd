"""The handlers of the EC2 resources: an instance becomes a sandbox that runs its user data."""

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
from local_cloud.instance.network import PRIVATE_ADDRESS, Network, Route
from local_cloud.instance.relay import Address
from local_cloud.machine import Machine
from local_cloud.reachable import Reachable

Props = Mapping[str, Any]
_PERIOD: Final = 0.5
# Addresses inside an instance, which has a separate network. Ports from 1024 on, because its root has no capability.
_METADATA: Final = ("127.1.0.1", 8001)
_CLOCK: Final = ("127.1.0.1", 8002)
_SERVICES: Final = {"s3": ("127.1.0.1", 8003), "secretsmanager": ("127.1.0.1", 8004)}


@dataclass(slots=True)
class Instance:
    """A sandbox, and the addresses that it can reach.

    :param account_and_region: its account and region.
    :param own: the addresses that it can reach besides those of caches and databases.
    :param connectivity: all addresses that it can reach; None before it starts.
    """

    folder: Path
    account_and_region: tuple[str, str]
    network: Network
    own: sandbox.Connectivity
    identity: Identity | None = None
    process: subprocess.Popen[bytes] | None = None
    connectivity: sandbox.Connectivity | None = None

    def end(self) -> None:
        """End the sandbox with all of its processes."""
        if self.process is not None:
            sandbox.end(self.process)
            self.process.listener.close()  # type: ignore[attr-defined]


class Instances:
    """The instances of a run.

    :param services: returns the caches and databases that exist at the time of the call.
    """

    def __init__(self, machine: Machine, services: Callable[[], Iterable[Reachable]]) -> None:
        self.folder, self.machine, self.services = machine.folder / "instances", machine, services
        self.emulator, self.admission = machine.emulator, machine.admission
        self.running: dict[str, Instance] = {}
        self._lock, self._ended = threading.Lock(), threading.Event()

    def start(self) -> None:
        """Start to update periodically what the instances can reach, as rules, endpoints and servers change."""
        threading.Thread(target=self._run, daemon=True).start()

    def stop(self) -> None:
        """End all instances."""
        self._ended.set()
        for instance in list(self.running.values()):
            instance.end()

    def refresh(self) -> None:
        """Update the addresses that every instance can reach, and its host names."""
        with self._lock:
            for instance in list(self.running.values()):
                connectivity = self._connectivity(instance)
                if instance.connectivity is not None and connectivity != instance.connectivity:
                    # The relay's outer side uses this mapping, so it is changed in place.
                    instance.connectivity.reached.clear()
                    instance.connectivity.reached.update(connectivity.reached)
                    instance.connectivity = sandbox.Connectivity(
                        hosts=connectivity.hosts, reached=instance.connectivity.reached, dropped=connectivity.dropped
                    )
                    sandbox.update(instance.folder, instance.connectivity)

    def create(self, logical_id: str, props: Props, stack: str) -> Any:
        """Start a sandbox that runs the user data, without waiting for its end."""
        id = f"i-{uuid.uuid4().hex[:17]}"
        account, region = self.emulator.account_and_region
        identity = assume(self.emulator, str(props.get("IamInstanceProfile") or ""), id)
        network = Network(self.emulator, str(props.get("SubnetId")), frozenset(props.get("SecurityGroupIds") or ()))
        clock = f"s3.{region}.amazonaws.com"
        own = sandbox.Connectivity(hosts={clock: _CLOCK[0]}, reached={}, dropped=[])
        instance = Instance(self.folder / id, (account, region), network, own, identity)
        with contextlib.ExitStack() as undo:
            undo.callback(instance.end)
            if identity is not None:
                undo.callback(self.admission.revoke, identity)
                self.admission.add_identity(identity)
            self._connect(instance, clock)
            instance.connectivity = self._connectivity(instance)
            user_data = base64.b64decode(props.get("UserData") or "").decode()
            instance.process = sandbox.launch(
                instance.folder,
                Path(self.machine.programs.bwrap),
                instance_id=id,
                # Port 443 needs a capability that the sandbox does not have.
                user_data=user_data.replace(f"https://{clock}/", f"https://{clock}:{_CLOCK[1]}/"),
                connectivity=instance.connectivity,
                environment={
                    "AWS_ENDPOINT_URL_S3": _url(_SERVICES["s3"]),
                    "AWS_ENDPOINT_URL_SECRETS_MANAGER": _url(_SERVICES["secretsmanager"]),
                    "AWS_EC2_METADATA_SERVICE_ENDPOINT": _url(_METADATA),
                    "LOCAL_REGION": region,
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
        """Connect an instance to its metadata service, to the clock, and to the AWS services that its routes lead to.

        :param clock: the host name from which the user data reads the time.
        """
        machine, own = self.machine, instance.own
        own.reached[_METADATA] = Endpoint(metadata.Metadata(instance.identity).answer)
        certificate = machine.authority.issue(instance.folder.name, clock)
        for service, inside in _SERVICES.items():
            way = instance.network.route_to(service)
            endpoint = Endpoint(self._gateway(instance, service, way).answer)
            targets = {inside: endpoint}
            if service == "s3":
                # The time and the signal use the route to S3 too.
                targets |= {("127.0.0.1", machine.port): endpoint, _CLOCK: Endpoint(metadata.clock, certificate)}
            if way.open:
                own.reached.update(targets)
            else:
                own.dropped.extend(targets)

    def _gateway(self, instance: Instance, service: str, way: Route) -> Gateway:
        return Gateway(
            service,
            self.emulator,
            self.machine.port,
            self.machine.gateway_token,
            account_and_region=instance.account_and_region,
            identity=instance.identity,
            policy=way.policy,
        )

    def update(self, id: str, old: Props, new: Props, stack: str) -> Any:
        """Change nothing: the user data has run, and does not run again."""
        return id, {"PrivateIp": PRIVATE_ADDRESS, "PrivateDnsName": f"{id}.internal", "InstanceId": id}

    def delete(self, id: str, props: Props) -> None:
        """End the sandbox; its console output and its reports remain."""
        instance = self.running.pop(id, None)
        if instance is not None:
            # The reports are needed most when the instance failed and its stack is rolled back.
            reports.collect(instance.folder, self.machine.folder / "reports" / id)
            instance.end()
            if instance.identity is not None:
                self.admission.revoke(instance.identity)

    def rules(self, direction: str) -> dict[str, Callable[..., Any]]:
        """The handlers of the rules of security groups that are separate resources.

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
                group[direction] = [rule for rule in group[direction] if rule.get("RuleId") != id]
                self.refresh()

        def update(id: str, old: Props, new: Props, stack: str) -> Any:
            created = create("", new, stack)
            delete(id, old)
            return created

        return {"create": create, "update": update, "delete": delete}

    def _connectivity(self, instance: Instance) -> sandbox.Connectivity:
        own = instance.own
        hosts, reached, dropped = dict(own.hosts), dict(own.reached), list(own.dropped)
        with self.emulator.inside(*instance.account_and_region):
            for service in self.services():
                hosts |= service.addresses
                for address in service.socket_addresses:
                    if not instance.network.reaches(service.security_groups, address[1]):
                        dropped.append(address)
                    elif (target := service.target(address)) is not None:
                        reached[address] = target
        return sandbox.Connectivity(hosts=hosts, reached=reached, dropped=dropped)

    def _run(self) -> None:
        while not self._ended.wait(_PERIOD):
            try:
                self.refresh()
            except Exception as problem:
                print(f"network: {problem}", flush=True)


def _url(address: Address) -> str:
    return f"http://{address[0]}:{address[1]}"
