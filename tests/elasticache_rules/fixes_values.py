"""Changes that the fixes of rules about values behind functions ask for."""

from tests.elasticache_rules.examples_values import GIVEN
from tests.elasticache_rules.fixes_parts import Fixes

FIXES: Fixes = {
    ("client/required", 2): [{"It.VpcId": "vpc-0123456789abcdef0"}],
    ("client/security-group", 18): [{"It.SecurityGroupIngress.0.IpProtocol": "tcp"}],
    ("client/user-data", 4): [{"It.UserData": {"Fn::Base64": "#!/bin/sh\nexit 0\n"}}],
    ("references/function", 0): [{"It.EngineVersion": {"Fn::Select": [1, ["8.0", "8.2"]]}}],
    ("references/function", 2): [{"It.EngineVersion": {"Fn::Join": [".", ["8", "2"]]}}],
    ("references/kind", 24): [{"/Parameters/Given": {"Type": "AWS::EC2::Subnet::Id"}}],
    ("references/kind", 27): [{"/Parameters/Given": {"Type": "String"}}],
    ("references/kind", 28): [{"It.PreferredCacheClusterAZs": ["us-east-1a", "us-east-1b"]}],
    ("schema/type", 11): [
        {"It.SecurityGroupIds": [GIVEN]},
        {"It.SecurityGroupIds": {"Fn::Split": [",", GIVEN]}},
    ],
    ("schema/type", 12): [{"It.SecurityGroupIds": GIVEN}],
    ("schema/type", 13): [{"It.CacheNodeType": {"Fn::Select": [0, GIVEN]}}],
    ("schema/type", 15): [{"It.AuthenticationMode": {"Type": "iam"}}],
    ("schema/type-exists", 2): [{"It!Type": "AWS::ElastiCache::CacheCluster"}],
    ("schema/type-exists", 4): [{"It!Type": "AWS::ElastiCache::CacheCluster"}],
}
