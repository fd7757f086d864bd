"""The table of the subcommands of `elasticache`.

A subcommand is one module, which the table names. It has:

`CALLS: Sequence[Call]`
    every operation of AWS that it can call; `elasticache policy NAME` prints them, and a test compares them with the
    calls that the subcommand makes.
`configure(parser: argparse.ArgumentParser) -> None`
    adds its own arguments, its description and its epilog. The common options (`--format`, `--region`, `--profile`,
    `--offline`, `--as-of`) are there already, and must not be added.
`run(arguments: argparse.Namespace, context: Context) -> Outcome`
    does the work and returns an `Outcome`: a `Report` (blocks of text, and the data of the JSON document) and the exit
    status 0 or 1. It prints nothing. It calls AWS through `context.aws.call(service, operation, **arguments)` and
    `context.aws.pages(service, operation, listed, **arguments)` alone, and wraps what can take longer than a second in
    `with context.progress.step("reading ..."):`. The date is `context.as_of`, never the clock. It raises `InputError`
    (status 2: an argument is wrong; the message lists the valid values) and lets `AwsError` (status 3) pass.

A subcommand with `own_parser=True` has `CALLS` and `main(words: Sequence[str], prog: str) -> int` instead: it parses
and prints itself, and returns its exit status.

A subcommand with `children` is a group, such as `drill`, and has no module. Its children are written the same way, and
their name in `elasticache policy` is that of both: `policy drill global-failover`.

The JSON document of the subcommand NAME is described by `docs/schemas/NAME.json`. None values are left out of it.
In tests, `tests/elasticache_operations/recorded.py` answers the calls of AWS and records them.
`RUNS` in `test_policy.py` there has a function for each subcommand that makes every call of it.
"""

import importlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from elasticache_operations.errors import one_of

_PACKAGE: Final = "elasticache_operations"


@dataclass(frozen=True, slots=True)
class Command:
    """An entry of the table.

    :param name: the word on the command line.
    :param help: one line for the list of subcommands.
    :param module: below this package; empty for a group.
    :param own_parser: whether the module parses its words and prints its output itself.
    :param children: the subcommands of a group.
    """

    name: str
    help: str
    module: str = ""
    own_parser: bool = False
    children: "Sequence[Command]" = ()

    def load(self) -> Any:
        """The module, imported when it is needed."""
        return importlib.import_module(f"{_PACKAGE}.{self.module}")


COMMANDS: Final = (
    Command("check", "find what ElastiCache would refuse in templates", "check", own_parser=True),
    Command("compare", "find changes that replace a cache or take several deploys", "compare", own_parser=True),
    Command("cost", "price templates, per resource and month", "cost"),
    Command("quotas", "compare the quotas of the account with what templates need", "quotas"),
    Command(
        "picture",
        "draw what templates or deployed stacks are, or what a change does",
        "picture.command",
        own_parser=True,
    ),
    Command("capacity", "plan nodes, shards and serverless for a workload", "capacity.command"),
    Command("status", "show the health of caches, with findings and advice", "status.command"),
    Command("advise", "advise on node size, Valkey, reserved nodes and serverless", "advise.command"),
    Command("policy", "print the IAM policy that a subcommand needs", "policy"),
    Command(
        "drill",
        "change a running cache, and measure the effect",
        children=(
            Command("failover", "fail over a shard, measured at a client", "drills.failover.command"),
            Command("restore", "restore a snapshot into a temporary cache, and compare it", "drills.restore.command"),
            Command("rotation", "rotate a password twice while a client logs in", "drills.rotation.command"),
            Command(
                "global-failover",
                "move the primary of a Global Datastore to another region",
                "drills.global_failover.command",
                own_parser=True,
            ),
        ),
    ),
)
"""The subcommands, in the order of the help."""


def find(
    words: Sequence[str], commands: Sequence[Command] = COMMANDS, path: str = ""
) -> tuple[Command, str, list[str]]:
    """The subcommand that words name, its full name, and the remaining words.

    :raises InputError: when the first words name no subcommand.
    """
    names = [command.name for command in commands]
    if not words:
        raise one_of(f"the subcommand of elasticache {path}".rstrip(), "", names)
    command = next((each for each in commands if each.name == words[0]), None)
    if command is None:
        raise one_of(f"the subcommand of elasticache {path}".rstrip(), words[0], names)
    name = f"{path} {command.name}".lstrip()
    if command.children and words[1:2] not in (["-h"], ["--help"]):
        return find(words[1:], command.children, name)
    return command, name, list(words[1:])


def leaves(commands: Sequence[Command] = COMMANDS, path: str = "") -> Iterator[tuple[str, Command]]:
    """Every subcommand that is no group, with its full name."""
    for command in commands:
        name = f"{path} {command.name}".lstrip()
        if command.children:
            yield from leaves(command.children, name)
        else:
            yield name, command
