"""The legend of a page: what is drawn, and what a change has."""

import re

import pytest

from elasticache_operations.picture.changes import delta_of
from elasticache_operations.picture.page import page
from tests.picture.templates import Resources, network, picture, resource, sharded, source, standard

LEGENDS = [
    (
        "a cache with a replica",
        standard(),
        "Filled: takes writes. Outlined: a copy, for reads. Solid arrow: a path that the security groups allow. "
        "Dashed arrow: replication. Dashed boxes with subnets: Availability Zones.",
    ),
    (
        "500 shards, without arrows",
        {**network(), "Cache": sharded(500, SecurityGroupIds=[])},
        "Filled: takes writes. Dashed boxes with subnets: Availability Zones.",
    ),
    (
        "one node in a VPC that is not in the template, and addresses",
        {
            "Groups": resource(
                "EC2::SecurityGroup",
                GroupDescription="cache",
                SecurityGroupIngress=[{"IpProtocol": "tcp", "FromPort": 6379, "ToPort": 6379, "CidrIp": "10.0.0.0/8"}],
            ),
            "Cache": resource(
                "ElastiCache::CacheCluster",
                Engine="redis",
                CacheNodeType="cache.t4g.micro",
                NumCacheNodes=1,
                VpcSecurityGroupIds=[{"Fn::GetAtt": ["Groups", "GroupId"]}],
            ),
        },
        "Filled: takes writes. Solid arrow: a path that the security groups allow. "
        "Dashed client: addresses, or a security group without a client in the templates.",
    ),
    ("nothing", {"Topic": resource("SNS::Topic")}, ""),
]


@pytest.mark.parametrize(
    ("resources", "legend"), [case[1:] for case in LEGENDS], ids=[case[0].partition(",")[0] for case in LEGENDS]
)
def test_the_legend_names_what_is_drawn(resources: Resources, legend: str) -> None:
    found = re.findall(r'<p class="legend">(.*?)</p>', page(picture(resources)))
    assert found == ([legend] if legend else [])


def test_the_legend_of_a_change_names_what_either_picture_has() -> None:
    change = delta_of(source(standard()), source({"Topic": resource("SNS::Topic")}))
    (legend,) = re.findall(r'<p class="legend">(.*?)</p>', page(change.after, change))
    assert legend.startswith("Filled: takes writes. Outlined: a copy, for reads.")
    assert legend.endswith("+ added, ~ changed in place, ! replaced, \N{MINUS SIGN} removed.")
