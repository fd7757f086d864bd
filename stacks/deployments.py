"""What can be deployed: named, typed, and overridden field by field from the context."""

import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final, Literal, get_args, get_origin

from constructs_lib import Access, Backup, ClusterMode, EngineVersion, NodeType

DEFAULT: Final = "cluster-mode-disabled"
DEPLOYMENT_KEY: Final = "deployment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """One cache with its network and its client; each field can be overridden with `-c field=value`.

    :param name: what `-c deployment=` chooses it by.
    :param cluster_mode: disabled, enabled or compatible.
    :param engine: redis or valkey.
    :param engine_version: such as 7.1. Default: 7.1 for redis, the newest for valkey.
    :param node_type: the size of each node.
    :param shards: 1 to 500; 1 without cluster mode.
    :param replicas: 0 to 5 in each shard.
    :param multi_az: whether a shard's nodes sit in different zones. Default: where there is a replica.
    :param access: iam, auth-token or none.
    :param port: 1150 to 65535, not 8005.
    :param backup_retention_days: 0 to 35.
    :param snapshot_window: daily, `hh24:mi-hh24:mi` in UTC. Default: the service chooses.
    :param maintenance_window: weekly, `ddd:hh24:mi-ddd:hh24:mi` in UTC. Default: the service chooses.
    :param customer_managed_key: whether data is encrypted at rest with a KMS key of its own, about 1 USD a month.
    :param termination_protection: whether the cache's stack refuses to be deleted.
    :param region: where to deploy. Default: the CLI's.
    :param account: where to deploy. Default: the CLI's.
    :param availability_zone_count: 2 or 3, of a new VPC.
    :param instance_connect_endpoint: whether the new VPC has an EC2 Instance Connect Endpoint.
    :param ssm_endpoints: whether the new VPC has the endpoints of Session Manager.
    :param vpc_id: an existing VPC, instead of a new one; with subnet_ids and availability_zones.
    :param subnet_ids: its subnets, comma-separated.
    :param availability_zones: their zones, in the same order.
    :param instance_type: of the client.
    :param on_failure: whether a failed connection test fails the stack: fail or report.
    """

    name: str
    cluster_mode: Literal["disabled", "enabled", "compatible"] = "disabled"
    engine: Literal["redis", "valkey"] = "redis"
    engine_version: str | None = None
    node_type: str = "cache.t4g.micro"
    shards: int = 1
    replicas: int = 1
    multi_az: bool | None = None
    access: Literal["iam", "auth-token", "none"] = "iam"
    port: int = 6379
    backup_retention_days: int = 15
    snapshot_window: str | None = None
    maintenance_window: str | None = None
    customer_managed_key: bool = False
    termination_protection: bool = False
    region: str | None = None
    account: str | None = None
    availability_zone_count: int = 2
    instance_connect_endpoint: bool = False
    ssm_endpoints: bool = False
    vpc_id: str | None = None
    subnet_ids: tuple[str, ...] = ()
    availability_zones: tuple[str, ...] = ()
    instance_type: str = "t4g.nano"
    on_failure: Literal["fail", "report"] = "fail"

    def __post_init__(self) -> None:
        """Refuse fields that contradict each other.

        :raises ValueError: naming the field, the rule, the value and the fix.
        """
        if self.cluster_mode != "enabled" and self.shards != 1:
            raise ValueError(
                f"{self.name}: shards must be 1 with cluster mode {self.cluster_mode}, got {self.shards}; "
                "choose -c deployment=cluster-mode-enabled"
            )
        existing = (self.vpc_id is not None, bool(self.subnet_ids), bool(self.availability_zones))
        if any(existing) and not all(existing):
            raise ValueError(
                f"{self.name}: vpc_id, subnet_ids and availability_zones must be given together, got "
                f"vpc_id={self.vpc_id}, subnet_ids={','.join(self.subnet_ids)}, "
                f"availability_zones={','.join(self.availability_zones)}; add what is missing"
            )
        if len(self.subnet_ids) != len(self.availability_zones):
            raise ValueError(
                f"{self.name}: availability_zones must name one zone for each subnet, got "
                f"{len(self.availability_zones)} for {len(self.subnet_ids)} subnets; list them in the same order"
            )

    @property
    def stack_prefix(self) -> str:
        """What its stacks' names begin with: ClusterModeDisabled."""
        return "".join(word.capitalize() for word in self.name.split("-"))

    def engine_version_value(self) -> EngineVersion:
        """The engine and its version."""
        if self.engine_version is not None:
            return EngineVersion.of(self.engine, self.engine_version)
        return EngineVersion.REDIS_7_1 if self.engine == "redis" else EngineVersion.latest(self.engine)

    def cluster_mode_value(self) -> ClusterMode:
        """The layout."""
        if self.cluster_mode == "enabled":
            return ClusterMode.enabled(shards=self.shards, replicas_per_shard=self.replicas)
        if self.cluster_mode == "compatible":
            return ClusterMode.compatible(replicas=self.replicas)
        return ClusterMode.disabled(replicas=self.replicas)

    def access_value(self) -> Access:
        """How clients authenticate."""
        if self.access == "auth-token":
            return Access.auth_token()
        return Access.iam() if self.access == "iam" else Access.none()

    def backup_value(self) -> Backup:
        """Automatic snapshots."""
        return Backup(retention_days=self.backup_retention_days, window=self.snapshot_window)

    def node_type_value(self) -> NodeType:
        """The size of each node."""
        return NodeType.of(self.node_type)


