"""Advice on the engine: from Redis OSS to Valkey, and from an old node generation to a newer one."""

from datetime import date
from typing import Final

from elasticache_operations.advise.advice import Advice, Target, Verdict
from elasticache_operations.capacity import nodes
from elasticache_operations.lines import HOURS
from elasticache_operations.node_prices import NodePrices
from elasticache_operations.status.settings_checks import support
from elasticache_rules import facts

_FIRST: Final = (5, 0, 6)
_DEFAULT: Final = "default."


def advise_valkey(target: Target, prices: NodePrices, today: date) -> Advice:
    """Whether an upgrade to Valkey saves money, and what has to be done before it."""
    newest = facts.engine_versions("valkey")[-1]
    if target.engine != "redis":
        reason = "is Valkey already" if target.engine == "valkey" else "cannot become Valkey: it is Memcached"
        return Advice(topic="valkey", verdict=Verdict.KEEP, text=f"{target.id} {reason}", saving=0.0)
    steps = _before(target)
    if "valkey" not in _engines(target.node_type):
        steps.append(f"change {target.node_type} to a node type that has Valkey")
    now, then = prices.node(target.node_type, "redis"), prices.node(target.node_type, "valkey")
    premium = support("redis", target.release[0], today).premium
    saving, figures = None, {"nodes": f"{target.nodes} x {target.node_type}"}
    if now is not None and then is not None:
        before = now * (1 + premium / 100)
        saving = (before - then) * target.nodes * HOURS
        more = f", with {premium} % for extended support" if premium else ""
        figures["price"] = f"{before:.4f} to {then:.4f} USD an hour and node ({100 * (then / before - 1):+.0f} %){more}"
    figures["memory"] = "depends on the shapes of the keys: elasticache capacity --measure"
    steps.append(_upgrade(target, newest))
    return Advice(
        topic="valkey",
        verdict=Verdict.CHANGE,
        text=f"upgrade Redis OSS {target.version} to Valkey {newest}, in place and with the same endpoints",
        saving=saving,
        figures=figures,
        steps=steps,
    )


def _engines(node_type: str) -> frozenset[str]:
    try:
        return nodes.node_type(node_type).engines
    except KeyError:
        return frozenset({"valkey"})


def _before(target: Target) -> list[str]:
    """What has to be done before the upgrade."""
    steps = []
    if target.release < _FIRST:
        steps.append(f"upgrade Redis OSS {target.version} to 5.0.6 or later first")
    if target.parameter_group and not target.parameter_group.startswith(_DEFAULT):
        steps.append(f"create a parameter group of a Valkey family in place of {target.parameter_group}")
    if target.global_datastore:
        steps.append(f"upgrade the secondaries of the Global Datastore {target.global_datastore} first")
    if not target.group:
        steps.append(
            f"replace the AWS::ElastiCache::CacheCluster {target.id} by an AWS::ElastiCache::ReplicationGroup"
            if target.in_template
            else "put the node into a replication group first: create-replication-group --primary-cluster-id"
        )
    return steps


def _upgrade(target: Target, version: str) -> str:
    if target.in_template:
        what = target.id if target.group else "the replication group"
        return f"set Engine to valkey and EngineVersion to '{version}' in the properties of {what}"
    return (
        f"aws elasticache modify-replication-group --replication-group-id {target.id} --engine valkey "
        f"--engine-version {version} --apply-immediately"
    )
