"""A cluster of many nodes, of which one process answers for all."""

import pytest

from tests.cache_servers import PASSWORD, Certificates
from tests.connection_test import probe
from tests.many_nodes import many_nodes


@pytest.mark.servers
def test_a_cluster_of_100_nodes(certificates: Certificates) -> None:
    with many_nodes(certificates, shards=50, replicas=1) as many:
        words = [*many.words_with(certificates.ca_file), *probe.as_user("app"), "--cluster-mode=enabled"]
        outcome = probe.run(*words, "--shards=50", "--replicas-per-shard=1", password=PASSWORD)
        assert (outcome.status, outcome.report["verdict"]) == (0, "PASS"), outcome.output
        assert outcome.stage("topology")["detail"] == "50 shards, 100 nodes reachable, all 16384 slots covered"
        assert outcome.stage("data")["detail"] == "SET, GET and DEL on 50 shards"
        assert outcome.report["replicas_read"] == 50
        # The nodes are told apart: a wrong password, and more shards than there are.
        assert probe.run(*words, password="wrong").failed["code"] == "wrong-credentials"
        assert probe.run(*words, "--shards=51", password=PASSWORD).stage("topology")["code"] == "other-shards"
