"""`elasticache capacity`: nodes, shards and serverless for a workload, from a model of the engines' memory."""

import argparse
import os
from collections.abc import Sequence
from typing import Final

from elasticache_operations import node_prices, price_options
from elasticache_operations.aws import Call
from elasticache_operations.capacity import arguments as flags
from elasticache_operations.capacity import output, running
from elasticache_operations.capacity.measure import MeasureError, Measurement, measure
from elasticache_operations.capacity.result import answer
from elasticache_operations.capacity.running import Running
from elasticache_operations.context import Context, Outcome
from elasticache_operations.errors import AwsError, InputError
from elasticache_operations.pricing.live import GET_PRODUCTS
from elasticache_operations.report import Lines, Report, Source, Table
from elasticache_rules import facts
from elasticache_rules.output import counted

CALLS: Final[Sequence[Call]] = (
    *(Call(call.service, call.operation, when="--from") for call in running.CALLS),
    GET_PRODUCTS,
)
DEFAULT_REGION: Final = "us-east-1"
_PASSWORD: Final = "REDISCLI_AUTH"  # noqa: S105 - the name of a variable


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.description = (
        "Plans nodes, shards and serverless for keys, operations and growth: from flags, from a file of shapes, from a "
        "running server (--measure) or from a cache's metrics (--from). The memory model was compared with real "
        "servers. Exit status 1 when no node type suffices, or --fits does not."
    )
    parser.epilog = f"The password of --measure is read from {_PASSWORD}, as redis-cli does."
    flags.add(parser)
    price_options.add_arguments(parser)
    parser.add_argument("--from", metavar="ID", help="the keys and the load of a cache, by its metrics")


def run(arguments: argparse.Namespace, context: Context) -> Outcome:
    """Plan the workload."""
    try:
        flags.check_combination(arguments, ("items", "shape", "measure", "from"))
        region = context.region or context.aws.default_region() or DEFAULT_REGION
        measured = _measured(arguments, context)
        given = None if measured is None else (measured.engine, measured.data, measured.factor)
        _fill_in(arguments, measured)
        request = flags.request(arguments, region, given)
    except flags.InputError as problem:
        raise InputError(str(problem)) from None
    prices = node_prices.read(arguments, context)(region)
    with context.progress.step("planning"):
        result = answer(request, prices)
    day = context.as_of.isoformat()
    sources = [Source("capacity of node types", facts.load("node_capacity")["date"], live=False), *prices.sources]
    origin = []
    data = output.as_json(result)
    if measured is not None:
        sources.append(Source(measured.source, day, live=True))
        origin = list(measured.lines)
        data["measurement"] = dict(measured.data_of_json)
    blocks: list[Table | Lines] = [
        Lines([*origin, *output.heading(result)]),
        Table(output.COLUMNS, output.rows(result)),
        Lines([*output.footing(result), prices.line(context.as_of)]),
    ]
    return Outcome(Report(data, blocks, sources, prices.warnings), 0 if result.suffices else 1, region)


def _measured(arguments: argparse.Namespace, context: Context) -> Running | None:
    """The keys of a running cache, where the flags name one."""
    if (id := getattr(arguments, "from")) is not None:
        return running.from_metrics(context, id)
    if arguments.measure is None:
        return None
    size = flags.sample(arguments)
    if context.offline:
        raise InputError("--measure cannot be combined with --offline; leave one of them out")
    try:
        with context.progress.step("reading keys of the server"):
            found = measure(arguments.measure, os.environ.get(_PASSWORD), sample=size)
    except MeasureError as problem:
        raise (AwsError if problem.no_answer else InputError)(str(problem)) from None
    return _as_running(found)


def _as_running(found: Measurement) -> Running:
    others = f", {found.others} of types without a model" if found.others else ""
    lines = (
        f"measured       {counted(found.data.items, 'key')} on {found.engine.title}, "
        f"{found.sampled:,} sampled{others}, {counted(found.shards, 'shard')}",
        f"               {found.bytes_per_item:,.0f} bytes a key, the model says {found.modelled:,.0f} "
        f"({100 * (found.factor - 1):+.1f} %)",
    )
    details = {
        "sampled": found.sampled,
        "types_without_model": found.others,
        "shards": found.shards,
        "bytes_per_item": round(found.bytes_per_item, 1),
        "model_bytes_per_item": round(found.modelled, 1),
        "allocator_quantum": found.allocator.quantum,
        "operations_per_second": round(found.operations),
    }
    return Running(
        source="keys of the running server",
        engine=found.engine,
        data=found.data,
        factor=found.factor,
        reads=round(found.operations),
        writes=0,
        connections=0,
        lines=lines,
        data_of_json=details,
    )


def _fill_in(arguments: argparse.Namespace, measured: Running | None) -> None:
    """Use the measured load where the flags give none."""
    if measured is None:
        return
    if arguments.reads is None and arguments.writes is None:
        arguments.reads, arguments.writes = str(measured.reads), str(measured.writes)
    if arguments.connections is None:
        arguments.connections = str(measured.connections)
