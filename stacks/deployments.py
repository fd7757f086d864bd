"""What can be deployed: by name, and overridden field by field from the context."""

import typing
from collections.abc import Mapping
from dataclasses import fields, replace
from functools import cache
from typing import Any, Final

from stacks.context_values import LONGEST, parse, shown
from stacks.deployment import Deployment
from stacks.global_datastore import GlobalDatastoreDeployment
from stacks.memcached import MemcachedDeployment
from stacks.placed import PlacedDeployment
from stacks.rds_behind_cache import RdsBehindCacheDeployment
from stacks.replication_group import ReplicationGroupDeployment
from stacks.serverless import ServerlessDeployment

DEFAULT: Final = "cluster-mode-disabled"
DEPLOYMENT_KEY: Final = "deployment"

DEPLOYMENTS: Final[Mapping[str, Deployment]] = {
    deployment.name: deployment
    for deployment in (
        ReplicationGroupDeployment(name="cluster-mode-disabled"),
        ReplicationGroupDeployment(name="cluster-mode-enabled", cluster_mode="enabled", shards=3),
        MemcachedDeployment(name="memcached"),
        ServerlessDeployment(name="serverless"),
        GlobalDatastoreDeployment(name="global-datastore"),
        RdsBehindCacheDeployment(name="rds-behind-cache"),
    )
}

# What the CLI and other tools put into the context by themselves.
_FOREIGN_KEYS: Final = frozenset({"acknowledged-issue-numbers", "cli-telemetry"})


def choose(context: Mapping[str, object], *, also_valid: frozenset[str] = frozenset()) -> Deployment:
    """The deployment that the context names, with the preset and then the fields that it overrides.

    :param context: the app's context; what holds `@`, `:` or `/` is CDK's own and left alone.
    :param also_valid: keys that somebody else reads.
    :raises ValueError: for a name, key or value that is not valid, with those that are.
    """
    own = {key: value for key, value in context.items() if not _is_foreign(key)}
    name = own.pop(DEPLOYMENT_KEY, DEFAULT)
    if not isinstance(name, str) or name not in DEPLOYMENTS:
        raise ValueError(
            f"context: deployment must be one of {', '.join(DEPLOYMENTS)}, got {shown(name)}; choose one of them"
        )
    chosen = DEPLOYMENTS[name]
    types = field_types(type(chosen))
    unknown = sorted(set(own) - set(types) - also_valid)
    if unknown:
        raise ValueError(
            f"context: key must be one of {', '.join(sorted({DEPLOYMENT_KEY, *types, *also_valid}))} for {name}, "
            f"got {', '.join(map(_shown_key, unknown))}; correct the -c option"
        )
    values: dict[str, Any] = {key: parse(key, value, types[key]) for key, value in own.items() if key in types}
    if isinstance(chosen, PlacedDeployment):
        values = _with_preset(chosen, {**chosen.implied(values), **values})
    return replace(chosen, **values)


def _with_preset(chosen: PlacedDeployment, values: dict[str, Any]) -> dict[str, Any]:
    """The values, and below them those of the preset that they name."""
    preset = values.get("preset")
    if preset is None:
        return values
    # The kinds and the engine decide what a preset can choose.
    kinds = {key: values[key] for key in ("cache", "database", "engine", "engine_version") if key in values}
    return {**replace(chosen, **kinds).preset_fields(preset), **values}


@cache
def field_types(kind: type[Deployment]) -> Mapping[str, Any]:
    """The keys of the context that override a field of this kind, and the type of each."""
    hints = typing.get_type_hints(kind)
    return {each.name: hints[each.name] for each in fields(kind) if each.name != "name"}


def _is_foreign(key: str) -> bool:
    return key in _FOREIGN_KEYS or any(mark in key for mark in "@:/")


def _shown_key(key: str) -> str:
    return key if key.isprintable() and len(key) <= LONGEST else shown(key)
