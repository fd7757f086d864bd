"""What a change does: added, changed in place, replaced or removed, in the pictures before and after."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from elasticache_operations.picture.building import build
from elasticache_operations.picture.caches import Books
from elasticache_operations.picture.model import (
    ADDED,
    CHANGED,
    REMOVED,
    REPLACED,
    Cache,
    Delta,
    Node,
    Picture,
    Row,
    Shard,
)
from elasticache_operations.picture.sources import Identity, Source
from elasticache_operations.pricing import Snapshot
from elasticache_rules.compare import Change, compare
from elasticache_rules.compare.replacement import Comparison
from elasticache_rules.template import Resource, Template

_REPLACING = ("replacement", "may-replace")
_CACHE = "AWS::ElastiCache::"


def delta_of(old: Source, new: Source, *, books: Books = Snapshot) -> Delta:
    """The change from one source to another, with both pictures.

    Two single stacks are compared whatever their names are; otherwise stacks are compared by name.
    """
    effects: dict[Identity, str] = {}
    rows: list[Row] = []
    for (stack, before), (after_stack, after) in _pairs(old, new):
        changes = compare(before, after, beside=old.stacks.values())
        found = _effects(before, after, changes)
        rows += _rows(after_stack, before, after, changes, found)
        effects.update({(stack, id): effect for id, effect in found.items() if effect != ADDED})
        effects.update({(after_stack, id): effect for id, effect in found.items() if effect != REMOVED})
    before_picture, after_picture = build(old, books=books), build(new, books=books)
    renamed = _renamed(old, new)
    return Delta(
        before=_marked(before_picture, effects, {cache.identity: cache for cache in after_picture.caches}, renamed, ""),
        after=_marked(
            after_picture,
            effects,
            {cache.identity: cache for cache in before_picture.caches},
            {new_name: name for name, new_name in renamed.items()},
            ADDED,
        ),
        rows=tuple(sorted(rows, key=lambda row: (not row.decision, not row.main))),
        effects={(renamed.get(stack, stack), id): effect for (stack, id), effect in effects.items()},
    )


def _renamed(old: Source, new: Source) -> Mapping[str, str]:
    """The new name of the old stack, when both sources have one stack."""
    if len(old.stacks) == len(new.stacks) == 1:
        return {next(iter(old.stacks)): next(iter(new.stacks))}
    return {}


def _pairs(old: Source, new: Source) -> Iterator[tuple[tuple[str, Template], tuple[str, Template]]]:
    gone = Template(resources={})
    if len(old.stacks) == len(new.stacks) == 1:
        yield next(iter(old.stacks.items())), next(iter(new.stacks.items()))
        return
    for name in dict.fromkeys([*old.stacks, *new.stacks]):
        yield (name, old.stacks.get(name, gone)), (name, new.stacks.get(name, gone))


def _effects(before: Template, after: Template, changes: list[Change]) -> dict[str, str]:
    comparison = Comparison(before, after)
    replaced = {change.logical_id for change in changes if change.kind in _REPLACING}
    result: dict[str, str] = {}
    for id in dict.fromkeys([*before.resources, *after.resources]):
        if id not in after.resources:
            result[id] = REMOVED
        elif id not in before.resources:
            result[id] = ADDED
        elif id in replaced or before.resources[id].type != after.resources[id].type:
            result[id] = REPLACED
        elif comparison.changed_names(id):
            result[id] = CHANGED
    return result


def _rows(
    stack: str, before: Template, after: Template, changes: list[Change], effects: Mapping[str, str]
) -> Iterator[Row]:
    comparison = Comparison(before, after)
    told = {change.logical_id for change in changes}
    for change in changes:
        replaces = change.kind in _REPLACING
        effect = REPLACED if replaces else REMOVED if change.logical_id not in after.resources else CHANGED
        yield Row(
            effect=effect,
            name=f"{stack}/{change.logical_id}",
            what=change.what,
            lost=change.lost,
            kept_by=change.kept_by,
            steps=change.steps,
            decision=change.decision,
        )
    for id, effect in effects.items():
        if id in told:
            continue
        resource = after.resources.get(id) or before.resources[id]
        names = comparison.changed_names(id) if effect == CHANGED else []
        yield Row(
            effect=effect,
            name=f"{stack}/{id}",
            what=": ".join([_named(resource), *([", ".join(names)] if names else [])]),
            main=resource.type.startswith(_CACHE),
        )


def _named(resource: Resource) -> str:
    return f"{resource.type.removeprefix('AWS::')} {resource.path.removesuffix('/Resource')}".strip()


def _marked(
    picture: Picture,
    effects: Mapping[Identity, str],
    others: Mapping[Identity, Cache],
    renamed: Mapping[str, str],
    mark: str,
) -> Picture:
    """A picture with its changes.

    :param others: the caches of the other picture.
    :param renamed: the other picture's name of a stack, if it differs.
    :param mark: of nodes and shards that the other picture does not have.
    """

    def marked(cache: Cache) -> Cache:
        change = effects.get(cache.identity, "")
        other = others.get((renamed.get(cache.identity[0], cache.identity[0]), cache.identity[1]))
        if mark and change == CHANGED and other is not None:
            cache = replace(cache, shards=_more(cache.shards, other.shards, mark))
        return replace(cache, change=change)

    regions = tuple(
        replace(
            region,
            vpcs=tuple(
                replace(
                    vpc,
                    caches=tuple(marked(cache) for cache in vpc.caches),
                    databases=tuple(replace(item, change=effects.get(item.identity, "")) for item in vpc.databases),
                    clients=tuple(replace(item, change=effects.get(item.identity, "")) for item in vpc.clients),
                )
                for vpc in region.vpcs
            ),
        )
        for region in picture.regions
    )
    users = tuple(replace(user, change=effects.get(user.identity, "")) for user in picture.users)
    return replace(picture, regions=regions, users=users)


def _more(shards: tuple[Shard, ...] | None, others: tuple[Shard, ...] | None, mark: str) -> tuple[Shard, ...] | None:
    """The shards and nodes of a cache, where the other version has fewer."""
    if shards is None or others is None:
        return shards
    return tuple(
        replace(shard, change=mark)
        if index >= len(others)
        else replace(shard, nodes=_more_nodes(shard.nodes, len(others[index].nodes), mark))
        for index, shard in enumerate(shards)
    )


def _more_nodes(nodes: tuple[Node, ...], count: int, mark: str) -> tuple[Node, ...]:
    return tuple(replace(node, change=mark) if index >= count else node for index, node in enumerate(nodes))


def headline(delta: Delta) -> tuple[str, str]:
    """What matters most about a change, and the counts."""
    decisions = len(delta.decisions)
    losing = sorted({row.name for row in delta.rows if row.effect in (REPLACED, REMOVED) and row.lost})
    if not delta.effects:
        return "Nothing changes.", ""
    if losing:
        first = f"Replaced or removed: {', '.join(losing)}."
    elif decisions:
        first = f"{decisions} change{'' if decisions == 1 else 's'} cannot be deployed at once."
    else:
        first = "No cache is replaced; no data is lost."
    counts = [
        f"{delta.count(effect)} {effect}" for effect in (ADDED, CHANGED, REPLACED, REMOVED) if delta.count(effect)
    ]
    return first, f"Resources: {', '.join(counts)}."
