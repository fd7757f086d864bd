"""The prices of capacity, status and advise: the snapshot, its age, an offer file, and the Price List API."""

import argparse
import json
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from elasticache_operations import node_prices, price_options, templates
from elasticache_operations.aws import Aws
from elasticache_operations.capacity.result import ServerlessPrice
from elasticache_operations.context import Context
from elasticache_operations.errors import InputError
from elasticache_operations.node_prices import NodePrices
from elasticache_operations.pricing import read_offer_file
from elasticache_operations.progress import Progress
from elasticache_operations.report import Source
from elasticache_rules import facts
from elasticache_rules.documents import read_all
from tests.elasticache_operations.offers import offer_file
from tests.elasticache_operations.pricing import LIVE
from tests.elasticache_operations.recorded import Recorded
from tests.elasticache_operations.run import AS_OF, Elasticache

READ = date.fromisoformat(facts.load("prices")["date"])


def test_the_snapshot_has_nodes_and_serverless_of_one_region() -> None:
    prices = node_prices.snapshot("us-east-1", READ)
    assert prices.node("cache.r7g.large", "redis") == 0.219
    assert prices.node("cache.r7g.large", "valkey") == 0.1752
    assert prices.node("cache.none", "valkey") is None
    assert prices.serverless("valkey") == ServerlessPrice(0.084, 0.0023, 0.1)
    elsewhere = node_prices.snapshot("eu-west-1", READ)
    assert elsewhere.node("cache.r7g.large", "redis") is None
    assert elsewhere.serverless("valkey") is None


@pytest.mark.parametrize(
    ("date_of_prices", "live", "line"),
    [
        ("2026-11-26", False, "prices of 2026-11-26, 0 days old"),
        ("2026-11-25", False, "prices of 2026-11-25, 1 day old"),
        ("2026-10-02", False, "prices of 2026-10-02, 55 days old"),
        ("2026-11-27", False, "prices of 2026-11-27"),
        ("2026-10-02", True, "prices of 2026-10-02"),
    ],
)
def test_a_source_says_its_date_and_its_age(date_of_prices: str, live: bool, line: str) -> None:
    assert Source("prices", date_of_prices, live).line(date(2026, 11, 26)) == line


@pytest.mark.parametrize(("days", "warnings"), [(180, 0), (181, 1)])
def test_an_old_snapshot_is_a_warning(days: int, warnings: int) -> None:
    day = date.fromordinal(READ.toordinal() + days)
    assert len(node_prices.snapshot("us-east-1", day).warnings) == warnings


@pytest.mark.parametrize("command", ["capacity", "advise"])
def test_a_price_list_gives_prices_of_its_region(elasticache: Elasticache, tmp_path: Path, command: str) -> None:
    offers = offer_file(tmp_path / "offers.json")
    if command == "capacity":
        words = ["--items", "1M", "--value", "100", "--engine", "redis-7.1", "--fill", "50"]
    else:
        template = tmp_path / "template.json"
        group = {"Engine": "redis", "CacheNodeType": "cache.r7g.large", "NumCacheClusters": 2}
        resource = {"Type": "AWS::ElastiCache::ReplicationGroup", "Properties": group}
        template.write_text(json.dumps({"Resources": {"Orders": resource}}))
        words = [str(template)]
    region = ("--region", "eu-west-1", "--offline")
    data = elasticache(command, *words, "--price-list", offers, *region, *AS_OF, "--format", "json").data
    assert {"what": "prices of eu-west-1: Price List", "date": "2026-11-20", "live": False} in data["sources"]
    if command == "capacity":
        plan = data["plans"][0]
        assert (plan["node_type"], plan["nodes"]) == ("cache.r7g.large", 2)
        assert plan["usd_per_month"] == pytest.approx(2 * 0.243 * 730, abs=0.01)
    else:
        saving = data["caches"][0]["advice"][1]["usd_saved_per_month"]
        assert saving == pytest.approx(2 * (0.243 - 0.1944) * 730, abs=0.01)


def read(*words: str, aws: Recorded | None = None) -> Callable[[str], NodePrices]:
    parser = argparse.ArgumentParser()
    price_options.add_arguments(parser)
    calls = Aws("eu-west-1", create=(aws or Recorded({})).session)
    return node_prices.read(parser.parse_args(words), Context("eu-west-1", READ, offline=False, aws=calls))


