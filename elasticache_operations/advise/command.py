"""`elasticache advise`: node size, Valkey, reserved nodes, and serverless or nodes, with the figures behind."""

import argparse
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from elasticache_operations import node_prices, price_options
from elasticache_operations.advise import reserved, templates
from elasticache_operations.advise.advice import Advice, Target, Verdict
from elasticache_operations.advise.serverless import advise_serverless
from elasticache_operations.advise.size import advise_size
from elasticache_operations.advise.use import target_of, use_of_cache
from elasticache_operations.advise.valkey import advise_valkey
from elasticache_operations.aws import Call
from elasticache_operations.context import Context, Outcome
from elasticache_operations.deployed_templates import GET_TEMPLATE
from elasticache_operations.errors import AwsError, InputError
from elasticache_operations.inventory import items
from elasticache_operations.node_prices import NodePrices
from elasticache_operations.pricing.live import GET_PRODUCTS
from elasticache_operations.report import Lines, Report, Source, Table
from elasticache_operations.status import collect
from elasticache_operations.status.caches import Cache, CacheKind
from elasticache_operations.status.metrics import keys
from elasticache_operations.templates import read_stacks
from elasticache_rules import facts

_ALLOWED: Final = Call("elasticache", "ListAllowedNodeTypeModifications")
_OFFERINGS: Final = Call("elasticache", "DescribeReservedCacheNodesOfferings")
_RESERVATIONS: Final = Call("elasticache", "DescribeReservedCacheNodes")
CALLS: Final[Sequence[Call]] = (
    *collect.INVENTORY,
    collect.METRICS,
    _ALLOWED,
    _OFFERINGS,
    _RESERVATIONS,
    GET_TEMPLATE,
    GET_PRODUCTS,
)
_CAPACITY: Final = Source("capacity of node types", facts.load("node_capacity")["date"], live=False)
_Answer = TypeVar("_Answer")
_NOT_ADDED: Final = "each saving is compared with today's nodes, so savings of several topics cannot be added"
_NO_METRICS: Final = "a template has no metrics; name the running cache"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.description = (
        "Advises on node size, Valkey, reserved nodes, and serverless or nodes: for running caches by two weeks of "
        "metrics, or for the caches of a template by their prices alone. Changes nothing. Exit status 0 unless an "
        "argument is wrong or AWS does not answer."
    )
    parser.add_argument(
        "caches", nargs="+", metavar="ID|PATH", help="ids of running caches, or templates, cdk.out, stack:NAME"
    )
    price_options.add_arguments(parser)
    parser.add_argument(
        "--set", action="append", default=[], metavar="PARAMETER=VALUE", help="the value of a template's parameter"
    )


def run(arguments: argparse.Namespace, context: Context) -> Outcome:
    """Advise on each cache."""
    prices_of = node_prices.read(arguments, context)
    paths = [name for name in arguments.caches if _is_path(name)]
    if paths and len(paths) != len(arguments.caches):
        raise InputError("ID|PATH must be ids or paths, got both; run the command once for each kind")
    if paths:
        return _of_templates(paths, arguments.set, context, prices_of)
    region = collect.region_of(context)
    found = collect.inventory(context, [])
    chosen = collect.chosen(found, arguments.caches)
    prices = prices_of(region)
    day = context.as_of.isoformat()
    sources = [Source("caches, metrics and reservations of this account", day, live=True), _CAPACITY, *prices.sources]
    account = _Account(context, found, prices)
    advised = [(target_of(cache, context.as_of), account.advise(cache)) for cache in chosen]
    notes = [*account.warnings(), _NOT_ADDED]
    report = _report(advised, notes, account.missing, sources, prices.warnings, origins=[prices.line(context.as_of)])
    return Outcome(report, region=region)


def _is_path(name: str) -> bool:
    """Whether a word names a template; the id of a cache has neither a slash, a colon nor a dot."""
    return any(mark in name for mark in "/:.") or Path(name).exists()


