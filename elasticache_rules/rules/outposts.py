"""Clusters on an Outpost, which the library creates through a custom resource."""

import re
from collections.abc import Iterator
from typing import Final

from elasticache_rules import facts
from elasticache_rules.finding import Severity
from elasticache_rules.registry import Violation, rule
from elasticache_rules.rules.common import GUIDE, is_no_integer, node_family
from elasticache_rules.template import Resource

OUTPOST_CLUSTER: Final = "Custom::ElastiCacheOutpostCluster"
_SOURCE: Final = f"{GUIDE}ElastiCache-Outposts.html"
_ARN: Final = re.compile(r"arn:[^:]+:outposts:[^:]+:[0-9]{12}:outpost/op-[0-9a-f]{8,17}\Z")


@rule(
    "outposts/arn", OUTPOST_CLUSTER, source=_SOURCE, absent=("Custom::ElastiCacheOutpostCluster.PreferredOutpostArn",)
)
def arn(cluster: Resource) -> Iterator[Violation]:
    """The Outpost is named by its ARN."""
    preferred_outpost_arn = cluster.text("PreferredOutpostArn")
    if cluster.lacks("PreferredOutpostArn") or (
        preferred_outpost_arn is not None and not _ARN.match(preferred_outpost_arn)
    ):
        yield Violation(
            property="PreferredOutpostArn",
            value=preferred_outpost_arn,
            must="be the ARN of an Outpost: arn:aws:outposts:<region>:<account>:outpost/op-<id>",
            fix="copy it from the console, or from aws outposts list-outposts",
        )


@rule("outposts/mode", OUTPOST_CLUSTER, source=_SOURCE)
def mode(cluster: Resource) -> Iterator[Violation]:
    """All nodes are on one Outpost."""
    if cluster.text("OutpostMode") == "cross-outpost":
        yield Violation(
            property="OutpostMode",
            value="cross-outpost",
            must="be single-outpost, the only mode that is supported",
            fix="make a cluster on each Outpost",
        )


@rule("outposts/node-type", OUTPOST_CLUSTER, source=_SOURCE)
def node_type(cluster: Resource) -> Iterator[Violation]:
    """Outposts support the node families M5 and R5."""
    cache_node_type = cluster.text("CacheNodeType")
    families = facts.load("features")["families"]["outposts"]
    parts = node_family(cluster)
    if parts is not None and parts[0] not in families:
        yield Violation(
            property="CacheNodeType",
            value=cache_node_type,
            must=f"be of the families that Outposts have: {', '.join(families)}",
            fix="use cache.m5.large, as far as the Outpost has room for it",
        )


@rule("outposts/engine", OUTPOST_CLUSTER, source=_SOURCE)
def engine(cluster: Resource) -> Iterator[Violation]:
    """A cluster runs redis on one node, or memcached."""
    name, nodes = cluster.text("Engine"), cluster.integer("NumCacheNodes")
    if is_no_integer(cluster.get("NumCacheNodes")):
        yield Violation(
            property="NumCacheNodes",
            value=cluster.get("NumCacheNodes"),
            must="be an integer",
            fix="write it in digits, like 1",
        )
    if name is not None and name not in ("redis", "memcached"):
        yield Violation(
            property="Engine", value=name, must="be redis or memcached, for a cluster", fix="choose one of the two"
        )
    if name == "redis" and nodes is not None and nodes != 1:
        yield Violation(property="NumCacheNodes", value=nodes, must="be 1 for redis", fix="use one node, or memcached")


@rule("outposts/not-there", OUTPOST_CLUSTER, source=_SOURCE, severity=Severity.WARNING)
def not_there(cluster: Resource) -> Iterator[Violation]:
    """Outposts do not support snapshots or several zones."""
    for name, words in (
        ("SnapshotRetentionLimit", "snapshots"),
        ("SnapshotWindow", "snapshots"),
        ("SnapshotName", "snapshots"),
        ("SnapshotArns", "snapshots"),
        ("PreferredAvailabilityZones", "Availability Zones to choose from"),
    ):
        if cluster.has(name) and cluster.get(name) not in (0, "0"):
            yield Violation(
                property=name, value=cluster.get(name), must=f"be absent: an Outpost has no {words}", fix="remove it"
            )
    if cluster.text("AZMode") == "cross-az":
        yield Violation(property="AZMode", value="cross-az", must="be single-az on an Outpost", fix="leave it out")
