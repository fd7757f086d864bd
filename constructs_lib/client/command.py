"""The console command `elasticache-connection-test`, which runs the connection test of the client on this machine."""

import runpy
from pathlib import Path


def main() -> None:
    """Run the connection test with the arguments of the command line; ends the program with its exit status."""
    runpy.run_path(str(Path(__file__).with_name("connection_test")), run_name="__main__")
