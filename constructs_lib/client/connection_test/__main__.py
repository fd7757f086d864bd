"""The zip's entry: `python3 connection_test.zip --help`."""

import sys

from connection_test.cli import main

if __name__ == "__main__":
    sys.exit(main())
