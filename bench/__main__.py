"""Measure and print every figure with its bound; the status is 1 when one is missed."""

import sys

from bench.connection import healthy_cluster
from bench.one_more import one_more
from bench.synth import app_against_floor


def main() -> int:
    """Print a line per figure."""
    missed = 0

    def report(name: str, text: str, value: float, bound: float) -> None:
        nonlocal missed
        missed += value > bound
        print(f"{'ok    ' if value <= bound else 'MISSED'} {name}: {text}; bound {bound}", flush=True)

    found = app_against_floor()
    report("python app.py against bare CfnResource", str(found), found.ratio, 1.25)
    for count in (1, 10, 100):
        found = one_more(count)
        report(f"one more replication group in an app of {count}", str(found), found.ratio, 2.0)
    median, runs = healthy_cluster()
    report("connection test, three shards with TLS", f"{median:.2f} s (median of {runs})", median, 2.0)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
