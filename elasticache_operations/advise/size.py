"""Advice on the node type: the cheapest that is large enough in every respect."""

from collections.abc import Iterable
from typing import Final

from elasticache_operations.advise.advice import Advice, Target, Use, Verdict
from elasticache_operations.capacity import nodes
from elasticache_operations.capacity.nodes import NodeType
from elasticache_operations.lines import HOURS
from elasticache_operations.node_prices import NodePrices

MEMORY: Final = 80.0
"""Percent of the usable memory, which is maxmemory less 25 %."""
PROCESSOR: Final = 70.0
CONNECTIONS: Final = 80.0
_USABLE: Final = 0.75
_WORTH: Final = 0.02
"""A change that saves less than this part is no advice."""


def use_of(node: NodeType, use: Use) -> dict[str, float]:
    """What a node of this type would use of each resource, in percent of what is allowed."""
    engine = use.engine if use.engine is not None else 100 * min(1.0, use.processor)
    processor = 100 * use.processor / node.vcpus
    if node.burstable:
        # Above its baseline, a burstable node uses up its credits.
        processor = max(processor, 100 * use.processor / node.processor_share * PROCESSOR / 100)
        engine = engine / node.processor_share
    return {
        "memory": 100 * use.memory / (node.maxmemory * _USABLE) / MEMORY * 100,
        "CPU": processor / PROCESSOR * 100,
        "engine CPU": engine / PROCESSOR * 100,
        "network": 100 * use.network / node.baseline,
        "connections": 100 * use.connections / node.connections / CONNECTIONS * 100,
    }


def advise_size(target: Target, use: Use | str, allowed: Iterable[str] | str, prices: NodePrices) -> Advice:
    """The cheapest node type on which every resource is within its limit.

    :param use: a text is the reason why it is not known.
    :param allowed: the node types to which ElastiCache can change the cache; a text is the reason why they are not
        known.
    """
    if isinstance(use, str):
        return Advice(topic="size", verdict=Verdict.UNKNOWN, text=f"node size is not judged: {use}")
    try:
        current = nodes.node_type(target.node_type)
    except KeyError:
        text = f"the capacity of {target.node_type} is not known"
        return Advice(topic="size", verdict=Verdict.UNKNOWN, text=text)
    figures = _figures(target, use, current)
    if isinstance(allowed, str):
        return Advice(topic="size", verdict=Verdict.UNKNOWN, text=f"other node types: {allowed}", figures=figures)
    fitting = [node for node in _known({*allowed, target.node_type}) if max(use_of(node, use).values()) <= 100]
    priced = [(hour, node.maxmemory, node) for node in fitting if (hour := _hour(node, target, prices)) is not None]
    now = _hour(current, target, prices)
    if not priced or now is None:
        text = "no node type is large enough; add shards" if not fitting else "prices are not known"
        return Advice(topic="size", verdict=Verdict.UNKNOWN, text=text, figures=figures)
    hour, _, best = min(priced, key=lambda each: (each[0], -each[1], each[2].name))
    fits = current in fitting
    if best.name == current.name or (fits and hour > now * (1 - _WORTH)):
        return Advice(topic="size", verdict=Verdict.KEEP, text=f"keep {current.name}", saving=0.0, figures=figures)
    saving = (now - hour) * target.nodes * HOURS
    worst, percent = _worst(best, use)
    reason = f"{worst} would use {percent:.0f} % of its limit"
    if not fits:
        over, beyond = _worst(current, use)
        reason = f"{over} uses {beyond:.0f} % of its limit now; on {best.name} {reason}"
    return Advice(
        topic="size",
        verdict=Verdict.CHANGE,
        text=f"change {current.name} to {best.name}: {reason}",
        saving=saving,
        figures=figures | {"price": f"{now:.4f} to {hour:.4f} USD an hour and node"},
        steps=(_command(target, best.name),),
    )


def _known(names: Iterable[str]) -> Iterable[NodeType]:
    for name in sorted(names):
        try:
            node = nodes.node_type(name)
        except KeyError:
            continue
        if not node.data_tiering:
            yield node


def _hour(node: NodeType, target: Target, prices: NodePrices) -> float | None:
    return prices.node(node.name, target.engine) if target.engine in node.engines else None


def _worst(node: NodeType, use: Use) -> tuple[str, float]:
    used = use_of(node, use)
    name = max(used, key=lambda each: used[each])
    return name, used[name]


def _figures(target: Target, use: Use, current: NodeType) -> dict[str, str]:
    usable = current.maxmemory * _USABLE
    engine = "" if use.engine is None else f", engine {use.engine:.0f} % of its thread"
    return {
        "node type": f"{target.nodes} x {current.name}",
        "memory": f"{100 * use.memory / usable:.0f} % of usable at the peak, limit {MEMORY:g} %",
        "CPU": f"{100 * use.processor / current.vcpus:.0f} % of {current.vcpus} vCPUs (p95){engine}, "
        f"limit {PROCESSOR:g} %",
        "network": f"{100 * use.network / current.baseline:.0f} % of the baseline of {current.baseline:g} Gbit/s",
        "connections": f"{use.connections:,.0f} of {current.connections:,}",
    }


def _command(target: Target, node_type: str) -> str:
    if target.group:
        return (
            f"aws elasticache modify-replication-group --replication-group-id {target.id} "
            f"--cache-node-type {node_type} --apply-immediately"
        )
    return (
        f"aws elasticache modify-cache-cluster --cache-cluster-id {target.id} --cache-node-type {node_type} "
        "--apply-immediately"
    )
