"""What `elasticache cost` reads: templates, deployed stacks, assemblies, budgets, and input that it refuses."""

import json
from pathlib import Path

import pytest

from tests.elasticache_operations.pricing import INSTANCE, Cost, cost, group, template
from tests.elasticache_operations.recorded import Recorded
from tests.elasticache_operations.run import AS_OF, Elasticache

__all__ = ["cost"]


def test_the_difference_between_two_templates(cost: Cost, elasticache: Elasticache, tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    before = {"Cache": group(NumCacheClusters=2), "Gone": group(), "Same": group()}
    old = template(tmp_path / "old" / "Shop.json", before)
    new = {"Cache": group(NumCacheClusters=3), "Same": group(), "New": group(Engine="valkey")}
    result = cost(new, "--against", old)
    assert [tuple(each.values())[1:] for each in result.data["difference"]] == [
        ("Cache", 23.36, 35.04, 11.68),
        ("Gone", 11.68, 0, -11.68),
        ("New", 0, 9.34, 9.34),
    ]
    out = elasticache("cost", str(tmp_path / "Shop.json"), "--against", old, "--region", "us-east-1").out
    assert any(line.split() == ["total", "46.72", "56.06", "+9.34"] for line in out.splitlines())
    result = cost({"Cache": group(CacheNodeType="cache.x.large")}, "--against", old)
    assert result.data["difference"][0] == {"stack": "Shop", "logical_id": "Cache", "before_usd_month": 23.36}


@pytest.mark.parametrize(("budget", "status"), [("27.07", 0), ("27.06", 1), ("0", 1)])
def test_the_budget(cost: Cost, budget: str, status: int) -> None:
    result = cost({"Cache": group(NumCacheClusters=2), "Client": INSTANCE}, "--budget", budget)
    assert (result.status, result.data["budget"]["exceeded"]) == (status, bool(status))


def test_a_budget_cannot_be_met_by_a_price_that_is_not_known(cost: Cost, tmp_path: Path) -> None:
    result = cost({"Cache": group(CacheNodeType="cache.x.large"), "Client": INSTANCE}, "--budget", "1000")
    assert (result.status, result.data["budget"]["exceeded"]) == (1, False)
    out = cost.text(tmp_path / "Shop.json", "--region", "us-east-1", "--budget", "1000").out
    assert "at least 3.71 USD a month cannot be compared with the budget of 1,000.00" in out


def test_a_deployed_stack(elasticache: Elasticache) -> None:
    body = {"Resources": {"Cache": group(NumCacheClusters=2)}}
    aws = Recorded({("cloudformation", "GetTemplate"): {"TemplateBody": json.dumps(body)}})
    result = elasticache("cost", "stack:Shop", "--format", "json", aws=aws)
    assert (result.data["total"]["usd_month"], result.data["lines"][0]["stack"]) == (23.36, "Shop")
    assert [dict(params) for *_, params in aws.calls] == [{"StackName": "Shop", "TemplateStage": "Processed"}]
    assert result.data["region"] == "us-east-1"
    broken = Recorded({("cloudformation", "GetTemplate"): {"TemplateBody": "{}"}})
    assert elasticache("cost", "stack:Shop", aws=broken).status == 2
    assert elasticache("cost", "stack:").status == 2


def test_a_template_that_several_paths_name_is_counted_once(
    elasticache: Elasticache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = template(tmp_path / "Shop.json", {"Cache": group(NumCacheClusters=2)})
    template(tmp_path / "Also.json", {"Cache": group()})
    (tmp_path / "Linked.json").symlink_to(shop)
    monkeypatch.chdir(tmp_path)
    for paths in ((shop, "Shop.json", "Also.json"), (shop, str(tmp_path)), ("Linked.json", "Also.json", shop)):
        result = elasticache("cost", *paths, "--region", "us-east-1", "--format", "json", *AS_OF)
        assert sorted(each["usd_month"] for each in result.data["lines"]) == [11.68, 23.36], paths
    aws = Recorded({("cloudformation", "GetTemplate"): {"TemplateBody": Path(shop).read_text()}})
    result = elasticache("cost", "stack:Shop", "stack:Shop", "--region", "us-east-1", "--format", "json", aws=aws)
    assert [each["usd_month"] for each in result.data["lines"]] == [23.36]


def test_templates_without_anything_to_price(cost: Cost, elasticache: Elasticache, tmp_path: Path) -> None:
    result = cost({"Topic": {"Type": "AWS::SNS::Topic"}})
    assert (result.status, result.data["lines"]) == (0, [])
    out = elasticache("cost", str(tmp_path / "Shop.json"), "--region", "us-east-1").out
    assert out == "no cache, client or database is in these templates\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("absent.json",), "absent.json: "),
        (("",), "a path must not be empty, got ''; name a template, a folder or a cdk.out"),
        (("{}", "--region", "us-east-11"), "--region must be a region of AWS"),
        (("{}", "--budget", "nan"), "--budget must be a number from 0 to 1e12, got 'nan'; write it like --budget 100"),
        (("{}", "--budget", "-1"), "--budget must be a number from 0 to 1e12, got '-1'"),
        (("{}", "--serverless-gb", "1e99"), "--serverless-gb must be a number from 0 to 1e12, got '1e99'"),
        (("{}", "--live", "--offline"), "--live must not be set with --offline"),
        (("{}", "--offline"), "{}: --region must be set, because the template names no region"),
        (("{}", "--price-list", "absent", "--region", "us-east-1"), "--price-list absent: No such file or directory; "),
        (("{}", "--price-list", "{}", "--region", "us-east-1"), "--price-list {}: no offer file; download one with: "),
    ],
)
def test_bad_input(elasticache: Elasticache, tmp_path: Path, words: tuple[str, ...], message: str) -> None:
    path = template(tmp_path / "Shop.json", {"Cache": group()})
    result = elasticache("cost", *(word.replace("{}", path) for word in words))
    assert result.status == 2
    assert result.error.startswith(f"elasticache cost: {message.replace('{}', path)}")


def test_the_region_of_a_cloud_assembly(elasticache: Elasticache, tmp_path: Path) -> None:
    artifacts = {}
    for name, region in (("One", "us-east-1"), ("Two", "eu-west-1")):
        template(tmp_path / f"{name}.template.json", {"Cache": group()})
        environment = f"aws://111111111111/{region}"
        properties = {"templateFile": f"{name}.template.json", "stackName": name}
        artifacts[name] = {"environment": environment, "properties": properties}
    (tmp_path / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
    result = elasticache("cost", str(tmp_path), "--format", "json", "--offline")
    assert [(each["region"], each.get("usd_month")) for each in result.data["lines"]] == [
        ("us-east-1", 11.68),
        ("eu-west-1", None),
    ]
    result = elasticache("cost", str(tmp_path), "--region", "us-east-1")
    assert (result.status, result.error) == (
        2,
        "elasticache cost: --region must not be set, because the templates name eu-west-1, us-east-1; leave it out",
    )
    one = elasticache("cost", str(tmp_path / "Two.template.json"), "--region", "us-east-1", "--format", "json")
    assert one.data["lines"][0]["usd_month"] == 11.68
