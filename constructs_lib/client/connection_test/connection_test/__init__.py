"""Tests the connection from this machine to a cache, in stages; needs only Python 3.9 and its standard library."""
