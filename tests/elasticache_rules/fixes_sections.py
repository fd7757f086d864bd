"""Changes that the fixes of rules about the sections Mappings and Parameters ask for."""

from tests.elasticache_rules.examples_sections import REGION
from tests.elasticache_rules.fixes_parts import Fixes

FIXES: Fixes = {
    ("parameters/default", 0): [
        {"/Parameters/Days": {"Type": "Number", "Default": 7, "MaxValue": 7}},
        {"/Parameters/Days": {"Type": "Number", "Default": 9, "MaxValue": 9}},
    ],
    ("parameters/secret-length", 0): [{"/Parameters/Secret": {"Type": "String", "MaxLength": 16}}],
    ("references/mapping", 0): [
        {"It.SnapshotRetentionLimit": {"Fn::FindInMap": ["Kept", REGION, "Days"]}},
        {"/Mappings/Kept": {"us-east-1": {"Days": 7, "Weeks": 1}}},
    ],
}
