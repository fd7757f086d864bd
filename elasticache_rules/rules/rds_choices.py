"""Databases of RDS: classes, types of storage, the authentication of the master user, and promotion tiers."""

import re
from collections.abc import Iterator

from elasticache_rules import facts
from elasticache_rules.finding import Severity
from elasticache_rules.registry import Violation, rule
from elasticache_rules.rules.rds_common import API, CLUSTER, INSTANCE, REFERENCE, engine_of
from elasticache_rules.template import Resource

_CLASS = re.compile(r"db\.(serverless|[a-z][a-z0-9-]*(\.[a-z0-9-]+)+)\Z", re.IGNORECASE)
_LATER_STORAGE = re.compile(r"(gp|io)[0-9]\Z")


@rule("rds/instance-class", INSTANCE, CLUSTER, source=f"{API}API_CreateDBInstance.html")
def instance_class(database: Resource) -> Iterator[Violation]:
    """A DB instance class has the form db.family.size, or is db.serverless."""
    prop = "DBInstanceClass" if database.type == INSTANCE else "DBClusterInstanceClass"
    value = database.text(prop)
    if value is not None and not _CLASS.match(value):
        yield Violation(
            property=prop,
            value=value,
            must="have the form db.family.size",
            fix="write it like db.t4g.micro",
        )


@rule("rds/storage-type", INSTANCE, CLUSTER, source=f"{REFERENCE}dbinstance.html")
def storage_type(database: Resource) -> Iterator[Violation]:
    """The type of storage is one of the kind of database."""
    kind, engine = database.text("StorageType"), engine_of(database)
    if kind is None or engine is None:
        return
    aurora = engine.startswith("aurora")
    if aurora and database.type == INSTANCE:
        return  # Its cluster has the storage.
    offered = facts.load("database")["storage_types"]["aurora" if aurora else database.type]
    if kind not in offered:
        later = not aurora and _LATER_STORAGE.match(kind) is not None
        yield Violation(
            property="StorageType",
            value=kind,
            must=f"be one of {', '.join(offered)} with the engine {engine}",
            fix="choose one of them",
            severity=Severity.WARNING if later else None,
        )


@rule("rds/authentication-type", INSTANCE, CLUSTER, source=f"{REFERENCE}dbinstance.html")
def authentication_type(database: Resource) -> Iterator[Violation]:
    """The master user authenticates with a password or with IAM."""
    value, offered = database.text("MasterUserAuthenticationType"), facts.load("database")["authentication_types"]
    if value is not None and value not in offered:
        yield Violation(
            property="MasterUserAuthenticationType",
            value=value,
            must=f"be {' or '.join(offered)}",
            fix="choose one of them",
        )


@rule("rds/promotion-tier", INSTANCE, source=f"{API}API_CreateDBInstance.html")
def promotion_tier(instance: Resource) -> Iterator[Violation]:
    """The promotion tier of an Aurora instance is 0 to 15."""
    tier, bounds = instance.integer("PromotionTier"), facts.load("database")["promotion_tier"]
    if tier is not None and not bounds["min"] <= tier <= bounds["max"]:
        yield Violation(
            property="PromotionTier",
            value=tier,
            must=f"be {bounds['min']} to {bounds['max']}",
            fix="choose a number in that range",
        )
