"""Examples of the rules about users, secrets, names and logs: one for everything that they report."""

from typing import Any

Table = dict[str, list[tuple[str, dict[str, Any]]]]
ABSENT = object()
PASSWORD = "a-password-of-20-letters"
TOKEN = "a-token-of-20-letters"
NO_PASSWORD = {"AuthenticationMode": {"Type": "no-password-required"}}
NO_PASSWORD_AUTH = {"AuthenticationMode": {"Type": "password", "Passwords": [PASSWORD]}}
REDIS_USERS = {"Engine": "redis", "+User": {"Engine": "redis", "UserName": "default", **NO_PASSWORD}}


def secret(**generated: object) -> dict[str, Any]:
    """A secret that Secrets Manager generates."""
    return {"type": "AWS::SecretsManager::Secret", "GenerateSecretString": generated}


def resolved(rest: str = "") -> dict[str, Any]:
    """A dynamic reference to the secret `Secret`."""
    return {"Fn::Sub": f"{{{{resolve:secretsmanager:${{Secret}}{rest}}}}}"}


def token(rest: str = "", **generated: object) -> tuple[str, dict[str, Any]]:
    return "redis", {"AuthToken": resolved(rest), "+Secret": secret(**generated)}


def password(rest: str = "", **generated: object) -> tuple[str, dict[str, Any]]:
    mode = {"Type": "password", "Passwords": [resolved(rest)]}
    return "user", {"AuthenticationMode": mode, "+Secret": secret(**generated)}


def logs(*configurations: object) -> dict[str, Any]:
    return {"LogDeliveryConfigurations": list(configurations)}


def log(kind: str, **change: object) -> dict[str, Any]:
    to = {"DestinationType": "cloudwatch-logs", "DestinationDetails": {"CloudWatchLogsDetails": {"LogGroup": "a"}}}
    return {"LogType": kind, "LogFormat": "json", **to, **change}


FIREHOSE = {"KinesisFirehoseDetails": {"DeliveryStream": "a"}}
BOTH = {"CloudWatchLogsDetails": {"LogGroup": "a"}, **FIREHOSE}

