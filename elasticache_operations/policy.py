"""`elasticache policy`: the IAM policy with the actions that a subcommand calls, and no other."""

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from elasticache_operations.aws import Call
from elasticache_operations.context import Context, Outcome
from elasticache_operations.errors import InputError, one_of
from elasticache_operations.registry import leaves
from elasticache_operations.report import Lines, Report, Table

CALLS: Final[Sequence[Call]] = ()
_NARROWED: Final = {
    "cache": ("ID", "id of the replication group"),
    "instance": ("ID", "id of the client's instance"),
    "secret": ("ARN", "ARN of the secret"),
}
"""The options that replace the placeholders in `Call.resource`; without one, `*` takes the place."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.description = "Prints the IAM policy of a subcommand: every action that it can call, and no other."
    parser.add_argument("name", nargs="+", metavar="NAME", help="such as cost, or drill global-failover")
    for option, (metavar, words) in _NARROWED.items():
        parser.add_argument(
            f"--{option}", metavar=metavar, help=f"allow what changes something on one resource alone: the {words}"
        )
    parser.add_argument(
        "--deny-others",
        action="store_true",
        help="deny every other action as well, for a role that runs this subcommand alone",
    )


def run(arguments: argparse.Namespace, context: Context) -> Outcome:
    """Print the policy."""
    name = " ".join(arguments.name)
    commands = dict(leaves())
    if name not in commands:
        raise one_of("NAME", name, list(commands))
    calls = _narrowed(name, commands[name].load().CALLS, arguments)
    document = policy(calls, deny_others=arguments.deny_others)
    optional = [(call.action, call.when) for call in calls if call.when]
    blocks: list[Table | Lines] = [Lines(json.dumps(document, indent=2).splitlines(), code=True)]
    if not calls:
        blocks = [Lines([f"{name} calls nothing of AWS, and needs no policy"])]
    elif arguments.format == "markdown" and optional:
        blocks.append(Table(("action", "only with"), optional))
    data = {
        "name": name,
        "policy": document,
        "optional": [{"action": action, "when": when} for action, when in optional],
    }
    return Outcome(Report(data, blocks))


def _narrowed(name: str, calls: Sequence[Call], arguments: argparse.Namespace) -> list[Call]:
    """The calls with the resources of the options.

    :raises InputError: for an option without an effect.
    """
    values = {}
    for option in _NARROWED:
        given = getattr(arguments, option)
        if given is not None and not any(f"{{{option}}}" in call.resource for call in calls):
            raise InputError(f"--{option} has no effect, because {name} changes nothing of that kind; leave it out")
        values[option] = "*" if given is None else given.rpartition(":")[2]
    return [replace(call, resource=call.resource.format(**values)) for call in calls]


def policy(calls: Sequence[Call], *, deny_others: bool = False) -> dict[str, Any]:
    """The IAM policy that allows these calls.

    :param deny_others: deny every other action.
    """
    kinds = sorted({(call.resource, call.condition or ()) for call in calls})
    statements: list[dict[str, Any]] = [
        {
            "Effect": "Allow",
            "Action": sorted({call.action for call in calls if (call.resource, call.condition or ()) == kind}),
            "Resource": kind[0],
            **({"Condition": {"StringLike": dict([kind[1]])}} if kind[1] else {}),
        }
        for kind in kinds
    ]
    if deny_others and calls:
        every = sorted({call.action for call in calls})
        statements.append({"Effect": "Deny", "NotAction": every, "Resource": "*"})
    return {"Version": "2012-10-17", "Statement": statements}
