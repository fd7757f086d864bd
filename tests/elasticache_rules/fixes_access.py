"""Changes that the fixes of rules ask for: access, encryption, names and logs."""

from tests.elasticache_rules.examples import ABSENT
from tests.elasticache_rules.fixes_parts import OFF, Fixes

FIXES: Fixes = {
    ("access/authentication", 0): [{"It.AuthenticationMode": {"Type": "iam"}}],
    ("access/default-user", 0): [{"It.UserIds": [{"Ref": "User"}, {"Ref": "Off"}], "Off": OFF}],
    ("access/default-user", 1): [{"User.Engine": "redis"}],
    ("access/generated-secret", 0): [{"Secret.GenerateSecretString.ExcludePunctuation": True}],
    ("access/generated-secret", 2): [{"Secret.GenerateSecretString.IncludeSpace": ABSENT}],
    ("access/generated-secret", 3): [
        {"Secret.GenerateSecretString.PasswordLength": 16},
        {"Secret.GenerateSecretString.PasswordLength": 128},
    ],
    ("access/generated-secret", 5): [
        {"It.AuthToken": {"Fn::Sub": "{{resolve:secretsmanager:${Secret}:SecretString:password}}"}}
    ],
    ("access/generated-secret", 7): [{"It.AuthToken": {"Fn::Sub": "{{resolve:secretsmanager:${Secret}}}"}}],
    ("access/generated-secret", 8): [{"Secret.GenerateSecretString.ExcludePunctuation": True}],
    ("access/group-engine", 0): [
        {
            "Group.Engine": "redis",
            "User.Engine": "redis",
            "Group.UserIds": [{"Ref": "User"}, {"Ref": "Off"}],
            "Off": OFF,
        },
        {"It.Engine": "valkey", "It.EngineVersion": "8.2"},
    ],
    ("access/iam-name", 0): [{"It.UserName": "app"}, {"It.UserId": "other"}],
    ("access/no-password-valkey", 0): [
        {"It.AuthenticationMode": {"Type": "password", "Passwords": ["a-password-of-20-letters"]}},
        {"It.AuthenticationMode": {"Type": "iam"}},
    ],
    ("access/no-password-valkey", 1): [
        {"User.AuthenticationMode": {"Type": "password", "Passwords": ["a-password-of-20-letters"]}},
        {"User.AuthenticationMode": {"Type": "iam"}},
    ],
    ("access/not-with-preferred", 0): [{"It.TransitEncryptionMode": "required"}],
    ("access/one-group", 0): [{"It.UserGroupIds": ["one"]}],
    ("access/secure-string", 0): [{"It.AuthenticationMode.Passwords.0": "{{resolve:secretsmanager:app}}"}],
    ("access/token-needs-tls", 0): [{"It.TransitEncryptionEnabled": True}],
    ("access/token-needs-tls", 1): [{"It.TransitEncryptionEnabled": True}],
    ("access/token-or-users", 0): [{"It.AuthToken": ABSENT}, {"It.UserGroupIds": ABSENT}],
    ("access/token-shape", 0): [{"It.AuthToken": "{{resolve:secretsmanager:token}}"}],
    ("access/token-shape", 3): [{"It.AuthToken": "{{resolve:secretsmanager:token}}"}],
    ("access/unique-names", 0): [{"Second.UserName": "app2"}],
    ("access/users-need-tls", 0): [{"It.TransitEncryptionEnabled": True}],
    ("access/users-version", 0): [
        {"It.EngineVersion": "6.0"},
        {"It.UserGroupIds": ABSENT, "It.AuthToken": "a-token-of-20-letters"},
    ],
    ("access/users-version", 1): [
        {"It.EngineVersion": "7.0"},
        {"It.UserGroupIds": ABSENT, "It.AuthToken": "a-token-of-20-letters"},
    ],
    ("encryption/key-in-govcloud", 0): [{"It.KmsKeyId": ABSENT}],
    ("encryption/key-needs-at-rest", 0): [{"It.AtRestEncryptionEnabled": True}, {"It.KmsKeyId": ABSENT}],
    ("encryption/key-needs-at-rest", 1): [{"It.AtRestEncryptionEnabled": True}, {"It.KmsKeyId": ABSENT}],
    ("encryption/mode-needs-tls", 0): [{"It.TransitEncryptionEnabled": True}],
    ("encryption/mode-version", 0): [{"It.EngineVersion": "7.0"}],
    ("encryption/valkey-states-tls", 0): [{"It.TransitEncryptionEnabled": True}],
    ("log-delivery/count", 0): [{"It.LogDeliveryConfigurations.1.LogType": "engine-log"}],
    ("log-delivery/details", 0): [
        {
            "It.LogDeliveryConfigurations.0.DestinationDetails": {
                "KinesisFirehoseDetails": {"DeliveryStream": "amazon-elasticache-logs"}
            }
        }
    ],
    ("log-delivery/details", 1): [
        {"It.LogDeliveryConfigurations.0.DestinationDetails": {"CloudWatchLogsDetails": {"LogGroup": "a"}}}
    ],
    ("log-delivery/version", 0): [{"It.EngineVersion": "6.2"}, {"It.LogDeliveryConfigurations": ABSENT}],
    ("log-delivery/version", 1): [
        {"It.EngineVersion": "6.0", "It.CacheNodeType": "cache.r6g.large"},
        {"It.LogDeliveryConfigurations": ABSENT},
    ],
    ("names/default-user-id", 0): [{"It.UserId": "default-off", "It.UserName": "default"}],
    ("names/description", 0): [{"It.ReplicationGroupDescription": "sessions"}],
    ("names/description", 1): [{"It.ReplicationGroupDescription": "d" * 255}],
    ("names/identifier", 0): [{"It.ReplicationGroupId": "my-sessions"}, {"It.ReplicationGroupId": ABSENT}],
    ("names/identifier", 1): [{"It.ReplicationGroupId": "s" * 40}],
    ("names/identifier", 2): [{"It.ClusterName": "s" * 50}],
    ("names/unique", 0): [{"It.ReplicationGroupId": "other"}, {"It.ReplicationGroupId": ABSENT}],
    ("users/access-string", 0): [{"It.AccessString": "on ~* +@all"}],
    ("users/access-string", 1): [{"It.AccessString": "on ~* +@read"}],
    ("users/access-string", 3): [{"It.AccessString": "on ~* +@read"}],
    ("users/access-string", 4): [{"It.AccessString": "on ~* +@all"}],
    ("users/access-string", 6): [{"It.AccessString": "on %R~app:* +get"}],
    ("users/access-string", 7): [{"It.AccessString": "on (~a +get)"}],
    ("users/access-string", 8): [{"It.AccessString": "on ~* +get"}],
    ("users/access-string", 9): [{"It.AccessString": "on ~* +config|get"}],
    ("users/authentication-type", 0): [{"It.AuthenticationMode": {"Type": "iam"}}],
    ("users/authentication-type", 1): [
        {"It.AuthenticationMode": {"Type": "iam"}},
        {"It.AuthenticationMode": {"Type": "password", "Passwords": ["a-password-of-20-letters"]}},
    ],
    ("users/both-modes", 0): [
        {"It.NoPasswordRequired": ABSENT, "It.Passwords": ABSENT},
        {"It.AuthenticationMode": ABSENT, "It.NoPasswordRequired": ABSENT},
    ],
    ("users/name", 0): [{"It.UserName": "u" * 120}],
    ("users/name", 1): [{"It.UserName": "my-app"}],
    ("users/passwords", 0): [
        {"It.AuthenticationMode.Passwords": ["{{resolve:secretsmanager:app:SecretString:password}}"]}
    ],
    ("users/passwords", 3): [{"It.AuthenticationMode.Passwords": ["{{resolve:secretsmanager:app}}"]}],
    ("users/passwords", 5): [
        {"It.AuthenticationMode.Passwords": ["a-password-of-20-letters", "b-password-of-20-letters"]}
    ],
    ("users/passwords", 7): [
        {"It.AuthenticationMode.Passwords": ["a-password-of-20-letters"]},
        {"It.AuthenticationMode.Passwords": ["a-password-of-20-letters", "b-password-of-20-letters"]},
    ],
    ("users/passwords", 9): [{"It.AuthenticationMode.Passwords": ABSENT}, {"It.AuthenticationMode.Type": "password"}],
    ("users/passwords", 10): [{"It.AuthenticationMode.Passwords": ABSENT}, {"It.AuthenticationMode.Type": "password"}],
}