MORE: Table = {
    "access/authentication": [
        ("user", {"AuthenticationMode": ABSENT, "Passwords": []}),
        ("user", {"AuthenticationMode": ABSENT, "NoPasswordRequired": False}),
    ],
    "access/default-user": [
        ("users", {**REDIS_USERS, "+User": {"Engine": "valkey", "UserName": "default", **NO_PASSWORD_AUTH}}),
        ("users", {"Engine": "redis", "UserIds": [{"Ref": "User"}], "+User": {"Engine": "redis", "UserId": "app"}}),
    ],
    "access/generated-secret": [
        token(),
        token(ExcludeCharacters='/@"'),
        token(IncludeSpace=True, ExcludePunctuation=True),
        token(PasswordLength=15, ExcludePunctuation=True),
        token(PasswordLength=129, ExcludePunctuation=True),
        token(GenerateStringKey="password", SecretStringTemplate="{}", ExcludePunctuation=True),
        token(":SecretString:::", GenerateStringKey="password", ExcludePunctuation=True),
        token(":SecretString:password::", ExcludePunctuation=True),
        password(),
        password(IncludeSpace="true", ExcludePunctuation="true"),
        password(PasswordLength=15, ExcludePunctuation=True),
        password(GenerateStringKey="password", ExcludePunctuation=True),
    ],
    "access/group-engine": [
        ("redis", {"UserGroupIds": ["team"], "+Group": "users", "+User": {}, "@DependsOn": "Group"}),
        ("redis", {"UserGroupIds": ["TEAM"], "+Group": "users", "+User": {}, "@DependsOn": ["Group"]}),
    ],
    "access/no-password-valkey": [
        ("users", {"+User": {"Engine": "redis", **NO_PASSWORD}}),
        ("user", {"AuthenticationMode": ABSENT, "NoPasswordRequired": True}),
        ("users", {"+User": {"Engine": "redis", "AuthenticationMode": ABSENT, "NoPasswordRequired": "true"}}),
    ],
    "access/not-with-preferred": [("redis", {"TransitEncryptionMode": "preferred", "UserGroupIds": ["team"]})],
    "access/one-group": [("group", {"UserGroupIds": ["one", "two"]})],
    "access/secure-string": [
        ("user", {"AuthenticationMode": {"Type": "password", "Passwords": ["{{resolve:ssm-secure:/app:1}}"]}}),
        (
            "user",
            {
                "AuthenticationMode": {
                    "Type": "password",
                    "Passwords": [{"Fn::Sub": "{{resolve:ssm-secure:${AWS::StackName}}}"}],
                }
            },
        ),
    ],
    "access/token-needs-tls": [
        ("redis", {"AuthToken": TOKEN, "TransitEncryptionEnabled": ABSENT}),
        ("redis", {"AuthToken": TOKEN, "TransitEncryptionEnabled": "false"}),
    ],
    "access/token-shape": [
        ("redis", {"AuthToken": "a" * 15}),
        ("redis", {"AuthToken": "a" * 129}),
        ("redis", {"AuthToken": "a" * 16 + "@"}),
        ("redis", {"AuthToken": "a" * 16 + "/"}),
        ("redis", {"AuthToken": "a" * 16 + "\u00e4"}),
        ("redis", {"AuthToken": "a" * 16 + "\n"}),
        ("redis", {"AuthToken": "a" * 16 + "%"}),
    ],
    "access/users-version": [
        (
            "redis",
            {
                "UserGroupIds": [{"Ref": "Group"}],
                "EngineVersion": "6.2",
                "+Group": {"of": "users", **{"Engine": "redis", "UserIds": ["default", {"Ref": "User"}]}},
                "+User": {"Engine": "redis"},
            },
        ),
    ],
    "log-delivery/count": [("group", logs(log("slow-log"), log("engine-log"), log("slow-log")))],
    "log-delivery/details": [("group", logs(log("slow-log", DestinationDetails=BOTH)))],
    "log-delivery/version": [("redis", {"EngineVersion": "5.0.6", **logs(log("slow-log"))})],
    "names/description": [
        ("group", {"ReplicationGroupDescription": "d" * 256}),
        ("subnets", {"Description": ABSENT}),
    ],
    "names/identifier": [
        ("group", {"ReplicationGroupId": "s" * 41}),
        ("memcached", {"ClusterName": "s" * 51}),
        ("subnets", {"CacheSubnetGroupName": "s" * 256}),
        ("users", {"UserGroupId": "s" * 41}),
        ("user", {"UserId": "s" * 41, "UserName": "s" * 41}),
        ("user", {"UserId": "1app", "AuthenticationMode": {"Type": "password", "Passwords": [PASSWORD]}}),
        ("group", {"ReplicationGroupId": "sessions-"}),
        ("group", {"ReplicationGroupId": "my--sessions"}),
    ],
    "users/access-string": [
        ("user", {"AccessString": ABSENT}),
        ("user", {"AccessString": ""}),
        ("user", {"AccessString": "on ~* +@nothing"}),
        ("user", {"AccessString": "on >secret ~* +@all"}),
        ("user", {"AccessString": "on nopass ~* +@all"}),
        ("user", {"AccessString": "on %X~app:* +get"}),
        ("user", {"AccessString": "on (~a +get"}),
        ("user", {"AccessString": "on ~* +gett"}),
        ("user", {"AccessString": "on ~* +config|got"}),
    ],
    "users/authentication-type": [("user", {"AuthenticationMode": {"Type": "token"}})],
    "users/name": [
        ("user", {"UserName": "my app", "AuthenticationMode": {"Type": "password", "Passwords": [PASSWORD]}})
    ],
    "users/passwords": [
        ("user", {"AuthenticationMode": {"Type": "password", "Passwords": ["a" * 15]}}),
        ("user", {"AuthenticationMode": {"Type": "password", "Passwords": ["a" * 129]}}),
        ("user", {"AuthenticationMode": {"Type": "password", "Passwords": [f"{PASSWORD},"]}}),
        ("user", {"AuthenticationMode": {"Type": "password", "Passwords": [f"{PASSWORD} "]}}),
        ("user", {"AuthenticationMode": {"Type": "password", "Passwords": [PASSWORD] * 3}}),
        ("user", {"AuthenticationMode": ABSENT, "Passwords": [PASSWORD] * 3}),
        ("user", {"AuthenticationMode": {"Type": "password"}}),
        ("user", {"AuthenticationMode": {"Type": "password", "Passwords": []}}),
        ("user", {"AuthenticationMode": {"Type": "iam", "Passwords": [PASSWORD]}}),
        ("user", {"Engine": "redis", "AuthenticationMode": {"Type": "no-password-required", "Passwords": [PASSWORD]}}),
    ],
}

