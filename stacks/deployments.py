"""The deployments by name, and the selection of one with overrides from the context."""

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

# Keys that the CLI and other tools add to the context.
_FOREIGN_KEYS: Final = frozenset({"acknowledged-issue-numbers", "cli-telemetry"})


def choose(context: Mapping[str, object], *, also_valid: frozenset[str] = frozenset()) -> Deployment:
    """The deployment that the context selects, with the values of a preset and of other keys applied.

    :param context: the context of the app. Keys with `@`, `:` or `/` belong to CDK and are ignored.
    :param also_valid: keys that are read in other places.
    :raises ValueError: for an invalid name, key or value.
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
    """The values, with the values of the selected preset as defaults."""
    preset = values.get("preset")
    if preset is None:
        return values
    # The settings of a preset depend on the kinds of the cache and the database, and on the engine.
    kinds = {key: values[key] for key in ("cache", "database", "engine", "engine_version") if key in values}
    return {**replace(chosen, **kinds).preset_fields(preset), **values}


@cache
def field_types(kind: type[Deployment]) -> Mapping[str, Any]:
    """The context keys of a kind of deployment, with their types."""
    hints = typing.get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind) if field.name != "name"}


def _is_foreign(key: str) -> bool:
    return key in _FOREIGN_KEYS or any(mark in key for mark in "@:/")


def _shown_key(key: str) -> str:
    return key if key.isprintable() and len(key) <= LONGEST else shown(key)
