"""The handlers of the RDS resources: each DB instance or DB cluster becomes a PostgreSQL server.

The handlers of the emulator keep the records and the attributes, and start no server.
"""

import datetime
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Final

from local_cloud.database.servers import Server
from local_cloud.database.settings import Master
from local_cloud.identity import may
from local_cloud.machine import Machine
from local_cloud.tokens import TokenError, verify

Props = Mapping[str, Any]
Handler = Callable[..., Any]
INSTANCE: Final = "AWS::RDS::DBInstance"
CLUSTER: Final = "AWS::RDS::DBCluster"
_ENGINES: Final = {INSTANCE: ("postgres", "aurora-postgresql"), CLUSTER: ("aurora-postgresql",)}
_IDENTIFIER: Final = {INSTANCE: "DBInstanceIdentifier", CLUSTER: "DBClusterIdentifier"}
_GROUPS: Final = {INSTANCE: "VPCSecurityGroups", CLUSTER: "VpcSecurityGroupIds"}
_PARAMETERS: Final = {INSTANCE: "DBParameterGroupName", CLUSTER: "DBClusterParameterGroupName"}
_DATABASE: Final = {INSTANCE: "DBName", CLUSTER: "DatabaseName"}
_SNAPSHOT: Final = {INSTANCE: "DBSnapshotIdentifier", CLUSTER: "SnapshotIdentifier"}
_WHAT: Final = {INSTANCE: "DB Instance", CLUSTER: "Cluster"}
_IAM_MASTER: Final = "iam-db-auth"


