"""The stack of the cache: everything that holds data."""

from typing import Final

import aws_cdk as cdk
from constructs import Construct

from elasticache_rules import facts

UNKNOWN_REGION: Final = "elasticache-stack:unknown-region"
"""The id of the warning, for `acknowledge_warning`."""


class CacheStack(cdk.Stack):
    """A stack for a cache, with its users, parameter group, subnet group and security group.

    :param description: the description of the stack.
    :param termination_protection: whether the stack has termination protection.
    :param env: the account and the region.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        description: str,
        termination_protection: bool,
        env: cdk.Environment | None = None,
    ) -> None:
        super().__init__(scope, id, env=env, description=description, termination_protection=termination_protection)
        # Strong references are exports, which prevent the removal of subnets that the cache uses.
        cdk.CrossStackReferences.of(self).consume(cdk.ReferenceStrength.STRONG)
        warn_of_unknown_region(self)


def warn_of_unknown_region(stack: cdk.Stack) -> None:
    """Add a warning for a region that is not known to this app: a new region, or a typo."""
    if cdk.Token.is_unresolved(stack.region) or facts.knows_region(stack.region):
        return
    cdk.Annotations.of(stack).add_warning_v2(
        UNKNOWN_REGION,
        f"{stack.node.path}: region must be a known region, got {stack.region}; check the name, and that ElastiCache "
        "and the node type are available there",
    )
