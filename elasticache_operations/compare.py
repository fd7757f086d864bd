"""`elasticache compare`: the command of `elasticache_rules` for two versions of templates."""

from collections.abc import Sequence
from typing import Final

from elasticache_operations.aws import Call
from elasticache_operations.deployed_templates import GET_TEMPLATE, read_stack
from elasticache_operations.progress import Progress
from elasticache_rules.compare import command

CALLS: Final[Sequence[Call]] = (GET_TEMPLATE,)


def main(words: Sequence[str], prog: str) -> int:
    """Run the command; returns its exit status."""
    return command.main(words, prog, read_stack, Progress().step)