DEPLOYMENTS: Final[Mapping[str, Deployment]] = {
    deployment.name: deployment
    for deployment in (
        Deployment(name="cluster-mode-disabled"),
        Deployment(name="cluster-mode-enabled", cluster_mode="enabled", shards=3),
    )
}

_FIELD_TYPES: Final = {name: kind for name, kind in typing.get_type_hints(Deployment).items() if name != "name"}
# What the CLI and other tools put into the context by themselves.
_FOREIGN_KEYS: Final = frozenset({"acknowledged-issue-numbers", "cli-telemetry"})


def choose(context: Mapping[str, object], *, also_valid: frozenset[str] = frozenset()) -> Deployment:
    """The deployment that the context names, with the fields that it overrides.

    :param context: the app's context; what holds `@`, `:` or `/` is CDK's own and left alone.
    :param also_valid: keys that somebody else reads.
    :raises ValueError: for a name, key or value that is not valid, with those that are.
    """
    own = {key: value for key, value in context.items() if not _is_foreign(key)}
    name = str(own.pop(DEPLOYMENT_KEY, DEFAULT))
    if name not in DEPLOYMENTS:
        raise ValueError(
            f"context: deployment must be one of {', '.join(DEPLOYMENTS)}, got {name!r}; choose one of them"
        )
    unknown = sorted(set(own) - set(_FIELD_TYPES) - also_valid)
    if unknown:
        raise ValueError(
            f"context: key must be one of {', '.join(sorted({DEPLOYMENT_KEY, *_FIELD_TYPES, *also_valid}))}, "
            f"got {', '.join(unknown)}; correct the -c option"
        )
    values: dict[str, Any] = {
        key: _parse(key, value, _FIELD_TYPES[key]) for key, value in own.items() if key in _FIELD_TYPES
    }
    return replace(DEPLOYMENTS[name], **values)


def field_names() -> tuple[str, ...]:
    """The fields that the context can override."""
    return tuple(each.name for each in fields(Deployment) if each.name != "name")


def parse_bool(key: str, value: object) -> bool:
    """True and false, as JSON or as text.

    :raises ValueError: for anything else.
    """
    text = str(value).lower()
    if text not in ("true", "false"):
        raise ValueError(f"context: {key} must be true or false, got {value!r}; correct the -c option")
    return text == "true"


def _is_foreign(key: str) -> bool:
    return key in _FOREIGN_KEYS or any(mark in key for mark in "@:/")


def _parse(key: str, value: object, kind: Any) -> object:
    if get_origin(kind) in (typing.Union, types.UnionType):
        kind = next(each for each in get_args(kind) if each is not types.NoneType)
    if get_origin(kind) is Literal:
        if str(value) not in get_args(kind):
            raise ValueError(
                f"context: {key} must be one of {', '.join(get_args(kind))}, got {value!r}; choose one of them"
            )
        return str(value)
    if kind is bool:
        return parse_bool(key, value)
    if kind is int:
        if isinstance(value, bool) or not str(value).lstrip("-").isdecimal():
            raise ValueError(f"context: {key} must be an integer, got {value!r}; correct the -c option")
        return int(str(value))
    if get_origin(kind) is tuple:
        return tuple(part.strip() for part in str(value).split(",") if part.strip())
    return str(value)
