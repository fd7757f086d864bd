"""The flags of `capacity`, and the workload that they describe."""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from elasticache_operations.capacity import quantities
from elasticache_operations.capacity.engines import EngineVersion, offered
from elasticache_operations.capacity.plan import MOST_NODES, Limits, Workload
from elasticache_operations.capacity.quantities import Growth
from elasticache_operations.capacity.result import NEWEST, Request, default_others
from elasticache_operations.capacity.shapes import Dataset, Kind, Population, Shape
from elasticache_rules import facts

MOST_MONTHS: Final = 120
_MOST_ITEMS: Final = 10**12
_MOST_MEMBERS: Final = 10**8
_LONGEST_KEY: Final = 512 * 2**20
_WHOLE: Final = 100
_MOST_REPLICAS: Final = 5
_MEMBERS: Final = ("items", "type", "key", "value", "members", "field", "ttl")
_Value = TypeVar("_Value")


class InputError(ValueError):
    """A wrong flag or file; the message is one line with the fix."""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the flags to a parser."""
    keys = parser.add_argument_group("keys")
    keys.add_argument("--engine", help=f"such as valkey-8.1 or redis-7.1 (default: {NEWEST})")
    keys.add_argument("--items", metavar="NUMBER", help="number of keys now: 50M is 50 million")
    keys.add_argument("--type", default="string", help=f"{', '.join(Kind)} (default: string)")
    keys.add_argument("--key", metavar="BYTES", help="average length of a key's name (default: 32)")
    keys.add_argument("--value", metavar="BYTES", help="average length of a value, or of a member: 400 or 4KB")
    keys.add_argument("--members", metavar="NUMBER", help="members of a hash, set, sorted set or list")
    keys.add_argument("--field", metavar="BYTES", help="average length of the names of a hash's fields (default: 16)")
    keys.add_argument("--ttl", action="store_true", help="the keys expire")
    keys.add_argument("--shape", metavar="FILE", help="several shapes, in YAML or JSON: a list of the flags above")
    keys.add_argument("--measure", metavar="URL", help="read a running server: rediss://HOST:6379; writes nothing")
    keys.add_argument("--sample", metavar="NUMBER", default="2000", help="keys that --measure looks at (default: 2000)")
    load = parser.add_argument_group("load")
    load.add_argument("--reads", metavar="NUMBER", help="reads a second at the peak: 40k")
    load.add_argument("--writes", metavar="NUMBER", help="writes a second at the peak")
    load.add_argument("--connections", metavar="NUMBER", help="connections of all clients at the peak")
    load.add_argument("--growth", metavar="RATE", help="of the keys: 5%%/month, 30%%/year or 500k/month")
    load.add_argument("--months", metavar="NUMBER", default="0", help="until when it must suffice (default: today)")
    plan = parser.add_argument_group("plan")
    plan.add_argument("--replicas", metavar="NUMBER", default="1", help="of each shard, 0 to 5 (default: 1)")
    plan.add_argument("--reserved", metavar="PERCENT", default="25", help="reserved-memory-percent (default: 25)")
    plan.add_argument("--fill", metavar="PERCENT", default="80", help="how far nodes may be used (default: 80)")
    plan.add_argument("--ops-per-node", metavar="NUMBER", default="100k", help="operations a second (default: 100k)")
    plan.add_argument("--fits", metavar="TYPE", help="exit 1 unless this node type suffices, with --shards")
    plan.add_argument("--shards", metavar="NUMBER", default="1", help="shards for --fits (default: 1)")
    plan.add_argument("--compare", metavar="ENGINE", action="append", help="plan on this engine version as well")


def request(words: argparse.Namespace, region: str, measured: tuple[EngineVersion, Dataset, float] | None) -> Request:
    """The request that the flags describe.

    :param measured: the engine version, the keys and the factor of a server, instead of flags.
    :raises InputError: for the first wrong flag.
    """
    source = measured[0] if measured else None
    chosen = engine(words) or (source if source is not None and str(source) in offered() else NEWEST)
    data = measured[1] if measured else _dataset(words)
    workload = Workload(
        data=data,
        growth=_read("--growth", words.growth, Growth.parse) if words.growth else Growth(),
        months=_number("--months", words.months, 0, MOST_MONTHS),
        reads=_number("--reads", words.reads or "0", 0, 10**9),
        writes=_number("--writes", words.writes or "0", 0, 10**9),
        connections=_number("--connections", words.connections or "0", 0, 10**9),
        measured=measured[2] if measured else 1.0,
    )
    limits = Limits(
        replicas=_number("--replicas", words.replicas, 0, _MOST_REPLICAS),
        reserved=_number("--reserved", words.reserved, 0, _WHOLE - 1),
        filled=_number("--fill", words.fill, 1, _WHOLE),
        operations=_number("--ops-per-node", words.ops_per_node, 1, 10**8),
    )
    others = [_read("--compare", text, EngineVersion.parse) for text in words.compare or ()]
    return Request(
        engine=chosen,
        region=region,
        workload=workload,
        limits=limits,
        fits=_fits(words, region, chosen),
        others=others or (default_others(chosen) if source in (None, chosen) else (source,)),
    )


def engine(words: argparse.Namespace) -> EngineVersion | None:
    """The engine version of the flags; None if they name none."""
    return _read("--engine", words.engine, EngineVersion.parse) if words.engine is not None else None


def sample(words: argparse.Namespace) -> int:
    """The number of keys of a sample."""
    return _number("--sample", words.sample, 1, 10**6)


def _dataset(words: argparse.Namespace) -> Dataset:
    if words.shape is not None:
        return _file(words.shape)
    given = {name: getattr(words, name) for name in _MEMBERS}
    if given["items"] is None:
        raise InputError(
            "--items must be given, got none; give --items with --key and --value, --shape, --measure or --from"
        )
    return Dataset((_population(given, "--"),))


def _population(given: dict[str, Any], prefix: str) -> Population:
    """One shape with its number of keys, from flags or from an item of a file."""

    def size(name: str, default: int | None, least: int = 0) -> int:
        text = given.get(name)
        if text is None:
            if default is None:
                raise InputError(f"{prefix}{name} must be given for the type {kind}, got none; give it in bytes: 400")
            return default
        return _read(prefix + name, str(text), lambda text: quantities.size(text, least=least, most=_LONGEST_KEY))

    kind = _read(prefix + "type", str(given.get("type") or "string"), _kind)
    number = given.get("members")
    if number is None and kind.has_members:
        raise InputError(f"{prefix}members must be given for the type {kind}, got none; give it: 20")
    if number is not None and not kind.has_members:
        raise InputError(f"{prefix}members is not for the type {kind}; leave it out, or give another type")
    if given.get("items") is None:
        raise InputError(f"{prefix}items must be given, got none; give the number of keys: 50M")
    shape = Shape(
        kind=kind,
        key=size("key", 32, 1),
        value=0 if kind is Kind.INTEGER else size("value", None),
        count=_number(prefix + "members", str(number), 1, _MOST_MEMBERS) if number is not None else 1,
        field=size("field", 16) if kind is Kind.HASH else 0,
        ttl=bool(given.get("ttl")),
    )
    return Population(_number(prefix + "items", str(given["items"]), 1, _MOST_ITEMS), shape)


def _kind(text: str) -> Kind:
    try:
        return Kind(text)
    except ValueError:
        raise ValueError(f"must be one of {', '.join(Kind)}, got {text!r}") from None


def _file(path: str) -> Dataset:
    """The shapes of a file."""
    try:
        content = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError, ValueError) as problem:
        raise InputError(f"--shape {path}: cannot be read: {problem}; name a file in YAML or JSON") from None
    items = _parsed(content, path)
    if not isinstance(items, list) or not items or not all(isinstance(item, dict) for item in items):
        raise InputError(f"--shape {path}: must be a list of shapes, got none; begin each with '- items: 50M'")
    populations = []
    for number, item in enumerate(items):
        prefix = f"--shape {path}: [{number}]."
        unknown = sorted(set(map(str, item)) - set(_MEMBERS))
        if unknown:
            raise InputError(f"{prefix}{unknown[0]} is not known; use {', '.join(_MEMBERS)}")
        if not isinstance(item.get("ttl", False), bool):
            raise InputError(f"{prefix}ttl must be true or false, got {item['ttl']!r}")
        populations.append(_population(item, prefix))
    return Dataset(tuple(populations))


def _parsed(content: str, path: str) -> object:
    import json  # noqa: PLC0415 - for this flag alone

    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        pass
    try:
        import yaml  # noqa: PLC0415 - for this flag alone, and where it is installed
    except ImportError:
        raise InputError(f"--shape {path}: YAML needs PyYAML; pip install pyyaml, or write the file as JSON") from None
    try:
        return yaml.safe_load(content)
    except (yaml.YAMLError, RecursionError, ValueError) as problem:
        cause = " ".join(str(problem).split())
        raise InputError(f"--shape {path}: is no YAML: {cause}; correct the file") from None


def _fits(words: argparse.Namespace, region: str, engine: EngineVersion) -> tuple[str, int] | None:
    if words.fits is None:
        return None
    known = facts.load("node_capacity")["types"]
    names = sorted(name for name in facts.node_types(region) if name in known and engine.name in known[name]["engines"])
    if words.fits not in names:
        import difflib  # noqa: PLC0415 - for an error

        near = difflib.get_close_matches(words.fits, names, n=5, cutoff=0.3) or names[:5]
        raise InputError(
            f"--fits must be a node type of {region} for {engine.name}, got {words.fits!r}; such as {', '.join(near)}"
        )
    return words.fits, _number("--shards", words.shards, 1, MOST_NODES)


def _number(flag: str, text: str, least: float, most: float) -> int:
    return _read(flag, text, lambda text: quantities.count(text, least=least, most=most))


def _read(flag: str, text: str, parse: Callable[[str], _Value]) -> _Value:
    try:
        return parse(text)
    except ValueError as problem:
        raise InputError(f"{flag} {problem}") from None


def check_combination(words: argparse.Namespace, exclusive: Sequence[str]) -> None:
    """Refuse two sources of keys.

    :param exclusive: names of flags of which one at most can be given.
    """
    given = [name for name in exclusive if getattr(words, name, None) is not None]
    if len(given) > 1:
        raise InputError(f"--{given[1]} cannot be combined with --{given[0]}; give one of them")
