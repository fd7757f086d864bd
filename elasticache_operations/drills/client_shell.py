"""Shell scripts on the client of a cache: by SSM Run Command, or by a command such as SSH."""

import argparse
import shutil
import subprocess
from dataclasses import dataclass
from typing import Protocol

from elasticache_operations.aws import Aws
from elasticache_operations.drills.commands import words_of
from elasticache_operations.drills.run_command import Done, Instance
from elasticache_operations.errors import CommandError, InputError

OPTION = "--client-shell"


class Shell(Protocol):
    """Runs scripts on the client."""

    @property
    def place(self) -> str:
        """Where they run, for messages."""

    def run(self, script: str, seconds: int = 60) -> Done:
        """Run a script, and wait for its end.

        :param seconds: after which the script is ended.
        :raises CommandError: when it cannot be run, or does not end in time.
        """


@dataclass(frozen=True, slots=True)
class CommandShell:
    """A command on this machine that runs the script on its standard input on the client.

    :param command: such as `ssh -T HOST sudo sh -s`; words as in a shell, without expansions.
    """

    command: str

    @property
    def place(self) -> str:
        """Where the scripts run, for messages."""
        return f"the client of {OPTION}"

    @property
    def words(self) -> list[str]:
        """The words of the command.

        :raises InputError: when it is no command, or its program does not exist.
        """
        words = words_of(OPTION, self.command, "ssh -T HOST sudo sh -s")
        if shutil.which(words[0]) is None:
            raise InputError(
                f"{OPTION} must be a command that can be run, got {words[0]!r} (no such program); correct it"
            )
        return words

    def run(self, script: str, seconds: int = 60) -> Done:
        """Run a script, and wait for its end."""
        words = self.words
        try:
            done = subprocess.run(words, input=script, capture_output=True, text=True, timeout=seconds, check=False)
        except subprocess.TimeoutExpired:
            raise CommandError(
                f"{words[0]} of {OPTION} did not end in {seconds} s; run it by hand, and test it"
            ) from None
        except OSError as problem:
            raise InputError(
                f"{OPTION} must be a command that can be run, got {words[0]!r} ({problem.strerror}); correct it"
            ) from None
        return Done(done.returncode, done.stdout, " ".join(done.stderr.strip()[-600:].split()))


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that name the client: `--instance` and `--client-shell`."""
    client = parser.add_mutually_exclusive_group()
    client.add_argument("--instance", metavar="ID", help="the client, on which SSM Run Command runs scripts")
    client.add_argument(
        OPTION,
        metavar="COMMAND",
        help="runs the script on its standard input on the client, such as 'ssh -T HOST sudo sh -s'; instead of "
        "--instance",
    )


def shell_of(arguments: argparse.Namespace, aws: Aws) -> Shell:
    """The shell that the options name.

    :raises InputError: when neither of them is given.
    """
    if arguments.client_shell is not None:
        shell = CommandShell(arguments.client_shell)
        # Before anything is changed.
        _ = shell.words
        return shell
    if not arguments.instance:
        raise InputError(
            f"--instance must be given with --run, because the client tests the cache; give the id of its instance, or "
            f"{OPTION}"
        )
    return Instance(aws, arguments.instance)
