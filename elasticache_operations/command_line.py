"""The command `elasticache`: finds the subcommand, runs it, and prints its report or its error."""

import argparse
import re
import sys
from collections.abc import Sequence
from typing import Any, Final, NoReturn

from elasticache_operations import context as contexts
from elasticache_operations.aws import Aws, CreateSession
from elasticache_operations.context import Context, add_common_options
from elasticache_operations.errors import CommandError, Exit, InputError
from elasticache_operations.registry import COMMANDS, Command, find
from elasticache_rules.output import flushed, print_lines, printable

_STATUSES: Final = (
    "exit status: 0 fine, 1 something was found (see the subcommand's help), 2 an argument or a file is wrong, "
    "3 AWS did not answer (credentials, permission, throttling, network)"
)


_NEGATIVE: Final = re.compile(r"-[0-9.]")
_OPTION: Final = re.compile(r"--[a-z][a-z-]*")


class _Parser(argparse.ArgumentParser):
    """A parser whose error is one line, and whose options take values such as -5%/month as the next word."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
        """Parse words, of which those that begin with a minus and a digit are values."""
        words: list[str] = []
        for word in args:
            is_value = _NEGATIVE.match(word) and words and _OPTION.fullmatch(words[-1])
            words[len(words) - bool(is_value) :] = [f"{words[-1]}={word}"] if is_value else [word]
        return super().parse_known_args(words, namespace)

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message}; see {self.prog} --help")


def main(words: Sequence[str] | None = None, create: CreateSession | None = None) -> int:
    """Run the command; returns its exit status.

    :param create: creates the session of boto3; tests pass one with recorded answers.
    """
    with flushed():
        return _main(list(sys.argv[1:] if words is None else words), create)


def _main(given: list[str], create: CreateSession | None) -> int:
    name = ""
    if given[:1] in (["-h"], ["--help"]):
        return _print_help("elasticache", "Amazon ElastiCache before and after a deploy.", COMMANDS)
    try:
        command, name, rest = find(given)
        return _run(command, name, rest, create)
    except CommandError as problem:
        print_lines([f"elasticache{f' {name}' if name else ''}: {printable(str(problem))}"], file=sys.stderr)
        return int(problem.status)
    except SystemExit as ended:  # of argparse, after --help or a wrong option
        return int(ended.code or 0)
    except KeyboardInterrupt:
        print_lines([f"elasticache {name}: interrupted"], file=sys.stderr)
        return int(Exit.INTERRUPTED)


def parser(command: Command, name: str) -> argparse.ArgumentParser:
    """The parser of a subcommand, with its own arguments and the common options."""
    result = _Parser(prog=f"elasticache {name}", description=command.help, allow_abbrev=False)
    result.epilog = _STATUSES
    add_common_options(result)
    command.load().configure(result)
    return result


def _run(command: Command, name: str, words: list[str], create: CreateSession | None) -> int:
    if command.children:
        return _print_help(f"elasticache {name}", command.help, command.children)
    module = command.load()
    if command.own_parser:
        return int(module.main(words, f"elasticache {name}"))
    arguments = parser(command, name).parse_args(words)
    given = {} if create is None else {"create": create}
    aws = Aws(arguments.region, arguments.profile, arguments.offline, **given)
    context = Context(arguments.region, arguments.as_of or contexts.today(), arguments.offline, aws)
    outcome = module.run(arguments, context)
    print_lines(outcome.report.lines(arguments.format, name, context.as_of, outcome.region or context.region))
    return int(outcome.status)


def _print_help(prog: str, description: str, commands: Sequence[Command]) -> int:
    width = max(len(command.name) for command in commands)
    print_lines(
        [
            f"usage: {prog} SUBCOMMAND ...\n\n{description}\n\nsubcommands:",
            *(f"  {command.name.ljust(width)}  {command.help}" for command in commands),
            f"\n{prog} SUBCOMMAND --help lists the options.\n{_STATUSES}",
        ]
    )
    return int(Exit.FINE)
