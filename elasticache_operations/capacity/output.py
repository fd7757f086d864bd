"""The answer of `capacity` as JSON and as rows of text."""

from typing import Any, Final

from elasticache_operations.capacity.plan import Nodes
from elasticache_operations.capacity.result import OnEngine, Priced, Result, ServerlessPriced
from elasticache_rules.output import counted

_GIB: Final = 2**30
COLUMNS: Final = ("node type", ">shards", ">nodes", ">memory", ">network", ">operations", ">USD/month", "")


def as_json(result: Result) -> dict[str, Any]:
    """The members of the JSON output that belong to this command."""
    request, planned = result.request, result.planned
    workload = request.workload
    body: dict[str, Any] = {
        "engine": str(request.engine),
        "workload": {
            "items": workload.data.items,
            "items_later": workload.later.items,
            "months": workload.months,
            "data_bytes_per_item": round(workload.data.data, 1),
            "reads_per_second": workload.reads,
            "writes_per_second": workload.writes,
            "connections": workload.connections,
            "measured_factor": round(workload.measured, 4),
        },
        "limits": {
            "replicas": request.limits.replicas,
            "reserved_percent": request.limits.reserved,
            "filled_percent": request.limits.filled,
            "operations_per_node": request.limits.operations,
        },
        **_engine(planned),
        "compared": [_engine(other) for other in result.others],
        "fits": None if result.fits is None else {**_use(result.fits[0]), "suffices": result.fits[1]},
        "suffices": result.suffices,
        "notes": list(result.notes),
    }
    return body


def _engine(on: OnEngine) -> dict[str, Any]:
    return {
        "engine": str(on.engine),
        "measured": on.engine.measured,
        "bytes_per_item": round(on.item, 1),
        "bytes_now": round(on.now),
        "bytes_later": round(on.later),
        "plans": [{**_use(plan.use), "usd_per_month": _rounded(plan.month)} for plan in on.plans],
        "serverless": {
            "gigabytes": round(on.serverless.use.gigabytes, 2),
            "ecpu_per_second": round(on.serverless.use.units),
            "offered": on.serverless.use.offered,
            "usd_storage_per_month": _rounded(on.serverless.storage),
            "usd_processing_per_month": _rounded(on.serverless.processing),
            "usd_per_month": _rounded(on.serverless.month),
        },
    }


def _use(use: Nodes) -> dict[str, Any]:
    return {
        "node_type": use.node_type.name,
        "shards": use.shards,
        "nodes": use.nodes,
        "memory_percent": round(use.memory, 1),
        "network_percent": round(use.network, 1),
        "operations_percent": round(use.operations, 1),
        "connections_percent": round(use.connections, 1),
    }


def _rounded(amount: float | None) -> float | None:
    return None if amount is None else round(amount, 2)


def heading(result: Result) -> list[str]:
    """The lines above the table: one item, and memory, network and operations."""
    planned, workload = result.planned, result.request.workload
    lines = [
        f"one item       {planned.item:,.0f} bytes on {planned.engine.title} "
        f"(data {workload.data.data:,.0f}, the rest is the engine's){_on_others(result)}"
    ]
    traffic = max(workload.outgoing(result.request.limits.replicas), workload.incoming)
    later = f"   in {counted(workload.months, 'month')} {planned.later / _GIB:,.2f} GiB" if workload.months else ""
    lines.append(
        f"now {planned.now / _GIB:,.2f} GiB{later}   network {traffic:.2f} Gbit/s   "
        f"operations {workload.operations:,}/s"
    )
    return lines


def _on_others(result: Result) -> str:
    own = result.planned.item
    return "".join(f"   {on.engine.title}: {on.item:,.0f} ({100 * (on.item / own - 1):+.0f} %)" for on in result.others)


def rows(result: Result) -> list[tuple[str, ...]]:
    """The rows of the table: the cheapest nodes, and serverless."""
    planned = result.planned
    cheapest = planned.cheapest
    table = [_row(plan, cheapest) for plan in planned.plans]
    table.append(_serverless_row(planned.serverless))
    return table


def _row(plan: Priced, cheapest: Priced | None) -> tuple[str, ...]:
    use = plan.use
    return (
        use.node_type.name,
        str(use.shards),
        str(use.nodes),
        f"{use.memory:.0f} %",
        f"{use.network:.0f} %",
        f"{use.operations:.0f} %",
        _money(plan.month),
        _remark(plan, cheapest),
    )


def _remark(plan: Priced, cheapest: Priced | None) -> str:
    if plan.month is None or cheapest is None or cheapest.month is None:
        return "price not known"
    if plan is cheapest:
        return "cheapest"
    more = 100 * (plan.month / cheapest.month - 1)
    return f"+{more:.1f} %" + (", more room" if plan.use.memory < cheapest.use.memory - 5 else "")


def _serverless_row(priced: ServerlessPriced) -> tuple[str, ...]:
    use = priced.use
    remark = "" if use.offered else "larger than one serverless cache can be"
    parts = "" if priced.month is None else f"{_money(priced.storage)} + {_money(priced.processing)}"
    return (
        "serverless",
        "-",
        "-",
        f"{use.gigabytes:,.1f} GB",
        "-",
        f"{use.units:,.0f} ECPU/s",
        _money(priced.month),
        remark or parts or "price not known",
    )


def _money(amount: float | None) -> str:
    return "-" if amount is None else f"{amount:,.2f}"


def footing(result: Result) -> list[str]:
    """The lines below the table: the nodes that are checked, the saving on another engine, and the notes."""
    lines = []
    if result.fits is not None:
        use, suffices = result.fits
        worst = max(use.limits, key=lambda name: use.limits[name])
        lines.append(
            f"{use.shards} x {use.node_type.name} {'suffices' if suffices else 'does not suffice'}: "
            f"{worst} at {use.limits[worst]:.0f} % of {result.request.limits.filled:g} % that are allowed"
        )
    if not result.planned.plans:
        lines.append("no node type suffices; distribute the data over several caches, or use serverless")
    lines += [_comparison(result, other) for other in result.others]
    return lines + list(result.notes)


def _comparison(result: Result, other: OnEngine) -> str:
    """What the same workload costs on another engine version."""
    own, theirs = result.planned.cheapest, other.cheapest
    memory = f"{100 * (other.later / result.planned.later - 1):+.1f} % memory" if result.planned.later else "no data"
    if own is None or theirs is None or own.month is None or theirs.month is None:
        return f"on {other.engine.title}: {memory} for these shapes"
    nodes = f"{counted(theirs.use.shards, 'shard')}, {theirs.use.nodes} x {theirs.use.node_type.name}"
    return (
        f"on {other.engine.title}: {memory} for these shapes, {nodes}, {theirs.month:,.2f} USD a month "
        f"({100 * (theirs.month / own.month - 1):+.1f} %)"
    )
