"""The emulator with additional handlers: instances in sandboxes, and caches and databases that are real servers.

As a program it serves until SIGTERM: `python -m local_cloud.emulator FOLDER PORT`.
"""

import os
import signal
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from local_cloud import quotas_api
from local_cloud.api import Api
from local_cloud.cache.admission import Admission
from local_cloud.cache.caches import Caches
from local_cloud.cache.metrics import Publisher
from local_cloud.certificates import Authority
from local_cloud.confinement import confine
from local_cloud.database.api import DatabaseApi
from local_cloud.database.databases import Databases
from local_cloud.guard import SERVICES, Guard
from local_cloud.instance import run_command
from local_cloud.instance.instances import Instances
from local_cloud.internals import Emulator
from local_cloud.journal import Journal
from local_cloud.keys import Keys
from local_cloud.machine import Machine
from local_cloud.programs import Programs

# Types whose handlers take long, and so run in threads of their own.
_OWN_THREADS: Final = (
    "AWS::EC2::Instance",
    "AWS::ElastiCache::ServerlessCache",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
)
# Types that are recorded, and have no effect here.
RECORDS: Final = (
    "AWS::ApplicationAutoScaling::ScalableTarget",
    "AWS::ApplicationAutoScaling::ScalingPolicy",
    "AWS::EC2::EIP",
    "AWS::EC2::FlowLog",
    "AWS::EC2::InstanceConnectEndpoint",
    "AWS::EC2::NatGateway",
    "AWS::SecretsManager::RotationSchedule",
)


class LocalCloud:
    """The caches, databases, instances and users of a run, in the emulator.

    :param folder: the folder for all files.
    :param port: the port of the emulator.
    """

    def __init__(self, folder: Path, port: int, programs: Programs) -> None:
        self.emulator, self.journal = Emulator(), Journal(folder / "events")
        confine(self.emulator)
        keys = Keys.read(folder / "keys.json")
        self.guard = Guard(self.emulator, self.emulator.app.app, keys, port, (folder / "ready").touch)
        self.emulator.app.app = self.guard
        self.admission = Admission(self.emulator, keys)
        machine = Machine(
            folder=folder,
            port=port,
            keys=keys,
            gateway_token=self.guard.gateway_token,
            programs=programs,
            warn=self.journal.warn,
            authority=Authority(folder / "certificates"),
            emulator=self.emulator,
            admission=self.admission,
        )
        self.instances = Instances(machine, lambda: [*self.caches.running.values(), *self.databases.reachable()])
        self.caches = Caches(machine, self.instances.refresh)
        self.databases = Databases(machine, self.instances.refresh)
        quotas_api.QuotasApi(self.emulator).register()
        self.publisher = Publisher(self.emulator, lambda: list(self.caches.running.values()))
        self._register()
        run_command.register(self.instances)
        self.instances.start()
        self.publisher.start()

    def stop(self) -> None:
        """Stop the metrics, the instances, the caches and the databases."""
        self.publisher.stop()
        self.instances.stop()
        self.caches.stop()
        self.databases.stop()

    def _register(self) -> None:
        """Add the handlers to the emulator."""
        handlers, caches, instances = self.emulator.provisioners._RESOURCE_HANDLERS, self.caches, self.instances
        for kind in RECORDS:
            handlers[kind] = {"create": _record, "update": _unchanged, "delete": lambda id, props: None}
        for kind, direction in (
            ("AWS::EC2::SecurityGroupIngress", "IpPermissions"),
            ("AWS::EC2::SecurityGroupEgress", "IpPermissionsEgress"),
        ):
            handlers[kind] = instances.rules(direction)
        handlers["AWS::EC2::Instance"] = {
            "create": instances.create,
            "update": instances.update,
            "delete": instances.delete,
        }
        handlers["AWS::ElastiCache::ReplicationGroup"] = {
            "create": caches.create_replication_group,
            "update": caches.update_replication_group,
            "update_with_logical_id": True,
            "delete": caches.delete,
            "snapshot": caches.snapshot,
        }
        handlers["AWS::ElastiCache::CacheCluster"] = {
            "create": caches.create_cache_cluster,
            "update": caches.update_cache_cluster,
            "update_with_logical_id": True,
            "delete": caches.delete,
        }
        handlers["AWS::ElastiCache::ServerlessCache"] = {
            "create": caches.create_serverless_cache,
            "update": caches.update_serverless_cache,
            "delete": caches.delete,
            "snapshot": caches.snapshot,
        }
        global_datastores = caches.global_datastores
        handlers["AWS::ElastiCache::GlobalReplicationGroup"] = {
            "create": global_datastores.create,
            "update": global_datastores.update,
            "delete": global_datastores.delete,
        }
        for kind, name in (("AWS::ElastiCache::User", "UserId"), ("AWS::ElastiCache::UserGroup", "UserGroupId")):
            handlers[kind] = {
                **handlers[kind],
                **{verb: caches.recorded(handlers[kind][verb], name) for verb in ("create", "update")},
            }
        vpc = handlers["AWS::EC2::VPC"]
        handlers["AWS::EC2::VPC"] = {**vpc, "create": _with_cidr(vpc["create"])}
        handlers["AWS::SecretsManager::Secret"] = _by_arn(handlers["AWS::SecretsManager::Secret"])
        self.databases.register(handlers)
        self.emulator.rds.handle_request = DatabaseApi(self.databases, self.emulator.rds.handle_request).handle
        service = self.emulator.elasticache
        service.handle_request = Api(self.emulator, caches, service.handle_request).handle
        for module in (self.emulator.stacks, self.emulator.changesets, self.emulator.handlers):
            module._add_event = self.journal.recording(self.emulator, module._add_event)
        engine = self.emulator.engine
        engine._resolve_refs = _in_its_region(self.emulator, engine._resolve_refs)
        blocks = self.emulator.stacks._runs_on_worker_thread
        self.emulator.stacks._runs_on_worker_thread = lambda kind: blocks(kind) or kind in _OWN_THREADS


