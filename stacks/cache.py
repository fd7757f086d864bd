"""The stack of the cache: everything that holds data."""

from typing import Final

import aws_cdk as cdk
from constructs import Construct

from elasticache_rules import facts

UNKNOWN_REGION: Final = "elasticache-stack:unknown-region"
"""The warning's id, for `acknowledge_warning`."""


class CacheStack(cdk.Stack):
    """A stack for a cache, with its users, parameter group, subnet group and security group.

    :param description: of the stack.
    :param termination_protection: whether it refuses to be deleted.
    :param env: where.
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
        # A subnet under a cache must not be removed: references to the network are exports, which refuse that.
        cdk.CrossStackReferences.of(self).consume(cdk.ReferenceStrength.STRONG)
        warn_of_unknown_region(self)


def warn_of_unknown_region(stack: cdk.Stack) -> None:
    """Warn of a region that has the form of one and is not known here: a new one, or a slip."""
    if cdk.Token.is_unresolved(stack.region) or facts.knows_region(stack.region):
        return
    cdk.Annotations.of(stack).add_warning_v2(
        UNKNOWN_REGION,
        f"{stack.node.path}: region must be one that is known here, got {stack.region}; check its name, and that "
        "ElastiCache and the node type are offered there",
    )
