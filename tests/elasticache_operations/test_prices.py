"""The snapshot of prices: its age, its agreement with other facts, and properties of prices from offers."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elasticache_operations.pricing import PriceList, Snapshot
from elasticache_operations.pricing.price_list import read_offer_file
from elasticache_rules import facts
from tests.elasticache_operations.offers import node, offer_file

PRICES = facts.load("prices")
NODES = PRICES["regions"]["us-east-1"]["nodes"]
CAPACITY = facts.load("node_capacity")["types"]


def test_the_snapshot_is_less_than_a_year_old() -> None:
    age = (datetime.now(UTC).date() - date.fromisoformat(PRICES["date"])).days
    assert age <= 365, "read the prices again, and update facts/prices.json"


def test_each_section_is_less_than_a_year_old_and_has_a_source() -> None:
    assert set(PRICES["sections"]) == {"instances", "databases", "capacity_units"}
    for name, section in PRICES["sections"].items():
        assert name in PRICES["regions"]["us-east-1"]
        assert (datetime.now(UTC).date() - date.fromisoformat(section["date"])).days <= 365, f"read {name} again"
        assert section["url"].startswith("https://aws.amazon.com/")


def test_the_prices_of_databases_and_clients() -> None:
    """Sizes of t4g double the price, rounded to a thousandth of a dollar for databases."""
    book = Snapshot("us-east-1")
    sizes = ("micro", "small", "medium", "large")
    databases = [book.database("postgres", f"db.t4g.{size}", multi_az=False).usd for size in sizes]
    assert databases == [0.016, 0.032, 0.065, 0.129]
    assert [book.instance(f"t4g.{size}").usd for size in ("nano", *sizes[:3])] == [0.0042, 0.0084, 0.0168, 0.0336]
    assert book.database_storage("gp3", multi_az=False).usd == 0.115
    assert book.capacity_unit("aurora-postgresql").usd == book.capacity_unit("aurora-mysql").usd == 0.12


def test_a_database_in_two_zones_has_no_price_of_one_zone() -> None:
    book = Snapshot("us-east-1")
    price = book.database("postgres", "db.t4g.micro", multi_az=True)
    assert price.usd is None
    assert price.why.startswith("the snapshot has no price of db.t4g.micro with postgres in two zones in us-east-1")
    assert book.database_storage("gp3", multi_az=True).usd is None
    assert book.database("mysql", "db.t4g.micro", multi_az=False).usd is None
    assert Snapshot("eu-west-1").database("postgres", "db.t4g.micro", multi_az=False).usd is None


def test_the_snapshot_prices_every_node_type_of_the_facts() -> None:
    assert set(NODES["valkey"]) == set(CAPACITY)
    for engine, prices in NODES.items():
        assert {name for name in prices if engine not in CAPACITY[name]["engines"]} == set(), engine
    assert [name for name, each in CAPACITY.items() if "redis" in each["engines"] and name not in NODES["redis"]] == []
    assert set(PRICES["serverless_minimum_gb"]) == set(NODES) == set(PRICES["regions"]["us-east-1"]["serverless"])


def test_valkey_costs_four_fifths_of_redis() -> None:
    for node_type, usd in NODES["redis"].items():
        assert NODES["valkey"][node_type] == pytest.approx(0.8 * usd, abs=0.00006), node_type
    for node_type, usd in NODES["memcached"].items():
        assert usd == NODES["redis"][node_type]


@pytest.mark.parametrize("engine", ["redis", "valkey", "memcached"])
def test_a_price_that_the_snapshot_lacks_says_so(engine: str) -> None:
    assert Snapshot("us-east-1").node(engine, "cache.t4g.micro").usd is not None
    for region, node_type in (("us-east-1", "cache.none.large"), ("eu-west-1", "cache.t4g.micro")):
        price = Snapshot(region).node(engine, node_type)
        assert price.usd is None
        assert price.why.endswith("with --live or --price-list")


@given(st.floats(0.001, 100), st.sampled_from(["", "EU-", "USW2-", "APN1-"]), st.randoms(use_true_random=False))
def test_a_node_has_its_own_price_in_any_order_of_the_offers(usd: float, prefix: str, random: object) -> None:
    """No surcharge, addition, Outpost or other region is taken for it."""
    offers = list(node("cache.r7g.large", "Valkey", usd, prefix))
    getattr(random, "shuffle")(offers)  # noqa: B009 - its type is private
    price = PriceList("eu-west-1", lambda *_: offers, "2026-11-26", live=True).node("valkey", "cache.r7g.large")
    assert price.usd == pytest.approx(usd, abs=1e-9)
    larger = PriceList("eu-west-1", lambda *_: offers, "2026-11-26", live=True).node("valkey", "cache.r7g.large2")
    assert larger.usd is None


def test_the_date_of_several_offer_files_is_the_oldest(tmp_path: Path) -> None:
    files = [
        read_offer_file(offer_file(tmp_path / f"{name}.json", name)) for name in ("AmazonElastiCache", "AmazonRDS")
    ]
    (tmp_path / "AmazonRDS.json").write_text((tmp_path / "AmazonRDS.json").read_text().replace("11-20T", "11-02T"))
    files[1] = read_offer_file(str(tmp_path / "AmazonRDS.json"))
    book = PriceList.of(files)
    assert book.source.date == "2026-11-02"
    assert book.database("postgres", "db.t4g.micro", multi_az=False).usd == 0.017
    assert book.instance("t4g.nano").usd is None