ACCEPTED: Table = {
    "access/authentication": [("user", {"AuthenticationMode": {"Fn::ImportValue": "mode"}})],
    "access/default-user": [
        ("users", {**REDIS_USERS, "+User": {"Engine": "redis", "UserName": "default", "UserId": "default-user"}}),
        ("users", {"Engine": "redis", "UserIds": ["default"]}),
        ("users", {"Engine": "redis", "UserIds": [{"Ref": "Other"}], "+Other": {"type": "Custom::User"}}),
    ],
    "access/generated-secret": [
        token(ExcludePunctuation=True),
        token(ExcludePunctuation=True, PasswordLength=16),
        token(ExcludePunctuation=True, PasswordLength=128),
        token(":SecretString:password::", GenerateStringKey="password", ExcludePunctuation=True),
        token(":SecretString:other::", GenerateStringKey="password"),
        token(ExcludeCharacters="\"%'()*+,./:;=?@[\\]_`{|}~"),
        token(ExcludeCharacters={"Fn::ImportValue": "characters"}),
        password(ExcludeCharacters=","),
        ("redis", {"AuthToken": "{{resolve:secretsmanager:token}}"}),
        ("redis", {"AuthToken": {"Fn::Sub": "{{resolve:secretsmanager:${AWS::StackName}}}"}}),
        ("redis", {"AuthToken": resolved(":${AWS::StackName}"), "+Secret": secret()}),
        ("redis", {"AuthToken": resolved(), "+Secret": {"type": "AWS::SecretsManager::Secret", "SecretString": "x"}}),
    ],
    "access/group-engine": [("group", {"UserGroupIds": [{"Ref": "Group"}], "+Group": "users", "+User": {}})],
    "access/no-password-valkey": [
        ("users", {"+User": {"Engine": "redis"}}),
        ("users", {"UserIds": [{"Ref": "Nobody"}], "+Nobody": {"type": "Custom::User"}}),
        ("user", {"AuthenticationMode": {"Type": ["iam"]}}),
        ("user", {"AuthenticationMode": ABSENT, "Passwords": [PASSWORD]}),
    ],
    "access/not-with-preferred": [("redis", {"TransitEncryptionMode": "required", "AuthToken": TOKEN})],
    "access/one-group": [("group", {"UserGroupIds": ["one"]})],
    "access/secure-string": [
        (
            "redis",
            {"AuthToken": "{{resolve:ssm-secure:/app/token:1}}", "NotificationTopicArn": "{{resolve:ssm:/topic}}"},
        )
    ],
    "access/token-needs-tls": [("redis", {"AuthToken": TOKEN})],
    "access/token-shape": [
        ("redis", {"AuthToken": "a" * 16}),
        ("redis", {"AuthToken": "a" * 128}),
        ("redis", {"AuthToken": "!&#$^<>-" * 2}),
    ],
    "access/unique-names": [
        (
            "users",
            {
                "UserIds": [{"Ref": "User"}, "somebody", {"Ref": "Third"}],
                "+Third": {
                    "UserId": "x",
                    "UserName": {"Fn::ImportValue": "name"},
                    "AuthenticationMode": {"Type": "iam"},
                },
            },
        )
    ],
    "access/users-version": [
        ("redis", {"UserGroupIds": ["team"], "EngineVersion": "6.0"}),
        (
            "redis",
            {
                "UserGroupIds": [{"Ref": "Group"}],
                "EngineVersion": "7.0",
                "+Group": {"of": "users", "Engine": "redis"},
                "+User": {"Engine": "redis"},
            },
        ),
    ],
    "log-delivery/count": [
        ("group", logs(log("slow-log"), log("engine-log"))),
        ("group", logs(log("slow-log"), {"Fn::ImportValue": "log"}, log({"Fn::ImportValue": "kind"}))),  # type: ignore[arg-type]
    ],
    "log-delivery/details": [
        ("group", logs(log("slow-log", DestinationType="kinesis-firehose", DestinationDetails=FIREHOSE)))
    ],
    "log-delivery/version": [
        ("redis", {"EngineVersion": "6.0", **logs(log("slow-log"))}),
        ("redis", {"EngineVersion": "6.2", **logs(log("engine-log"))}),
    ],
    "names/description": [("group", {"ReplicationGroupDescription": "d" * 255})],
    "names/identifier": [
        ("group", {"ReplicationGroupId": "s" * 40}),
        ("group", {"ReplicationGroupId": "s"}),
        ("memcached", {"ClusterName": "s" * 50}),
        ("subnets", {"CacheSubnetGroupName": "s" * 255}),
        ("user", {"UserId": "s" * 40, "UserName": "s" * 40}),
        ("users", {"UserGroupId": "s" * 40}),
    ],
    "names/unique": [
        ("group", {"ReplicationGroupId": "one", "+Aaa": {"of": "group", "ReplicationGroupId": "two"}}),
        (
            "group",
            {"ReplicationGroupId": "one", "@Condition": "C", "+Aaa": {"of": "group", "ReplicationGroupId": "one"}},
        ),
        (
            "group",
            {"ReplicationGroupId": "one", "+Aaa": {"of": "group", "ReplicationGroupId": "one", "@Condition": "C"}},
        ),
    ],
    "users/access-string": [
        (
            "user",
            {"AccessString": "on ~app:* %RW~b:* &news.* +@read -@slow +config|get +json.get (~a +get) alldbs db=1"},
        ),
        ("user", {"AccessString": {"Fn::ImportValue": "rules"}}),
    ],
    "users/authentication-type": [("user", {"AuthenticationMode": {"Type": "IAM"}})],
    "users/both-modes": [
        ("user", {"AuthenticationMode": ABSENT, "NoPasswordRequired": False, "Passwords": [PASSWORD]})
    ],
    "users/name": [
        ("user", {"UserName": "u" * 120, "AuthenticationMode": {"Type": "password", "Passwords": [PASSWORD]}})
    ],
    "users/passwords": [
        ("user", {"AuthenticationMode": {"Type": "password", "Passwords": ["a" * 16, "b" * 128]}}),
        ("user", {"AuthenticationMode": {"Type": "password"}, "Passwords": [PASSWORD]}),
    ],
}
