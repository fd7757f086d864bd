"""ElastiCache's offerings and limits as data; every file names its source and the date it was read."""

import json
import re
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

_Json = dict[str, Any]
# Relative to this file: importing importlib.resources takes longer than running all rules.
_FOLDER: Final = Path(__file__).parent
_REGION: Final = re.compile(r"[a-z]{2,4}(-[a-z]{2,12}){1,3}-[0-9]{1,2}")
_VERSIONS: Final = 256
"""The number of results that are kept of a function of a version, which a template may write in any number of ways."""
_VERSION: Final = re.compile(r"[0-9]{1,4}(\.([0-9]{1,4}|x)){0,3}")


@cache
def load(name: str) -> _Json:
    """The facts in `NAME.json`, parsed once.

    :param name: the file name without its extension.
    """
    facts: _Json = json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return facts


def engine_versions(engine: str) -> tuple[str, ...]:
    """The versions of an engine that the service offers, oldest first; empty for an unknown engine."""
    return tuple(load("engines")["versions"].get(engine, ()))


def families(engine: str) -> tuple[str, ...]:
    """The parameter group families of an engine, oldest first."""
    return tuple(load("engines")["families"].get(engine, ()))


@cache
def all_families() -> tuple[str, ...]:
    """Every parameter group family, of every engine."""
    return tuple(name for names in load("engines")["families"].values() for name in names)


@lru_cache(maxsize=_VERSIONS)
def family_of(engine: str, version: str) -> str:
    """The parameter group family that a version needs: redis 7.1 -> redis7, valkey 8.2 -> valkey8.

    An unknown version follows the naming of its engine's newest versions.
    Source: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html
    """
    major, _, rest = version.partition(".")
    if engine == "redis" and major == "6":
        return "redis6.x"
    if engine == "memcached" or (engine == "redis" and version_key(major) < (6,)):
        return f"{engine}{major}.{rest.partition('.')[0]}"
    return f"{engine}{major}"


@lru_cache(maxsize=_VERSIONS)
def version_key(version: str) -> tuple[int, ...]:
    """A version as numbers, for comparison: "7.1" -> (7, 1), "6.x" -> (6, 99)."""
    return tuple(int(part) if is_version(part) else 99 for part in version.split("."))


def is_version(text: str) -> bool:
    """Whether a text has the form of an engine version: "7", "7.1", "5.0.6" or "6.x", with at most 4 digits a part."""
    return _VERSION.fullmatch(text) is not None


def minimum_version(feature: str, engine: str) -> str | None:
    """The first version of an engine that has a feature; None if no version has it."""
    first: str | None = _minimum()[feature].get(engine)
    return first


@cache
def _minimum() -> _Json:
    """The first versions of all features, by feature and engine."""
    return {**load("engines")["minimum"], **load("features")["minimum"]}


@lru_cache(maxsize=_VERSIONS)
def has_feature(feature: str, engine: str, version: str) -> bool:
    """Whether a version of an engine has a feature; also True for an unknown version, which is a separate error."""
    first = minimum_version(feature, engine)
    if first is None:
        return False
    offered = engine_versions(engine)
    never = bool(offered) and version not in offered and version_key(version) < version_key(offered[0])
    return never or version_key(version) >= version_key(first)


def limit(name: str, bound: str) -> int:
    """One bound of `limits.json`, such as 500 for the `max` of `shards`."""
    value: int = load("limits")[name][bound]
    return value


@cache
def node_types(region: str | None = None) -> frozenset[str]:
    """The node types of a region; all node types without a region or for an unknown one."""
    facts = load("node_types")
    return frozenset(facts["types"]) - frozenset(facts["missing_by_region"].get(region, ()))


@cache
def is_everywhere(node_type: str) -> bool:
    """Whether every region has this node type."""
    facts = load("node_types")
    return node_type in facts["types"] and not any(
        node_type in missing for missing in facts["missing_by_region"].values()
    )


def is_region(text: str) -> bool:
    """Whether a text has the form of a region's name, including unknown regions."""
    return _REGION.fullmatch(text) is not None


def maximum_connections(node_type: str) -> int:
    """The maximum number of clients of a redis or valkey node: maxclients, which is lower on small nodes.

    An unknown node type has the default of most nodes.

    Source: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html
    """
    capacity = load("node_capacity")
    most: int = capacity["types"].get(node_type, {}).get("maxclients", capacity["maxclients_default"])
    return most


@cache
def regions() -> tuple[str, ...]:
    """The regions that have ElastiCache, sorted."""
    return tuple(sorted(load("node_types")["missing_by_region"]))


def knows_region(region: str) -> bool:
    """Whether the node types of this region are known."""
    return region in load("node_types")["missing_by_region"]
