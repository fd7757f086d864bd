"""Measure and print every figure with its bound, and a table that compares caching libraries.

The exit status is 1 when a bound is missed.
"""

import sys
from functools import partial
from typing import Final

from bench import caching, connection
from bench.imports import import_against_cdk
from bench.local import fault_matrix, make_local
from bench.one_more import one_more
from bench.rules import against_cfn_lint, plugin_share
from bench.synth import app_against_floor

_DATABASE: Final = "rds-behind-cache"
LOCAL: Final = (
    ("make local", make_local, 30, 600),
    (f"make local DEPLOYMENT={_DATABASE}", partial(make_local, _DATABASE), 120, 800),
    ("make local-faults", fault_matrix, 120, 600),
)
"""The name, the measurement, and the bounds in seconds and MiB."""


def main() -> int:
    """Print a line for each figure; returns the exit status."""
    missed = 0

    def report(name: str, text: str, value: float, bound: float) -> None:
        nonlocal missed
        missed += value > bound
        print(f"{'ok    ' if value <= bound else 'MISSED'} {name}: {text}; bound {bound}", flush=True)

    result = app_against_floor()
    report("python app.py against bare CfnResource", str(result), result.ratio, 1.2)
    result = import_against_cdk()
    report("import constructs_lib against aws_cdk with its modules", str(result), result.ratio, 1.3)
    for count in (1, 10, 100):
        result = one_more(count)
        report(f"one more replication group in an app of {count}", str(result), result.ratio, 1.8)
    share = plugin_share()
    report("the rules' share of a synth", f"{share:.1%} (median of 7)", share, 0.05)
    for whole, name, bound in ((False, "one template", 1 / 8), (True, "the corpus", 1 / 20)):
        result = against_cfn_lint(whole=whole, count=7)
        times = f"cfn-lint takes {result.ratio:.1f} times as long"
        report(f"the rules against cfn-lint on {name}", times, 1 / result.ratio, bound)
    caching.goals(report)
    caching.compare()
    connection.goals(report)
    for name, measure, seconds, mebibytes in LOCAL:
        cost = measure()
        report(
            f"{name}, time", f"{cost.seconds:.0f} s, {cost.seconds / seconds:.2f} of the bound", cost.seconds, seconds
        )
        memory = f"{cost.mebibytes:.0f} MiB, {cost.mebibytes / mebibytes:.2f} of the bound"
        report(f"{name}, memory at the peak", memory, cost.mebibytes, mebibytes)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
