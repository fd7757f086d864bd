"""Ports and subnets."""

from collections.abc import Iterator

from elasticache_rules import facts
from elasticache_rules.registry import Violation, rule
from elasticache_rules.rules.common import API, REPLICATION_GROUP, SUBNET_GROUP
from elasticache_rules.template import Resource


@rule("network/port", REPLICATION_GROUP, source=f"{API}API_CreateReplicationGroup.html")
def port(group: Resource) -> Iterator[Violation]:
    """The port is 1150 to 65535, and not 8005."""
    number = group.integer("Port")
    if number is None:
        return
    ranges: list[list[int]] = facts.load("limits")["ports"]["ranges"]
    if not any(first <= number <= last for first, last in ranges):
        words = " or ".join(f"{first} to {last}" for first, last in ranges)
        yield Violation(property="Port", value=number, must=f"be {words}", fix="use 6379, the default")


@rule("network/subnets", SUBNET_GROUP, source=f"{API}API_CreateCacheSubnetGroup.html")
def subnets(group: Resource) -> Iterator[Violation]:
    """A subnet group names at least one subnet."""
    ids = group.items("SubnetIds")
    if ids is not None and not ids:
        yield Violation(property="SubnetIds", value=ids, must="name at least one subnet", fix="add the VPC's subnets")