def test_a_file_that_takes_long_is_progress(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The offers of AmazonEC2 in a region are several hundred MB, and a cloud assembly can have many templates."""
    lines: list[str] = []

    def slowly(work: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def run(given: Any) -> Any:
            time.sleep(0.2)
            return work(given)

        return run

    monkeypatch.setattr("elasticache_operations.price_options.read_offer_file", slowly(read_offer_file))
    monkeypatch.setattr("elasticache_operations.templates.read_all", slowly(read_all))
    context = Context(None, READ, offline=True, aws=Aws(offline=True), progress=Progress(lines.append, delay=0.01))
    path = offer_file(tmp_path / "offers.json")
    price_options.books(argparse.Namespace(live=False, price_list=[path]), context)
    (tmp_path / "Shop.json").write_text('{"Resources": {}}')
    with pytest.raises(InputError, match="--region must be set"):
        templates.read_stacks([str(tmp_path / "Shop.json")], context)
    assert lines == [f"elasticache: reading {path} ...", f"elasticache: reading {tmp_path / 'Shop.json'} ..."]


def test_the_other_regions_keep_the_snapshot(tmp_path: Path) -> None:
    prices = read("--price-list", offer_file(tmp_path / "offers.json"))
    assert prices("eu-west-1").node("cache.r7g.large", "redis") == 0.243
    assert prices("us-east-1").node("cache.r7g.large", "redis") == 0.219


@pytest.mark.parametrize("command", [["capacity", "--items", "1", "--value", "1"], ["status"], ["advise", "orders"]])
def test_a_file_of_another_service_is_refused(elasticache: Elasticache, tmp_path: Path, command: list[str]) -> None:
    offers = offer_file(tmp_path / "offers.json", "AmazonEC2")
    result = elasticache(*command, "--price-list", offers, "--region", "us-east-1", *AS_OF)
    assert result.status == 2
    assert result.err.splitlines()[-1].endswith("must be of AmazonElastiCache, got AmazonEC2; choose another file")


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--price-list"):
        read("--price-list", str(tmp_path / "none.json"))


def test_live_prices_are_read_once_for_all_node_types() -> None:
    prices = read("--live", aws=LIVE)("eu-west-1")
    before = len(LIVE.calls)
    assert prices.node("cache.r7g.large", "redis") == 0.243
    pages = len(LIVE.calls) - before
    assert pages > 1
    assert prices.node("cache.r7g.large", "valkey") == 0.1944
    assert prices.node("cache.t4g.micro", "memcached") == 0.017
    assert prices.node("cache.none", "redis") is None
    assert len(LIVE.calls) == before + pages
    assert prices.sources == (Source("prices of eu-west-1: Price List", READ.isoformat(), live=True),)
    assert prices.warnings == ()


def test_capacity_plans_with_live_prices(elasticache: Elasticache) -> None:
    words = ("--items", "1M", "--value", "100", "--engine", "redis-7.1", "--fill", "50", "--live")
    result = elasticache("capacity", *words, "--region", "eu-west-1", *AS_OF, "--format", "json", aws=LIVE)
    plan = result.data["plans"][0]
    assert (plan["node_type"], plan["nodes"]) == ("cache.r7g.large", 2)
    assert plan["usd_per_month"] == pytest.approx(2 * 0.243 * 730, abs=0.01)
    assert {"what": "prices of eu-west-1: Price List", "date": "2026-11-26", "live": True} in result.data["sources"]


COMMANDS = [["capacity", "--items", "1", "--value", "1"], ["status"], ["advise", "orders"]]


@pytest.mark.parametrize("command", COMMANDS)
def test_live_prices_need_aws(elasticache: Elasticache, command: list[str]) -> None:
    result = elasticache(*command, "--live", "--offline", "--region", "us-east-1", *AS_OF)
    assert result.status == 2
    assert "--live must not be set with --offline; leave one of them out" in result.error


@pytest.mark.parametrize("command", COMMANDS)
def test_live_prices_and_a_price_list_exclude_each_other(elasticache: Elasticache, command: list[str]) -> None:
    result = elasticache(*command, "--live", "--price-list", "offers.json", *AS_OF)
    assert result.status == 2
    assert "--price-list: not allowed with argument --live" in result.err
