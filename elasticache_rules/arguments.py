"""The parser of the arguments of the commands."""

import argparse
import sys
from typing import NoReturn

from elasticache_rules.output import print_lines, printable


class Parser(argparse.ArgumentParser):
    """A parser whose error is one line on standard error, with exit status 2."""

    def error(self, message: str) -> NoReturn:
        """Print the message with the command that lists the options, and end."""
        print_lines([f"{self.prog}: {printable(message)}; see {self.prog} --help"], file=sys.stderr)
        raise SystemExit(2)