class _Account:
    """What advice needs besides a cache: reservations, and all nodes that can use them."""

    def __init__(self, context: Context, caches: Sequence[Cache], prices: NodePrices) -> None:
        self.missing: dict[str, str] = {}
        self._context = context
        self._prices = prices
        self._targets = [target_of(each, context.as_of) for each in caches if each.kind is not CacheKind.SERVERLESS]
        self._reservations = self._read(
            _RESERVATIONS,
            lambda: reserved.active(context.aws.pages("elasticache", _RESERVATIONS.operation, "ReservedCacheNodes")),
        )

    def advise(self, cache: Cache) -> list[Advice]:
        """The advice on each topic."""
        if cache.kind is CacheKind.SERVERLESS:
            text = "serverless caches have no nodes; elasticache capacity --from plans nodes"
            return [Advice(topic="serverless", verdict=Verdict.KEEP, text=text)]
        context, prices = self._context, self._prices
        target = target_of(cache, context.as_of)
        wanted = list(keys(cache))
        metrics = self._read(collect.METRICS, lambda: collect.read_metrics(context, wanted))
        use = metrics if isinstance(metrics, str) else use_of_cache(cache, metrics)
        return [
            advise_size(target, use, self._read(_ALLOWED, lambda: self._allowed(cache)), prices),
            advise_valkey(target, prices, context.as_of),
            reserved.advise_reserved(
                target, self._read(_OFFERINGS, lambda: self._offerings(target)), prices, self._free(target)
            ),
            advise_serverless(target, use, prices),
        ]

    def warnings(self) -> list[str]:
        """Reservations that expire soon or are not used."""
        if isinstance(self._reservations, str):
            return []
        return reserved.warnings(self._targets, self._reservations, collect.end_of(self._context.as_of))

    def _allowed(self, cache: Cache) -> list[str]:
        name = "ReplicationGroupId" if cache.kind is CacheKind.GROUP else "CacheClusterId"
        answer = self._context.aws.call("elasticache", _ALLOWED.operation, **{name: cache.id})
        return [*answer.get("ScaleUpModifications", ()), *answer.get("ScaleDownModifications", ())]

    def _offerings(self, target: Target) -> list[reserved.Offering]:
        answers = self._context.aws.pages(
            "elasticache",
            _OFFERINGS.operation,
            "ReservedCacheNodesOfferings",
            CacheNodeType=target.node_type,
            ProductDescription=target.engine,
        )
        return reserved.offerings(answers)

    def _free(self, target: Target) -> float | str:
        if isinstance(self._reservations, str):
            return self._reservations
        size = reserved.units(target.node_type)
        used, covered = reserved.coverage(self._targets, self._reservations).get(size[0] if size else "", (0.0, 0.0))
        return max(0.0, used - covered)

    def _read(self, call: Call, read: Callable[[], _Answer]) -> _Answer | str:
        """An answer, or the reason why a permission is missing for it."""
        try:
            with self._context.progress.step(f"reading {call.operation}"):
                return read()
        except AwsError as problem:
            reason = self.missing[call.operation] = collect.reason(problem, call)
            return reason


def _of_templates(
    paths: Sequence[str], values: Sequence[str], context: Context, prices_of: Callable[[str], NodePrices]
) -> Outcome:
    """Advice by prices alone."""
    stacks = read_stacks(paths, context, values)
    targets, notes = templates.targets(stacks, items(stacks))
    regions = sorted({stack.region for stack in stacks})
    prices = {region: prices_of(region) for region in regions}
    unread = "read with the id of the running cache"
    advised = []
    for region, target in targets:
        topics = [
            advise_size(target, _NO_METRICS, "", prices[region]),
            advise_valkey(target, prices[region], context.as_of),
            reserved.advise_reserved(target, unread, prices[region], unread),
            advise_serverless(target, _NO_METRICS, prices[region]),
        ]
        advised.append((target, topics))
    sources = [source for each in prices.values() for source in each.sources]
    warnings = sorted({warning for each in prices.values() for warning in each.warnings})
    notes += [_NOT_ADDED] if advised else []
    origins = [each.line(context.as_of) for each in prices.values()] if advised else []
    report = _report(advised, notes, {}, [_CAPACITY, *sources], warnings, origins=origins)
    return Outcome(report, region=regions[0] if len(regions) == 1 else None)


def _report(
    advised: Sequence[tuple[Target, Sequence[Advice]]],
    notes: Sequence[str],
    missing: dict[str, str],
    sources: Sequence[Source],
    warnings: Sequence[str],
    *,
    origins: Sequence[str],
) -> Report:
    blocks: list[Table | Lines] = []
    for target, topics in advised:
        blocks.append(Table(("topic", "advice", ">USD/month saved"), [_row(each) for each in topics], _title(target)))
        blocks.append(Lines(list(_details(topics))))
    if not advised:
        blocks.append(Lines(["nothing of ElastiCache with nodes here"]))
    blocks += [Lines([note]) for note in notes]
    blocks += [Lines([f"not collected: {what}, {why}"]) for what, why in missing.items()]
    blocks += [Lines(origins)] * bool(origins)
    data: dict[str, Any] = {
        "caches": [_data(target, topics) for target, topics in advised],
        "notes": list(notes),
        "not_collected": [{"what": what, "why": why} for what, why in missing.items()],
    }
    return Report(data, blocks, sources, warnings)


def _title(target: Target) -> str:
    return f"{target.id}  {target.engine} {target.version}  {target.nodes} x {target.node_type}"


def _row(advice: Advice) -> tuple[str, str, str]:
    saving = "-" if advice.saving is None else f"{advice.saving:,.2f}"
    return (advice.topic, advice.text, saving)


def _details(topics: Sequence[Advice]) -> Iterator[str]:
    for advice in topics:
        for name, value in advice.figures.items():
            yield f"{advice.topic}: {name}: {value}"
        for step in advice.steps:
            yield f"{advice.topic}: do: {step}"


def _data(target: Target, topics: Sequence[Advice]) -> dict[str, Any]:
    return {
        "id": target.id,
        "engine": target.engine,
        "version": target.version,
        "node_type": target.node_type or None,
        "nodes": target.nodes,
        "advice": [
            {
                "topic": advice.topic,
                "verdict": str(advice.verdict),
                "text": advice.text,
                "usd_saved_per_month": None if advice.saving is None else round(advice.saving, 2),
                "figures": dict(advice.figures),
                "steps": list(advice.steps),
            }
            for advice in topics
        ],
    }
