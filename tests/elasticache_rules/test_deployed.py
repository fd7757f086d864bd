"""Templates of deployed stacks, as boto3 returns them."""

import pytest

from elasticache_rules import deployed
from elasticache_rules.parsing import DocumentError


@pytest.mark.parametrize("body", [[], "- a\n", {}, {"Resources": []}, "Resources: none\n", "text"])
def test_a_body_without_resources_is_an_error_with_the_stack(body: object) -> None:
    with pytest.raises(DocumentError, match="stack:shop: must have a template with resources, got none"):
        deployed.parse(body, "shop")


def test_json_that_boto3_has_parsed_and_yaml_as_text() -> None:
    assert deployed.parse({"Resources": {"It": {"Type": "A::B::C"}}}, "shop")["Resources"]["It"]["Type"] == "A::B::C"
    assert deployed.parse("Resources:\n  It: {Type: 'A::B::C'}\n", "shop")["Resources"]["It"]["Type"] == "A::B::C"
