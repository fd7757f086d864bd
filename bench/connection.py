"""Measures the connection test, as a process, on a healthy three-shard cluster with TLS, users and replicas."""

import statistics
import sys
import tempfile
from pathlib import Path

from bench.timing import PAIRS, seconds

sys.path.insert(0, str(Path(__file__).parents[1] / "constructs_lib" / "client" / "connection_test"))

from tests import cache_servers
from tests.connection_test import probe


def healthy_cluster() -> tuple[float, int]:
    """The median in seconds, and the number of runs.

    :raises RuntimeError: when a run does not pass.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "certificates").mkdir()
        archive = probe.make_zip(folder / "connection_test.zip")
        certificates = cache_servers.Certificates(folder / "certificates")
        with cache_servers.cluster(folder / "cluster", certificates) as servers:
            words = [*probe.to(*servers), *probe.as_user("app"), "--cluster-mode=enabled", "--shards=3"]

            def run() -> None:
                outcome = probe.run(*words, "--replicas-per-shard=1", password=probe.PASSWORD, program=archive)
                if outcome.status != 0:
                    raise RuntimeError(outcome.output)

            run()
            return statistics.median(seconds(run) for _ in range(PAIRS)), PAIRS