def _record(logical_id: str, props: dict[str, Any], stack: str) -> Any:
    id = f"{stack}-{logical_id}-{uuid.uuid4().hex[:6]}"
    return id, {"AllocationId": f"eipalloc-{uuid.uuid4().hex[:17]}", "PublicIp": "192.0.2.1", "Id": id}


def _unchanged(id: str, old: dict[str, Any], new: dict[str, Any], stack: str) -> Any:
    return id, {}


def _with_cidr(create: Callable[..., Any]) -> Callable[..., Any]:
    """Add the attribute CidrBlock, which the emulator's VPC lacks."""

    def handler(logical_id: str, props: dict[str, Any], stack: str) -> Any:
        id, attributes = create(logical_id, props, stack)
        return id, {"CidrBlock": props.get("CidrBlock", ""), **attributes}

    return handler


def _in_its_region(emulator: Emulator, resolve: Callable[..., Any]) -> Callable[..., Any]:
    """Look for the output of another region's stack in that region; the emulator looks in the current region."""

    def resolved(value: Any, *more: Any, **named: Any) -> Any:
        wanted = value.get("Fn::GetStackOutput") if isinstance(value, dict) else None
        account, region = emulator.account_and_region
        if not isinstance(wanted, dict) or wanted.get("Region", region) == region:
            return resolve(value, *more, **named)
        with emulator.inside(account, str(wanted["Region"])):
            return resolve(value, *more, **named)

    return resolved


def _by_arn(handlers: dict[str, Any]) -> dict[str, Any]:
    """Let `Ref` return the ARN of a secret; the emulator returns its name, which matches no policy."""

    def create(logical_id: str, props: dict[str, Any], stack: str) -> Any:
        _, attributes = handlers["create"](logical_id, props, stack)
        return attributes["Arn"], attributes

    def update(id: str, *more: Any) -> Any:
        _, attributes = handlers["update"](_secret_name(id), *more)
        return attributes.get("Arn", id), attributes

    def delete(id: str, props: dict[str, Any]) -> None:
        handlers["delete"](_secret_name(id), props)

    return {**handlers, "create": create, "update": update, "delete": delete}


def _secret_name(arn: str) -> str:
    return arn.rpartition(":secret:")[2].rpartition("-")[0]


def main() -> None:
    """Serve until SIGTERM."""
    folder, port = Path(sys.argv[1]), int(sys.argv[2])
    # Only this user may read keys, certificates and consoles.
    os.umask(0o077)
    os.environ.update(
        GATEWAY_PORT=str(port),
        BIND_HOST="127.0.0.1",
        MINISTACK_HOST="127.0.0.1",
        SERVICES=",".join(set(SERVICES) - {quotas_api.SERVICE}),
        IOT_MTLS_ENABLED="0",
        SFTP_ENABLED="0",
        # Without this, the emulator would remove containers of this machine that have its label.
        DOCKER_HOST=f"unix://{folder}/no-docker",
        TMPDIR=str(folder / "tmp"),
    )
    (folder / "tmp").mkdir(exist_ok=True)
    cloud = LocalCloud(folder, port, Programs.read(folder / "programs.json"))

    def end(number: int, frame: object) -> None:
        cloud.stop()
        os._exit(0)

    signal.signal(signal.SIGTERM, end)
    # The emulator parses the command line too.
    sys.argv = sys.argv[:1]
    try:
        cloud.emulator.app.main()
    finally:
        cloud.stop()


if __name__ == "__main__":
    main()
