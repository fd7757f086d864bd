"""Prices templates as `elasticache cost` does, with recorded prices."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.elasticache_operations.offers import get_products
from tests.elasticache_operations.recorded import Recorded
from tests.elasticache_operations.run import AS_OF, Elasticache, Result
from tests.elasticache_operations.schemas import violations

GROUP = "AWS::ElastiCache::ReplicationGroup"
CLUSTER = "AWS::ElastiCache::CacheCluster"
SERVERLESS = "AWS::ElastiCache::ServerlessCache"
INSTANCE = {
    "Type": "AWS::EC2::Instance",
    "Properties": {
        "InstanceType": "t4g.nano",
        "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeType": "gp3", "VolumeSize": 8}}],
    },
}
LIVE = Recorded(
    {
        ("pricing", "GetProducts"): get_products,
        ("elasticache", "DescribeReservedCacheNodesOfferings"): {"ReservedCacheNodesOfferings": []},
        ("savingsplans", "DescribeSavingsPlansOfferingRates"): {"searchResults": []},
    }
)


def group(**properties: Any) -> dict[str, Any]:
    return {"Type": GROUP, "Properties": {"CacheNodeType": "cache.t4g.micro", "Engine": "redis", **properties}}


def template(path: Path, resources: Mapping[str, Any], **sections: Any) -> str:
    path.write_text(json.dumps({"Resources": resources, **sections}))
    return str(path)


@dataclass(frozen=True, slots=True)
class Cost:
    """Prices resources in us-east-1 as JSON, and checks the document against its schema."""

    elasticache: Elasticache
    folder: Path

    def __call__(self, resources: Mapping[str, Any], *words: str, region: str = "us-east-1", **sections: Any) -> Result:
        """Price them as the stack Shop."""
        path = template(self.folder / "Shop.json", resources, **sections)
        aws = LIVE if "--live" in words else Recorded({})
        result = self.elasticache("cost", path, "--region", region, "--format", "json", *AS_OF, *words, aws=aws)
        assert result.err == ""
        assert violations("cost", result.data) == []
        return result

    def text(self, path: Path, *words: str) -> Result:
        """Price a template as text."""
        return self.elasticache("cost", str(path), *words)


@pytest.fixture
def cost(elasticache: Elasticache, tmp_path: Path) -> Cost:
    return Cost(elasticache, tmp_path)
