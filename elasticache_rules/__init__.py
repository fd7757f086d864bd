"""What Amazon ElastiCache refuses, as rules over CloudFormation templates; standard library only."""

from elasticache_rules import rules as _rules
from elasticache_rules.finding import Finding, Severity
from elasticache_rules.registry import Rule, Violation, all_rules, check_template
from elasticache_rules.template import UNKNOWN, Reference, Resource, Template, Unknown
from elasticache_rules.unjudged import Unjudged, unjudged

_rules.register_all()

__all__ = [
    "UNKNOWN",
    "Finding",
    "Reference",
    "Resource",
    "Rule",
    "Severity",
    "Template",
    "Unjudged",
    "Unknown",
    "Violation",
    "all_rules",
    "check_template",
    "unjudged",
]
