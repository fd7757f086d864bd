"""compare: values that are the same in another spelling, that differ, and that may differ."""

import pytest

from tests.elasticache_rules.compare_documents import (
    MAY,
    NONE,
    SURE,
    Json,
    changes_of,
    group,
    key,
    kinds,
    of,
    subnets,
    unnamed_subnets,
    within,
)

IF = {"Fn::If": ["Prod", "k1", "k2"]}
PROD = {"Conditions": {"Prod": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}}}
DEV = {"Conditions": {"Prod": {"Fn::Equals": [{"Ref": "Stage"}, "dev"]}}}
INNER = {"Conditions": {"Prod": {"Fn::Not": [{"Condition": "Dev"}]}, "Dev": {"Fn::Equals": ["a", {"Ref": "Stage"}]}}}
OTHER_INNER = {
    "Conditions": {"Prod": {"Fn::Not": [{"Condition": "Dev"}]}, "Dev": {"Fn::Equals": ["b", {"Ref": "Stage"}]}}
}
PARAMETER = {"Parameters": {"Key": {"Type": "String", "Default": "k1"}}}
OTHER_PARAMETER = {"Parameters": {"Key": {"Type": "String", "Default": "k2"}}}
MAP = {"Mappings": {"Keys": {"a": {"key": "k1"}}}}
OTHER_MAP = {"Mappings": {"Keys": {"a": {"key": "k2"}}}}
FIND = {"Fn::FindInMap": ["Keys", "a", "key"]}
FIND_BY_REGION = {"Fn::FindInMap": ["Keys", {"Ref": "AWS::Region"}, "key"]}

