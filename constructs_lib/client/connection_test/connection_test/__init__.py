"""Does this machine reach this cache? A test in stages; Python 3.9 and its standard library are all it needs."""
