"""`elasticache capacity`, from flags, from a file, from a running server and from a cache's metrics."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from elasticache_operations.capacity import command
from tests.cache_servers import Certificates, Server, free_port, start
from tests.elasticache_operations.closed_schemas import check_schema
from tests.elasticache_operations.recorded import Recorded
from tests.elasticache_operations.run import AS_OF, Elasticache, Result
from tests.elasticache_operations.status import account

REGION = ("--region", "us-east-1")
KEYS = ("--engine", "valkey-8.1", "--items", "50M", "--key", "32", "--value", "400", "--ttl")
EXAMPLE = ("capacity", *KEYS, "--reads", "40k", "--writes", "10k", "--growth", "5%/month", "--months", "12")
SMALL = ("capacity", "--items", "1M", "--key", "16", "--value", "100")


def error(result: Result) -> str:
    """The error, below the progress that a slow machine shows."""
    assert result.out == ""
    return result.err.splitlines()[-1].removeprefix("elasticache capacity: ")


@pytest.mark.parametrize("format", ["text", "json", "markdown"])
def test_the_example_in_each_format(elasticache: Elasticache, format: str, snapshot: SnapshotAssertion) -> None:
    result = elasticache(*EXAMPLE, *REGION, *AS_OF, "--offline", "--format", format)
    assert result.status == 0
    assert result.out == snapshot
    if format == "json":
        check_schema("capacity", result.data)


def test_no_account_is_needed(elasticache: Elasticache) -> None:
    aws = Recorded({}, region=None)
    assert elasticache(*EXAMPLE, *AS_OF, aws=aws).status == 0
    assert aws.operations == set()


@pytest.mark.parametrize(
    ("type", "words", "saving"),
    [
        # Measured from Redis OSS 7.0 to Valkey 8.1, in percent.
        ("string", "--key 16 --value 20", -21),
        ("string", "--key 16 --value 100", -11),
        ("string", "--key 64 --value 512", -3),
        ("string", "--key 32 --value 4096", 0),
        ("integer", "--key 16", -28),
        ("string", "--key 16 --value 100 --ttl", -16),
        ("hash", "--key 16 --members 10 --field 8 --value 20", -5),
        ("set", "--key 16 --members 20 --value 12", -72),
        ("sorted-set", "--key 16 --members 500 --value 12", -16),
    ],
)
def test_the_saving_of_valkey_depends_on_the_shapes(
    elasticache: Elasticache, type: str, words: str, saving: int
) -> None:
    flags = ["capacity", "--engine", "redis-7.1", "--compare", "valkey-8.1", "--items", "100k", "--type", type]
    data = elasticache(*flags, *words.split(), *AS_OF, "--format", "json").data
    (other,) = data["compared"]
    assert other["engine"] == "valkey-8.1"
    assert 100 * (other["bytes_per_item"] / data["bytes_per_item"] - 1) == pytest.approx(saving, abs=2)
    assert data["plans"]
    assert other["plans"]
    check_schema("capacity", data)


def test_the_plan_names_prices_of_both_engines(elasticache: Elasticache) -> None:
    out = elasticache("capacity", "--engine", "redis-7.1", *SMALL[1:], *REGION, *AS_OF).out
    assert "on Valkey 9.1: " in out
    assert " USD a month (-" in out


def test_numbers_of_one_are_singular(elasticache: Elasticache) -> None:
    out = elasticache("capacity", "--engine", "redis-7.1", *SMALL[1:], "--months", "1", *REGION, *AS_OF).out
    assert "in 1 month " in out
    assert " for these shapes, 1 shard, 2 x " in out


@pytest.mark.parametrize(("shards", "status"), [("3", 0), ("2", 1)])
def test_fits_decides_the_exit_status(elasticache: Elasticache, shards: str, status: int) -> None:
    words = (*EXAMPLE, "--fits", "cache.r7g.xlarge", "--shards", shards, *REGION, *AS_OF)
    result = elasticache(*words, "--format", "json")
    assert result.status == status
    assert result.data["fits"]["suffices"] is (status == 0)
    assert result.data["fits"]["shards"] == int(shards)
    check_schema("capacity", result.data)
    text = elasticache(*words).out
    assert f"{shards} x cache.r7g.xlarge {'suffices' if status == 0 else 'does not suffice'}: memory at " in text


def test_no_node_that_suffices_is_status_1(elasticache: Elasticache) -> None:
    result = elasticache(*SMALL, "--connections", "60k", *REGION, *AS_OF)
    assert result.status == 1
    assert "no node type suffices" in result.out


def test_a_region_without_known_prices_is_told(elasticache: Elasticache) -> None:
    result = elasticache(*SMALL, "--region", "eu-west-1", *AS_OF)
    assert result.status == 0
    assert "price not known" in result.out
    origin = "prices of eu-west-1: none in the snapshot in this package of 2026-10-02, 55 days old"
    assert result.out.endswith(f"{origin}; read them with --live or --price-list\n")


@pytest.mark.parametrize(("engine", "least"), [("valkey-8.1", 0.1 * 0.084 * 730), ("redis-7.1", 0.125 * 730)])
def test_a_small_serverless_cache_pays_the_minimum(elasticache: Elasticache, engine: str, least: float) -> None:
    words = ("capacity", "--items", "10", "--value", "10", "--engine", engine, *REGION, *AS_OF, "--format", "json")
    assert elasticache(*words).data["serverless"]["usd_storage_per_month"] == pytest.approx(least, abs=0.01)


def test_a_file_of_shapes_is_a_mixture(elasticache: Elasticache, tmp_path: Path) -> None:
    file = tmp_path / "shapes.yaml"
    file.write_text(
        "- items: 10M\n  key: 32\n  value: 400\n  ttl: true\n"
        "- items: 2M\n  type: hash\n  key: 20\n  members: 10\n  field: 8\n  value: 20\n"
    )
    data = elasticache("capacity", "--shape", str(file), *REGION, *AS_OF, "--format", "json").data
    assert data["workload"]["items"] == 12_000_000
    file.write_text('[{"items": "10M", "key": 32, "value": 400, "ttl": true}]')
    alone = elasticache("capacity", "--shape", str(file), *REGION, *AS_OF, "--format", "json").data
    assert data["bytes_now"] > alone["bytes_now"]


WRONG = [
    ("", "--items must be given, got none; give --items with --key and --value, --shape, --measure or --from"),
    ("--items 1M", "--value must be given for the type string, got none; give it in bytes: 400"),
    ("--items -1 --value 4", "--items must be a number such as 500, 40k or 50M, got '-1'"),
    ("--items=-1 --value 4", "--items must be a number such as 500, 40k or 50M, got '-1'"),
    ("--items nan --value 4", "--items must be a number such as 500, 40k or 50M, got 'nan'"),
    ("--items 1e99 --value 4", "--items must be a number such as 500, 40k or 50M, got '1e99'"),
    ("--items 0 --value 4", "--items must be a whole number from 1 to 1,000,000,000,000, got '0'"),
    ("--items 1 --value 513MB", "--value must be 0 to 536,870,912 bytes, got '513MB'"),
    ("--items 1 --value 4 --key 0", "--key must be 1 to 536,870,912 bytes, got '0'"),
    ("--items 1 --value 4 --type text", "--type must be one of string, integer, hash, set, sorted-set, list, got "),
    ("--items 1 --value 4 --type set", "--members must be given for the type set, got none; give it: 20"),
    ("--items 1 --value 4 --members 3", "--members is not for the type string; leave it out, or give another type"),
    ("--items 1 --value 4 --engine redis-8.0", "--engine must be one of redis-4.0, "),
    ("--items 1 --value 4 --engine memcached-1.6.22", "--engine must be one of redis-4.0, "),
    ("--items 1 --value 4 --compare x", "--compare must be one of redis-4.0, "),
    ("--items 1 --value 4 --growth 5%", "--growth must be such as 5%/month, 30%/year or 500k/month, got '5%'"),
    ("--items 1 --value 4 --growth=-100%/year", "--growth must be more than -100 % and at most 1,000 %, got "),
    ("--items 1 --value 4 --months 121", "--months must be a whole number from 0 to 120, got '121'"),
    ("--items 1 --value 4 --replicas 6", "--replicas must be a whole number from 0 to 5, got '6'"),
    ("--items 1 --value 4 --reserved 100", "--reserved must be a whole number from 0 to 99, got '100'"),
    ("--items 1 --value 4 --fill 0", "--fill must be a whole number from 1 to 100, got '0'"),
    ("--items 1 --value 4 --ops-per-node 0", "--ops-per-node must be a whole number from 1 to 100,000,000, got '0'"),
    ("--items 1 --value 4 --fits cache.r7g.larg", "--fits must be a node type of us-east-1 for valkey, got "),
    ("--items 1 --value 4 --fits cache.m8g.large --engine redis-7.1", "--fits must be a node type of us-east-1 for "),
    ("--items 1 --value 4 --fits cache.r7g.large --shards 0", "--shards must be a whole number from 1 to 500, got "),
    ("--items 1 --shape x.yaml", "--shape cannot be combined with --items; give one of them"),
    ("--measure redis://h:1 --from orders", "--from cannot be combined with --measure; give one of them"),
    ("--shape no-such-file.yaml", "--shape no-such-file.yaml: cannot be read: "),
    ("--measure redis://h:1 --sample 0", "--sample must be a whole number from 1 to 1,000,000, got '0'"),
    ("--measure http://h:1", "--measure must be a URL such as rediss://HOST:6379, got 'http://h:1'"),
    ("--measure redis://h:1 --offline", "--measure cannot be combined with --offline; leave one of them out"),
    ("--from orders --offline", "--offline must not be set, because the caches of an account are read"),
]


@pytest.mark.parametrize(("words", "message"), WRONG)
def test_wrong_input_is_one_line_with_the_valid_values(elasticache: Elasticache, words: str, message: str) -> None:
    result = elasticache("capacity", *words.split(), *REGION, *AS_OF)
    assert result.status == 2
    assert error(result).startswith(message)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "must be a list of shapes, got none; begin each with '- items: 50M'"),
        ("items: 5", "must be a list of shapes, got none"),
        ("- 5", "must be a list of shapes, got none"),
        ("- items: 5\n  size: 4", "[0].size is not known; use items, type, key, value, members, field, ttl"),
        ("- items: 5\n  value: 4\n  ttl: 60", "[0].ttl must be true or false, got 60"),
        ("- items: 5\n  value: 4\n- value: 4", "[1].items must be given, got none; give the number of keys: 50M"),
        ("- items: 5\n  value: 1GB", "[0].value must be 0 to 536,870,912 bytes, got '1GB'"),
        ("- items: [", "is no YAML: "),
    ],
)
def test_a_wrong_file_is_one_line(elasticache: Elasticache, tmp_path: Path, content: str, message: str) -> None:
    file = tmp_path / "shapes.yaml"
    file.write_text(content)
    result = elasticache("capacity", "--shape", str(file), *REGION, *AS_OF)
    assert result.status == 2
    found = error(result)
    assert found.startswith(f"--shape {file}: ")
    assert found.removeprefix(f"--shape {file}: ").startswith(message)


def test_yaml_without_pyyaml_is_named(
    elasticache: Elasticache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "shapes.yaml"
    file.write_text("- items: 5")
    monkeypatch.setitem(sys.modules, "yaml", None)
    assert "pip install pyyaml" in error(elasticache("capacity", "--shape", str(file), *AS_OF))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    started = start(folder, "measured", Certificates(folder), tls=False, users=False)
    connection = started.admin_connection()
    for number in range(2000):
        connection.call("SET", f"key-{number:012d}", "v" * 500)
    connection.close()
    yield started
    started.stop()


@pytest.mark.servers
def test_a_running_server_is_planned_on_another_engine(elasticache: Elasticache, server: Server) -> None:
    words = ("capacity", "--measure", f"redis://127.0.0.1:{server.port}", "--engine", "valkey-8.1", *REGION, *AS_OF)
    result = elasticache(*words, "--format", "json")
    assert result.status == 0
    data = result.data
    assert data["measurement"]["sampled"] == 2000
    assert data["workload"]["items"] == 2000
    # The server here can be of either engine; it is compared with what is planned.
    assert data["compared"][0]["engine"].startswith(("redis-7", "valkey-"))
    assert data["bytes_per_item"] == pytest.approx(610, rel=0.15)
    check_schema("capacity", data)
    assert "measured       2,000 keys on " in elasticache(*words).out


def test_a_server_that_does_not_answer_is_status_3(elasticache: Elasticache) -> None:
    result = elasticache("capacity", "--measure", f"redis://127.0.0.1:{free_port()}", *REGION, *AS_OF)
    assert result.status == 3
    assert "check the address, TLS (rediss://)" in error(result)


def metrics(params: Mapping[str, Any]) -> dict[str, Any]:
    values = {
        "CurrItems": 10e6,
        "BytesUsedForCache": 5e9,
        "GetTypeCmds": 3.6e7,
        "SetTypeCmds": 3.6e6,
        "CurrConnections": 500.0,
    }
    results = [
        {
            "Id": query["Id"],
            "Timestamps": [params["EndTime"]],
            "Values": [values[query["MetricStat"]["Metric"]["MetricName"]]],
        }
        for query in params["MetricDataQueries"]
    ]
    return {"MetricDataResults": results}


def cache(changes: Mapping[tuple[str, str], Any] | None = None) -> Recorded:
    described = account.group(Engine="redis")
    return Recorded(
        {
            ("elasticache", "DescribeReplicationGroups"): {"ReplicationGroups": [described]},
            ("elasticache", "DescribeCacheClusters"): {
                "CacheClusters": [*account.clusters(described, EngineVersion="7.1.0"), account.memcached()]
            },
            ("elasticache", "DescribeServerlessCaches"): {"ServerlessCaches": [account.serverless()]},
            ("cloudwatch", "GetMetricData"): metrics,
            **(changes or {}),
        }
    )


def test_a_cache_is_planned_from_its_metrics(elasticache: Elasticache) -> None:
    aws = cache()
    result = elasticache("capacity", "--from", "orders", *REGION, *AS_OF, "--format", "json", aws=aws)
    assert result.status == 0
    data = result.data
    assert data["engine"] == "redis-7.1"
    # 5 GB less what the server itself takes.
    assert data["bytes_per_item"] == pytest.approx((5e9 - 2**20) / 10e6, abs=0.05)
    assert data["workload"]["reads_per_second"] == 10_000
    assert data["workload"]["writes_per_second"] == 1000
    assert data["workload"]["connections"] == 500
    assert data["measurement"]["shapes_assumed"] is True
    check_schema("capacity", data)
    assert {(call.service, call.operation) for call in command.CALLS if call.when != "--live"} == aws.operations
    assert all(call.when in ("--from", "--live") for call in command.CALLS)


@pytest.mark.parametrize(
    ("id", "message"),
    [
        ("order", "ID must be one of the valid values, got 'order'; use orders, pages, sessions"),
        ("pages", "--from must name a cache with nodes of Redis OSS or Valkey, got 'pages' (memcached, cluster)"),
        ("sessions", "--from must name a cache with nodes of Redis OSS or Valkey, got 'sessions' (valkey, serverless)"),
    ],
)
def test_a_cache_that_cannot_be_planned_is_one_line(elasticache: Elasticache, id: str, message: str) -> None:
    result = elasticache("capacity", "--from", id, *REGION, *AS_OF, aws=cache())
    assert result.status == 2
    assert error(result).startswith(message)


def test_a_cache_without_keys_is_one_line(elasticache: Elasticache) -> None:
    aws = cache({("cloudwatch", "GetMetricData"): {"MetricDataResults": []}})
    result = elasticache("capacity", "--from", "orders", *REGION, *AS_OF, aws=aws)
    assert result.status == 2
    assert "CloudWatch has no keys of it" in error(result)