SPELLINGS: dict[str, tuple[Json, Json, list[str]]] = {
    "another parameter": (key({"Ref": "P1"}), key({"Ref": "P2"}), MAY),
    "the same parameter": (key({"Ref": "P1"}), key({"Ref": "P1"}), NONE),
    "a parameter with another default": (key({"Ref": "Key"}, **PARAMETER), key({"Ref": "Key"}, **OTHER_PARAMETER), MAY),
    "a parameter with the same default": (key({"Ref": "Key"}, **PARAMETER), key({"Ref": "Key"}, **PARAMETER), NONE),
    "a parameter instead of a value": (key("k1"), key({"Ref": "P1"}), MAY),
    "a parameter instead of nothing": (
        within({"AtRestEncryptionEnabled": True}),
        key({"Ref": "P1"}),
        SURE,
    ),
    "another import": (key({"Fn::ImportValue": "k1"}), key({"Fn::ImportValue": "k2"}), MAY),
    "the same import": (key({"Fn::ImportValue": "k1"}), key({"Fn::ImportValue": "k1"}), NONE),
    "another secret": (key("{{resolve:ssm:a}}"), key("{{resolve:ssm:b}}"), MAY),
    "a condition with one other side": (key(IF, **PROD), key({"Fn::If": ["Prod", "k1", "k3"]}, **PROD), MAY),
    "a condition with two other sides": (key(IF, **PROD), key({"Fn::If": ["Prod", "k3", "k4"]}, **PROD), SURE),
    "a condition with sides exchanged": (key(IF, **PROD), key({"Fn::If": ["Prod", "k2", "k1"]}, **PROD), SURE),
    "a condition of another meaning": (key(IF, **PROD), key(IF, **DEV), MAY),
    "a condition of another meaning below": (key(IF, **INNER), key(IF, **OTHER_INNER), MAY),
    "the same condition": (key(IF, **INNER), key(IF, **INNER), NONE),
    "a condition of one value": (key("k1"), key({"Fn::If": ["Prod", "k1", "k1"]}, **PROD), NONE),
    "a condition instead of a value": (key("k1"), key(IF, **PROD), MAY),
    "a condition instead of another value": (key("k3"), key(IF, **PROD), SURE),
    "a condition that may leave it out": (
        key("k1"),
        key({"Fn::If": ["Prod", "k1", {"Ref": "AWS::NoValue"}]}, **PROD),
        MAY,
    ),
    "a mapping's value": (key("k1"), key(FIND, **MAP), NONE),
    "another value of a mapping": (key(FIND, **MAP), key(FIND, **OTHER_MAP), SURE),
    "another mapping by region": (key(FIND_BY_REGION, **MAP), key(FIND_BY_REGION, **OTHER_MAP), MAY),
    "the same mapping by region": (key(FIND_BY_REGION, **MAP), key(FIND_BY_REGION, **MAP), NONE),
    "a join": (key("a/b"), key({"Fn::Join": ["/", ["a", "b"]]}), NONE),
    "a join in a join": (
        key({"Fn::Join": ["", ["k/", {"Ref": "P1"}, "/x"]]}),
        key({"Fn::Join": ["", ["k", {"Fn::Join": ["", ["/", {"Ref": "P1"}, "/"]]}, "x"]]}),
        NONE,
    ),
    "a join in a substitution": (
        key({"Fn::Sub": "k/${P1}/x"}),
        key({"Fn::Join": ["/", ["k", {"Fn::Sub": "${P1}/x"}]]}),
        NONE,
    ),
    "a join of another parameter": (
        key({"Fn::Join": ["/", {"Ref": "List1"}]}),
        key({"Fn::Join": ["/", {"Ref": "List2"}]}),
        MAY,
    ),
    "a join of the same parameter": (
        key({"Fn::Join": ["/", {"Ref": "List1"}]}),
        key({"Fn::Join": ["/", {"Ref": "List1"}]}),
        NONE,
    ),
    "another join": (key("a/c"), key({"Fn::Join": ["/", ["a", "b"]]}), SURE),
    "a substitution of a name": (key("a/b"), key({"Fn::Sub": ["${A}/b", {"A": "a"}]}), NONE),
    "a substitution of a parameter": (key({"Fn::Sub": "k/${P1}"}), key({"Fn::Sub": "k/${P2}"}), MAY),
    "a substitution and a join": (
        key({"Fn::Sub": "k/${P1}"}),
        key({"Fn::Join": ["", ["k/", {"Ref": "P1"}]]}),
        NONE,
    ),
    "other text beside a parameter": (key({"Fn::Sub": "k/${P1}"}), key({"Fn::Sub": "l/${P1}"}), SURE),
    "a boolean as text": (group({"AtRestEncryptionEnabled": True}), group({"AtRestEncryptionEnabled": "true"}), NONE),
    "a boolean in capitals": (
        group({"AtRestEncryptionEnabled": "True"}),
        group({"AtRestEncryptionEnabled": True}),
        NONE,
    ),
    "the other boolean": (group({"AtRestEncryptionEnabled": "false"}), group({"AtRestEncryptionEnabled": True}), SURE),
    "a number as text": (group({"Port": 6379}), group({"Port": "6379"}), NONE),
    "another number as text": (group({"Port": 6379}), group({"Port": "6380"}), SURE),
    "a whole number with decimals": (group({"Port": 6379}), group({"Port": 6379.0}), NONE),
    "a number with decimals": (group({"Port": 6379}), group({"Port": 6379.5}), SURE),
    "an engine in capitals": (of("CacheCluster", Engine="Redis"), of("CacheCluster", Engine="redis"), NONE),
    "an item of a list": (key("b"), key({"Fn::Select": [1, ["a", "b"]]}), NONE),
    "another item of a list": (key("a"), key({"Fn::Select": ["1", ["a", "b"]]}), SURE),
    "an item after the end": (key("a"), key({"Fn::Select": [2, ["a", "b"]]}), MAY),
    "an item without a position": (key("a"), key({"Fn::Select": [["a", "b"]]}), MAY),
    "an item at a word": (key("a"), key({"Fn::Select": ["first", ["a", "b"]]}), MAY),
    "an item at a long number": (key("a"), key({"Fn::Select": ["1" * 5000, ["a", "b"]]}), MAY),
    "an item of an unknown list": (key("a"), key({"Fn::Select": [0, {"Ref": "P1"}]}), MAY),
    "an item after a condition": (
        key("c"),
        key({"Fn::Select": [1, [{"Fn::If": ["Prod", "a", {"Ref": "AWS::NoValue"}]}, "b", "c"]]}, **PROD),
        MAY,
    ),
    "an item of a text": (key("b"), key({"Fn::Select": [1, {"Fn::Split": [",", "a,b"]}]}), NONE),
    "a text as a list": (
        of("ServerlessCache", SubnetIds=["b", "a"]),
        of("ServerlessCache", SubnetIds={"Fn::Split": [",", "a,b"]}),
        NONE,
    ),
    "a text as a longer list": (
        of("ServerlessCache", SubnetIds=["b", "a"]),
        of("ServerlessCache", SubnetIds={"Fn::Split": [",", "a,b,c"]}),
        SURE,
    ),
    "an unknown text as a list": (
        of("ServerlessCache", SubnetIds=["b", "a"]),
        of("ServerlessCache", SubnetIds={"Fn::Split": [",", {"Ref": "P1"}]}),
        MAY,
    ),
    "a text that nothing splits": (
        of("ServerlessCache", SubnetIds=["ab"]),
        of("ServerlessCache", SubnetIds={"Fn::Split": ["", "ab"]}),
        MAY,
    ),
    "a text without a delimiter": (
        of("ServerlessCache", SubnetIds=["ab"]),
        of("ServerlessCache", SubnetIds={"Fn::Split": ["ab"]}),
        MAY,
    ),
    "zones of this region": (
        group({"PreferredCacheClusterAZs": {"Fn::GetAZs": ""}}),
        group({"PreferredCacheClusterAZs": {"Fn::GetAZs": {"Ref": "AWS::Region"}}}),
        NONE,
    ),
    "zones of another region": (
        group({"PreferredCacheClusterAZs": {"Fn::GetAZs": "us-east-1"}}),
        group({"PreferredCacheClusterAZs": {"Fn::GetAZs": {"Ref": "AWS::Region"}}}),
        MAY,
    ),
    "a token": (group(), group({"AuthToken": {"Ref": "Token"}}), SURE),
    "a token that a condition may leave out": (
        group(),
        group({"AuthToken": {"Fn::If": ["Prod", {"Ref": "Token"}, {"Ref": "AWS::NoValue"}]}}),
        MAY,
    ),
    "text in capitals": (group({"NetworkType": "ipv4"}), group({"NetworkType": "IPV4"}), SURE),
    "no value": (group(), group({"Port": {"Ref": "AWS::NoValue"}}), NONE),
    "an attribute as a list": (
        key({"Fn::GetAtt": ["Key", "Arn"]}),
        key({"Fn::GetAtt": "Key.Arn"}),
        NONE,
    ),
    "another attribute": (key({"Fn::GetAtt": ["Key", "Arn"]}), key({"Fn::GetAtt": "Key.Id"}), SURE),
    "a substitution of one reference": (subnets({"Ref": "Subnets"}), subnets({"Fn::Sub": "${Subnets}"}), NONE),
    "a reference for the name that it has": (subnets("net"), subnets({"Ref": "Subnets"}), NONE),
    "a reference for another name": (subnets("other"), subnets({"Ref": "Subnets"}), SURE),
    "a reference for a name that is generated": (unnamed_subnets("net"), unnamed_subnets({"Ref": "Subnets"}), MAY),
    "a list in another order": (
        of("ServerlessCache", SubnetIds=["a", "b"]),
        of("ServerlessCache", SubnetIds=["b", "a"]),
        NONE,
    ),
    "a list whose order counts": (
        group({"PreferredCacheClusterAZs": ["a", "b"]}),
        group({"PreferredCacheClusterAZs": ["b", "a"]}),
        SURE,
    ),
    "a longer list": (of("ServerlessCache", SubnetIds=["a"]), of("ServerlessCache", SubnetIds=["a", "b"]), SURE),
    "a list that may be longer": (
        of("ServerlessCache", SubnetIds=["a"]),
        of("ServerlessCache", SubnetIds=["a", {"Fn::If": ["Prod", "b", {"Ref": "AWS::NoValue"}]}]),
        MAY,
    ),
    "a macro": (
        group({"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "s3://a"}}}),
        group({"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "s3://b"}}}),
        MAY,
    ),
}


@pytest.mark.parametrize(
    ("kind", "name", "items"),
    [
        ("ReplicationGroup", "SecurityGroupIds", ["sg-1", "sg-2"]),
        ("ReplicationGroup", "UserGroupIds", ["app", "web"]),
        ("ReplicationGroup", "Tags", [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]),
        ("ReplicationGroup", "LogDeliveryConfigurations", [{"LogType": "slow-log"}, {"LogType": "engine-log"}]),
        ("CacheCluster", "VpcSecurityGroupIds", ["sg-1", "sg-2"]),
    ],
)
def test_a_list_in_another_order_does_not_change_in_place(kind: str, name: str, items: list[object]) -> None:
    assert changes_of(of(kind, **{name: items}), of(kind, **{name: items[::-1]})) == []
    assert changes_of(of(kind, **{name: items}), of(kind, **{name: items[:1]})) != []


@pytest.mark.parametrize(("old", "new", "expected"), SPELLINGS.values(), ids=SPELLINGS)
def test_a_value_and_its_spellings(old: Json, new: Json, expected: list[str]) -> None:
    assert kinds(old, new) == expected
    assert kinds(old, old) == kinds(new, new) == []
