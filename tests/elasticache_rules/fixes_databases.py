"""Changes that the fixes of rules ask for: databases."""

from tests.elasticache_rules.examples import ABSENT
from tests.elasticache_rules.fixes_parts import ROLE, Fixes, zone_of

FIXES: Fixes = {
    ("rds/authentication-type", 0): [
        {"It.MasterUserAuthenticationType": "iam-db-auth"},
        {"It.MasterUserAuthenticationType": "password"},
    ],
    ("rds/backup-retention", 0): [{"It.BackupRetentionPeriod": 35}],
    ("rds/backup-window", 0): [{"It.PreferredBackupWindow": "03:00-03:30"}],
    ("rds/capacity", 0): [{"It.ServerlessV2ScalingConfiguration.MaxCapacity": 1.5}],
    ("rds/capacity", 1): [
        {"It.ServerlessV2ScalingConfiguration.MinCapacity": 1},
        {"It.ServerlessV2ScalingConfiguration.MaxCapacity": 2},
    ],
    ("rds/database-name", 0): [{"It.DBName": "shop"}],
    ("rds/encryption-key", 0): [{"It.StorageEncrypted": True}],
    ("rds/engine-version", 0): [{"It.EngineVersion": "17"}, {"It.EngineVersion": "17.5"}],
    ("rds/iam-engine", 0): [
        {"It.EnableIAMDatabaseAuthentication": ABSENT},
        {"It.Engine": "postgres", "It.EngineVersion": "17"},
    ],
    ("rds/iam-master", 0): [
        {"It.ManageMasterUserPassword": ABSENT},
        {"It.MasterUserAuthenticationType": "password"},
    ],
    ("rds/iam-master", 1): [{"It.EnableIAMDatabaseAuthentication": True}],
    ("rds/identifier", 0): [{"It.DBInstanceIdentifier": "shop-1"}, {"It.DBInstanceIdentifier": ABSENT}],
    ("rds/instance-class", 0): [{"It.DBInstanceClass": "db.t4g.micro"}],
    ("rds/log-exports", 0): [{"It.EnableCloudwatchLogsExports": ["postgresql"]}],
    ("rds/maintenance-window", 0): [{"It.PreferredMaintenanceWindow": "sun:05:00-sun:05:30"}],
    ("rds/master-password-twice", 0): [{"It.MasterUserPassword": ABSENT}, {"It.ManageMasterUserPassword": ABSENT}],
    ("rds/master-username", 0): [{"It.MasterUsername": "shop_admin"}],
    ("rds/master-username", 1): [{"It.MasterUsername": "shop_admin"}],
    ("rds/monitoring", 0): [
        {"It.MonitoringInterval": seconds, **({"It.MonitoringRoleArn": ROLE} if seconds else {})}
        for seconds in (0, 1, 5, 10, 15, 30, 60)
    ],
    ("rds/monitoring", 1): [{"It.MonitoringRoleArn": ROLE}, {"It.MonitoringInterval": 0}],
    ("rds/monitoring", 2): [{"It.MonitoringInterval": 60}, {"It.MonitoringRoleArn": ABSENT}],
    ("rds/parameter-group-family", 0): [{"Parameters.Family": "postgres17"}],
    ("rds/parameter-values", 0): [{"It.Parameters": {"rds.force_ssl": "1"}}],
    ("rds/pause", 0): [
        {"It.ServerlessV2ScalingConfiguration.SecondsUntilAutoPause": ABSENT},
        {"It.ServerlessV2ScalingConfiguration.MinCapacity": 0},
    ],
    ("rds/pause", 1): [
        {"It.ServerlessV2ScalingConfiguration.SecondsUntilAutoPause": seconds} for seconds in (300, 86400)
    ],
    ("rds/port", 0): [{"It.Port": 5433}],
    ("rds/promotion-tier", 0): [{"It.PromotionTier": tier} for tier in (0, 15)],
    ("rds/serverless-member", 0): [
        {"Aurora.ServerlessV2ScalingConfiguration": {"MinCapacity": 0.5, "MaxCapacity": 1}},
        {"It.DBInstanceClass": "db.t4g.medium"},
    ],
    ("rds/serverless-member", 1): [{"It.DBClusterIdentifier": {"Ref": "Aurora"}}],
    ("rds/settings-of-the-cluster", 0): [{"It.DeletionProtection": ABSENT, "Aurora.DeletionProtection": True}],
    ("rds/storage-growth", 0): [{"It.MaxAllocatedStorage": 22}, {"It.MaxAllocatedStorage": ABSENT}],
    ("rds/storage-iops", 0): [{"It.Iops": ABSENT}, {"It.AllocatedStorage": 400}],
    ("rds/storage-iops", 1): [{"It.Iops": 1000}, {"It.StorageType": "gp3"}],
    ("rds/storage-size", 0): [{"It.AllocatedStorage": 20}],
    ("rds/storage-type", 0): [{"It.StorageType": kind} for kind in ("gp2", "gp3", "standard")],
    ("rds/subnet-group-zones", 0): [{"It.SubnetIds": ["subnet-0a1b2c3d4e5f60711", "subnet-0a1b2c3d4e5f60722"]}],
    ("rds/subnet-group-zones", 1): [
        {"It.SubnetIds": [{"Ref": "A"}, {"Ref": "B"}, {"Ref": "C"}], "C": zone_of("us-east-1b")}
    ],
    ("rds/windows-overlap", 0): [
        {"It.PreferredBackupWindow": "06:00-07:00"},
        {"It.PreferredMaintenanceWindow": "sun:06:00-sun:06:30"},
    ],
    ("rds/zone-of-multi-az", 0): [{"It.AvailabilityZone": ABSENT}, {"It.MultiAZ": ABSENT}],
}
