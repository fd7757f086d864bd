"""The measurements; each function `measure` returns its section of the JSON report."""
