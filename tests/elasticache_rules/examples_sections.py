"""Examples of rules about the sections Mappings and Parameters of a template."""

from typing import Any

from tests.elasticache_rules.examples_access import Table

Case = tuple[str, dict[str, Any]]
MAPPINGS = {"Kept": {"us-east-1": {"Days": 7}, "eu-west-1": {"Days": 8}}}
REGION = {"Ref": "AWS::Region"}
SECRET = {"Ref": "Secret"}
OF_THE_ACCOUNT = "Org::Macro"


def kept(*keys: object, **sections: Any) -> Case:
    """A group that keeps its snapshots for the days of a mapping."""
    return ("group", {"SnapshotRetentionLimit": {"Fn::FindInMap": list(keys)}, "/Mappings": MAPPINGS, **sections})


def days(default: object, **constraints: object) -> Case:
    """A group that keeps its snapshots for the days of a parameter."""
    entry = {"Type": "Number", "Default": default, **constraints}
    return ("group", {"SnapshotRetentionLimit": {"Ref": "Days"}, "/Parameters": {"Days": entry}})


def tagged(default: object, kind: str = "String", **constraints: object) -> Case:
    """A group with the tag of a parameter."""
    entry = {"Type": kind, "Default": default, **constraints}
    return ("group", {"Tags": [{"Key": "team", "Value": {"Ref": "Team"}}], "/Parameters": {"Team": entry}})


def token(value: object = SECRET, **constraints: object) -> Case:
    """A group with the AUTH token of a parameter."""
    return ("redis", {"AuthToken": value, "/Parameters": {"Secret": {"Type": "String", **constraints}}})


def password(**constraints: object) -> Case:
    """A user with the password of a parameter."""
    mode = {"Type": "password", "Passwords": ["a-password-of-20-letters", SECRET]}
    return ("user", {"AuthenticationMode": mode, "/Parameters": {"Secret": {"Type": "String", **constraints}}})


FIRST: dict[str, Case] = {
    "parameters/default": days(9, MaxValue=7),
    "parameters/secret-length": token(MaxLength=15),
    "references/function": ("group", {"EngineVersion": {"Fn::Select": [2, ["8.0", "8.2"]]}}),
    "references/mapping": kept("Kept", REGION, "Weeks"),
}
MORE: Table = {
    "parameters/default": [
        days(1, MinValue=2),
        tagged("seven", "Number"),
        days(9, AllowedValues=[7, "8"]),
        tagged("cache", MinLength=6),
        tagged("cache", MaxLength=4),
        tagged("cache", AllowedPattern="[A-Z].*"),
        tagged("", MinLength=1),
    ],
    "parameters/secret-length": [token(MinLength=129), password(MaxLength=15)],
    "references/mapping": [
        kept("Held", "us-east-1", "Days"),
        kept("Kept", "us-west-2", "Days"),
        (
            "group",
            {
                "Tags": [{"Key": "days", "Value": {"Fn::Join": ["", ["d", {"Fn::FindInMap": ["Kept", "x", "Days"]}]]}}],
                "/Mappings": MAPPINGS,
            },
        ),
        ("group", {"/Mappings": MAPPINGS, "!It": {"Fn::FindInMap": ["Kept", "us-west-2", "Days"]}}),
    ],
}
ACCEPTED: Table = {
    "parameters/default": [
        days(7, MinValue=7, MaxValue=7),
        days("7", AllowedValues=[7]),
        tagged("cache", MinLength=5, MaxLength=5, AllowedPattern="[a-z]+"),
        (
            "group",
            {"SnapshotRetentionLimit": {"Ref": "Days"}, "/Parameters": {"Days": None}},
        ),
        (
            "group",
            {
                "SnapshotRetentionLimit": {"Ref": "Days"},
                "+Another": {"of": "group", "SnapshotRetentionLimit": {"Ref": "Days"}},
                "+Topic": {"type": "AWS::SNS::Topic", "TopicName": {"Ref": "Days"}},
                "/Parameters": {"Days": {"Type": "Number", "Default": 9, "MaxValue": 7}},
            },
        ),
    ],
    "parameters/secret-length": [
        token(MinLength=16, MaxLength=128),
        token(MinLength=8, MaxLength=16),
        token(MaxLength=12, AllowedValues=["a-token-of-20-letters"]),
        token({"Fn::Join": ["", ["a-token-of-", SECRET]]}, MaxLength=12),
        token({"Ref": "Other"}, MaxLength=12),
    ],
    "references/mapping": [
        kept("Kept", REGION, "Days"),
        kept("Kept", "us-west-2", "Days", {"DefaultValue": 7}),
        kept("Kept", "us-west-2", "Days", **{"/Transform": OF_THE_ACCOUNT}),
        (
            "group",
            {
                "+Topic": {"type": "AWS::SNS::Topic", "TopicName": {"Fn::FindInMap": ["Held", "a", "b"]}},
                "/Mappings": MAPPINGS,
            },
        ),
    ],
}
