"""`python -m elasticache_operations` is the command `elasticache`."""

import sys

from elasticache_operations.command_line import main

if __name__ == "__main__":
    sys.exit(main())
