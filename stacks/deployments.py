"""What can be deployed: by name, and overridden field by field from the context."""

import typing
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, Final

from stacks.context_values import LONGEST, parse, shown
from stacks.deployment import FIELDS, Deployment

DEFAULT: Final = "cluster-mode-disabled"
DEPLOYMENT_KEY: Final = "deployment"

DEPLOYMENTS: Final[Mapping[str, Deployment]] = {
    deployment.name: deployment
    for deployment in (
        Deployment(name="cluster-mode-disabled"),
        Deployment(name="cluster-mode-enabled", cluster_mode="enabled", shards=3),
        Deployment(name="memcached", kind="memcached", engine="memcached", access="none", port=11211),
        Deployment(name="serverless", kind="serverless", engine="valkey"),
        Deployment(
            name="global-datastore",
            kind="global-datastore",
            regions=("us-east-1", "eu-west-1"),
            node_type="cache.m7g.large",
        ),
    )
}

_FIELD_TYPES: Final = {name: kind for name, kind in typing.get_type_hints(Deployment).items() if name != "name"}
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
    valid = FIELDS[chosen.kind]
    unknown = sorted(set(own) - valid - also_valid)
    if unknown:
        raise ValueError(
            f"context: key must be one of {', '.join(sorted({DEPLOYMENT_KEY, *valid, *also_valid}))} for {name}, "
            f"got {', '.join(map(_shown_key, unknown))}; correct the -c option"
        )
    values: dict[str, Any] = {key: parse(key, value, _FIELD_TYPES[key]) for key, value in own.items() if key in valid}
    if chosen.kind == "serverless" and values.get("engine") == "memcached":
        values.setdefault("access", "none")
    preset = values.get("preset")
    if preset is not None:
        # The engine decides what a preset can choose, and what is said by hand counts most.
        engine = {key: values[key] for key in ("engine", "engine_version") if key in values}
        values = {**replace(chosen, **engine).preset_fields(preset), **values}
    return replace(chosen, **values)


def field_names(name: str = DEFAULT) -> tuple[str, ...]:
    """The fields of a deployment that the context can override."""
    valid = FIELDS[DEPLOYMENTS[name].kind]
    return tuple(each.name for each in fields(Deployment) if each.name in valid)


def _is_foreign(key: str) -> bool:
    return key in _FOREIGN_KEYS or any(mark in key for mark in "@:/")


def _shown_key(key: str) -> str:
    return key if key.isprintable() and len(key) <= LONGEST else shown(key)
