"""The caches of templates as targets of advice; what is only known at the deploy is told."""

from collections.abc import Sequence

from elasticache_operations.advise.advice import Target
from elasticache_operations.inventory import Item, NodeCache
from elasticache_operations.templates import Stack


def targets(stacks: Sequence[Stack], found: Sequence[Item]) -> tuple[list[tuple[str, Target]], list[str]]:
    """The caches with nodes, with the region of each, and notes about those that are left out."""
    known: list[tuple[str, Target]] = []
    notes: list[str] = []
    names = {stack.name for stack in stacks}
    for item in found:
        if not isinstance(item, NodeCache):
            continue
        missing = _missing(item)
        if missing:
            where = f"{item.place.stack}: " if len(names) > 1 else ""
            notes.append(f"{where}{item.place.logical_id} is left out: the {missing} is only known at the deploy")
        else:
            known.append((item.place.region, _target(item)))
    return known, notes


def _missing(cache: NodeCache) -> str:
    """What advice needs and the template does not tell."""
    values = {"engine": cache.engine, "node type": cache.node_type, "number of nodes": cache.nodes}
    return next((name for name, value in values.items() if value is None), "")


def _target(cache: NodeCache) -> Target:
    return Target(
        id=cache.place.logical_id,
        engine=cache.engine or "",
        version=cache.version or "",
        node_type=cache.node_type or "",
        nodes=cache.nodes or 0,
        shards=cache.shards or 1,
        parameter_group=cache.parameter_group,
        global_datastore="of the template" if cache.in_global_datastore else "",
        group=cache.group,
        in_template=True,
    )
