"""Measures the connection test, as a process with TLS, on a cluster of real servers and on 1,000 simulated nodes."""

import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import trustme

from bench.timing import PAIRS, seconds

sys.path.insert(0, str(Path(__file__).parents[1] / "constructs_lib" / "client" / "connection_test"))

from tests import cache_servers
from tests.connection_test import probe
from tests.many_nodes import many_nodes

SHARDS: Final = 3
MANY_SHARDS: Final = 500
STAGE_BOUNDS: Final = {
    "dns": 10,
    "tcp": 2,
    "tls": 50,
    "auth": 10,
    "ping": 2,
    "topology": 10,
    "data": 15,
    "replicas": 25,
    "latency": 30,
}
"""The bounds of the stages on three shards in milliseconds: about three times their durations in November 2026."""
# A system has about so many certificate authorities, which the test reads as well.
_AUTHORITIES: Final = 140
_MANY_RUNS: Final = 3


@dataclass(frozen=True, slots=True)
class Measured:
    """The durations of the test.

    :param median: of the process in seconds.
    :param runs: their number.
    :param stages: by name, the shortest duration of all runs in milliseconds: a busy machine only lengthens them.
    """

    median: float
    runs: int
    stages: dict[str, float]


def healthy_cluster() -> Measured:
    """Three shards of real servers with one replica each, users and TLS.

    :raises RuntimeError: when a run does not pass.
    """
    with (
        _certificates() as (folder, certificates, bundle),
        cache_servers.cluster(folder / "c", certificates) as servers,
    ):
        words = [*probe.to(*servers, ca_file=bundle), f"--shards={SHARDS}", "--engine-version=7.0"]
        return _measured(words, folder, PAIRS)


def many_shards() -> Measured:
    """500 shards with one replica each. One process answers for the 1,000 nodes; it is no engine.

    :raises RuntimeError: when a run does not pass.
    """
    with (
        _certificates() as (folder, certificates, bundle),
        many_nodes(certificates, shards=MANY_SHARDS, replicas=1) as many,
    ):
        words = [*many.words_with(bundle), f"--shards={MANY_SHARDS}", "--engine-version=7.1"]
        return _measured(words, folder, _MANY_RUNS)


@contextmanager
def _certificates() -> Iterator[tuple[Path, cache_servers.Certificates, Path]]:
    """A folder, certificates, and a file with as many authorities as a system has."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        certificates = cache_servers.Certificates(folder)
        bundle = folder / "bundle.pem"
        others = (trustme.CA().cert_pem.bytes() for _ in range(_AUTHORITIES))
        bundle.write_bytes(b"".join([*others, certificates.ca_file.read_bytes()]))
        yield folder, certificates, bundle


def _measured(words: list[str], folder: Path, runs: int) -> Measured:
    archive = probe.make_zip(folder / "connection_test.zip")
    stages: dict[str, list[float]] = {name: [] for name in STAGE_BOUNDS}
    words = [*words, *probe.as_user("app"), "--cluster-mode=enabled", "--replicas-per-shard=1"]

    def run() -> None:
        outcome = probe.run(*words, password=probe.PASSWORD, program=archive)
        if outcome.status != 0 or outcome.report["verdict"] != "PASS":
            raise RuntimeError(outcome.output)
        for name, durations in stages.items():
            durations.append(float(outcome.stage(name)["milliseconds"]))

    run()
    return Measured(statistics.median(_repeated(run, runs)), runs, {name: min(each) for name, each in stages.items()})


def _repeated(action: Callable[[], None], count: int) -> list[float]:
    return [seconds(action) for _ in range(count)]


def goals(report: Callable[[str, str, float, float], None]) -> None:
    """Report every figure with its bound."""
    three = healthy_cluster()
    text = f"{three.median:.2f} s (median of {three.runs})"
    report("connection test, three shards with TLS", text, three.median, 0.5)
    for name, bound in STAGE_BOUNDS.items():
        text = f"{three.stages[name]:.1f} ms (shortest of {three.runs + 1})"
        report(f"connection test, three shards, stage {name}", text, three.stages[name], bound)
    many = many_shards()
    text = f"{many.median:.1f} s (median of {many.runs}; topology {many.stages['topology']:.0f} ms, "
    text += f"data {many.stages['data']:.0f} ms, replicas {many.stages['replicas']:.0f} ms)"
    report(f"connection test, {MANY_SHARDS} simulated shards with a replica and TLS", text, many.median, 10)


if __name__ == "__main__":
    missed: list[str] = []

    def _print(name: str, text: str, value: float, bound: float) -> None:
        print(f"{'ok    ' if value <= bound else 'MISSED'} {name}: {text}; bound {bound}", flush=True)
        if value > bound:
            missed.append(name)

    goals(_print)
    sys.exit(1 if missed else 0)
