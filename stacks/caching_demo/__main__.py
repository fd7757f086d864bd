"""Runs the demonstration, as a folder or as a zip file."""

import sys

from caching_demo.cli import main

sys.exit(main())