class Databases:
    """All databases of a run.

    :param addresses_changed: called after the address behind an endpoint has changed.
    """

    def __init__(self, machine: Machine, addresses_changed: Callable[[], None]) -> None:
        self.machine, self.emulator, self.addresses_changed = machine, machine.emulator, addresses_changed
        self.running: dict[tuple[str, str, str], Server] = {}
        self._parameters: dict[tuple[str, str], Mapping[str, str]] = {}
        self._records: dict[str, Mapping[str, Handler]] = {}

    def stop(self) -> None:
        """Stop every server."""
        for server in list(self.running.values()):
            server.stop()

    def reachable(self) -> list[Server]:
        """The servers to which instances can connect."""
        return list(self.running.values())

    def server(self, kind: str, id: str) -> Server | None:
        """The server of a DB instance or cluster in the region of this thread; None for a member of a cluster."""
        return self.running.get(self._key(kind, id))

    def record(self, kind: str, id: str) -> dict[str, Any] | None:
        """The emulator's record of a DB instance or cluster in the region of this thread."""
        rds = self.emulator.rds
        record: dict[str, Any] | None = (rds._instances if kind == INSTANCE else rds._clusters).get(id)
        return record

    def register(self, handlers: dict[str, Any]) -> None:
        """Wrap the handlers of the emulator."""
        for kind in (INSTANCE, CLUSTER):
            self._records[kind] = handlers[kind]
            handlers[kind] = {
                "create": self._for(kind, self._create),
                "update": self._for(kind, self._update),
                "update_with_logical_id": True,
                "delete": self._for(kind, self._delete),
                "snapshot": self._for(kind, self._snapshot),
            }
        for kind in ("AWS::RDS::DBParameterGroup", "AWS::RDS::DBClusterParameterGroup"):
            original = handlers[kind]
            wrapped = {verb: self._recorded(original[verb]) for verb in ("create", "update")}
            handlers[kind] = {**original, **wrapped}

    @staticmethod
    def _for(kind: str, handler: Handler) -> Handler:
        return lambda *more: handler(kind, *more)

    def _recorded(self, handler: Handler) -> Handler:
        """Wrap a handler of parameter groups: record the parameters, and configure the servers of the group."""

        def wrapped(first: str, *more: Any) -> Any:
            result = handler(first, *more)
            # An update has the old properties before the new ones.
            props = [argument for argument in more if isinstance(argument, Mapping)][-1]
            region, name = self.emulator.region, str(result[0])
            given = props.get("Parameters") or {}
            old = self._parameters.get((region, name))
            new = {
                str(key): str(value).lower() if isinstance(value, bool) else str(value) for key, value in given.items()
            }
            self._parameters[region, name] = new
            for server in self.running.values():
                if server.region == region and server.parameters is old:
                    server.parameters = new
                    server.configure()
                    server.reload()
            return result

        return wrapped

    # The handlers. `_create` returns the physical id and the attributes.

    def _create(self, kind: str, logical_id: str, props: Props, stack: str) -> Any:
        given = props.get(_IDENTIFIER[kind])
        # A generated name ends with a random part, as those of CloudFormation do.
        id = str(given or f"{f'{stack}-{logical_id}'[:50].rstrip('-')}-{uuid.uuid4().hex[:6]}").lower()
        if props.get("Engine") not in _ENGINES[kind]:
            allowed = " or ".join(_ENGINES[kind])
            raise ValueError(
                f"Engine of {logical_id} must be {allowed} in the local cloud, got {props.get('Engine')!r}"
            )
        record = self._records[kind]
        _, attributes = record["create"](logical_id, {**props, _IDENTIFIER[kind]: id}, stack)
        try:
            if kind == INSTANCE and props.get("DBClusterIdentifier"):
                self._add_member(str(props["DBClusterIdentifier"]), id, attributes)
            else:
                self._start(kind, id, props, attributes)
        except BaseException:
            record["delete"](id, props)
            raise
        self.addresses_changed()
        return id, attributes

    def _start(self, kind: str, id: str, props: Props, attributes: Mapping[str, str]) -> None:
        account, region = self.emulator.account_and_region
        names = [attributes["Endpoint.Address"], attributes.get("ReadEndpoint.Address", "")]
        snapshot = props.get(_SNAPSHOT[kind])
        folder = self.machine.folder / "database-snapshots" / str(snapshot)
        if snapshot and not folder.is_dir():
            raise ValueError(f"{'DBSnapshot' if kind == INSTANCE else 'DBClusterSnapshot'} not found: {snapshot}")
        master = None if snapshot else _master(kind, props)
        server = Server(
            id=id,
            account=account,
            region=region,
            resource_id=attributes.get("DbiResourceId") or attributes["DBClusterResourceId"],
            programs=self.machine.programs,
            home=self.machine.folder / "databases" / f"{id}-{uuid.uuid4().hex[:6]}",
            port=int(attributes["Endpoint.Port"]),
            names=tuple(name for name in names if name),
            members={} if kind == CLUSTER else None,
            security_groups=_groups(kind, props),
            iam=_true(props.get("EnableIAMDatabaseAuthentication")),
            parameters=self._parameters_of(kind, props),
            accepts_token=self._accepts,
        )
        if master is None:
            server.restore(folder, self.machine.authority)
        else:
            server.create(master, self.machine.authority)
        self.running[self._key(kind, id)] = server

    def _add_member(self, cluster: str, id: str, attributes: Mapping[str, str]) -> None:
        server = self.server(CLUSTER, cluster)
        if server is None or server.members is None:
            raise ValueError(f"DBCluster {cluster} not found")
        server.members[id] = attributes["Endpoint.Address"]
        server.certify(self.machine.authority)
        server.reload()

    def _update(self, kind: str, id: str, *changed: Any) -> Any:
        old, new, stack, logical_id = changed
        identifier = _IDENTIFIER[kind]
        if old.get(identifier) != new.get(identifier) or self.emulator.provisioners._requires_replacement(
            kind, old, new
        ):
            # The emulator deletes the old one afterwards, but takes no snapshot of it.
            self._snapshot(kind, id, old)
            return self._create(kind, logical_id, new, stack)
        # The id can be a generated one, which the properties do not have.
        with_id = {**old, identifier: id}, {**new, identifier: id}
        _, attributes = self._records[kind]["update"](id, *with_id, stack, logical_id)
        server = self.server(kind, id)
        if server is not None:
            server.security_groups = _groups(kind, new)
            server.iam = _true(new.get("EnableIAMDatabaseAuthentication"))
            server.parameters = self._parameters_of(kind, new)
            server.configure()
            server.reload()
            password = new.get("MasterUserPassword")
            if password is not None and password != old.get("MasterUserPassword"):
                server.set_password(str(new["MasterUsername"]), str(password))
            server.change_port(int(attributes["Endpoint.Port"]))
        self.addresses_changed()
        return id, attributes

    def _delete(self, kind: str, id: str, props: Props) -> None:
        if self._protected(kind, id):
            raise ValueError(
                f"Cannot delete protected {_WHAT[kind]}, please disable deletion protection and try again."
            )
        self._records[kind]["delete"](id, props)
        server = self.running.pop(self._key(kind, id), None)
        if server is not None:
            server.remove()
        for other in self.running.values():
            if other.members:
                other.members.pop(id, None)
        self.addresses_changed()

    def _snapshot(self, kind: str, id: str, props: Props) -> None:
        """Save the data of a database that is deleted; DescribeDBSnapshots lists the snapshot."""
        server = self.server(kind, id)
        if server is None or self._protected(kind, id):
            return
        name, rds = f"{id}-final-snapshot", self.emulator.rds
        server.snapshot(self.machine.folder / "database-snapshots" / name)
        if kind == INSTANCE:
            rds._create_snapshot_internal(name, self.record(kind, id))
        else:
            rds._create_cluster_snapshot_internal(name, self.record(kind, id))

    def _protected(self, kind: str, id: str) -> bool:
        """Whether deletion protection is on, in the template or by a later ModifyDBInstance."""
        return _true((self.record(kind, id) or {}).get("DeletionProtection"))

    # IAM authentication.

    def _accepts(self, server: Server, user: str, token: str) -> bool:
        """Whether a token of a user is valid now; the reason of a refusal is written to the emulator's log."""
        try:
            self._verify(server, user, token)
        except TokenError as problem:
            print(f"admission: the token of user {user!r} of {server.id} is refused: {problem}", flush=True)
            return False
        return True

    def _verify(self, server: Server, user: str, text: str) -> None:
        now = datetime.datetime.now(datetime.UTC)
        identities = list(self.machine.admission.identities)
        token = verify(text, service="rds-db", region=server.region, identities=identities, now=now)
        hosts = [f"{name}:{server.port}" for name in server.endpoints]
        expected = {"Action": "connect", "DBUser": user}
        if token.host not in hosts or token.parameters != expected:
            parameters = dict(token.parameters)
            raise TokenError(f"it must be for one of {hosts} and {expected}, got {token.host} and {parameters}")
        resource = f"arn:aws:rds-db:{server.region}:{server.account}:dbuser:{server.resource_id}/{user}"
        if not may(self.emulator, token.identity, "rds-db:connect", resource):
            raise TokenError(f"the policies of role {token.identity.role} do not allow rds-db:connect on {resource}")

    def _parameters_of(self, kind: str, props: Props) -> Mapping[str, str]:
        name = str(props.get(_PARAMETERS[kind]) or "")
        return self._parameters.setdefault((self.emulator.region, name), {})

    def _key(self, kind: str, id: str) -> tuple[str, str, str]:
        return self.emulator.region, kind, id


def _master(kind: str, props: Props) -> Master:
    iam = props.get("MasterUserAuthenticationType") == _IAM_MASTER
    password = props.get("MasterUserPassword")
    if iam and not _true(props.get("EnableIAMDatabaseAuthentication")):
        raise ValueError(f"MasterUserAuthenticationType {_IAM_MASTER} requires EnableIAMDatabaseAuthentication true")
    if iam and (password is not None or _true(props.get("ManageMasterUserPassword"))):
        raise ValueError(
            f"MasterUserAuthenticationType {_IAM_MASTER} cannot have MasterUserPassword or ManageMasterUserPassword"
        )
    return Master(
        user=str(props.get("MasterUsername") or ""),
        password=None if password is None else str(password),
        iam=iam,
        database=str(props.get(_DATABASE[kind]) or ""),
    )


def _groups(kind: str, props: Props) -> tuple[str, ...]:
    return tuple(map(str, props.get(_GROUPS[kind]) or ()))


def _true(value: Any) -> bool:
    return str(value).lower() == "true"
