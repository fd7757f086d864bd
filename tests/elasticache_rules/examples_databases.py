"""Further examples of the rules of databases."""

from typing import Any

from tests.elasticache_rules.examples_access import ABSENT, Table

UNKNOWN = {"Fn::ImportValue": "unknown"}


def capacity(**properties: object) -> tuple[str, dict[str, Any]]:
    return "aurora", {"ServerlessV2ScalingConfiguration": properties}


def zone(name: object) -> dict[str, Any]:
    return {"type": "AWS::EC2::Subnet", "VpcId": "vpc-1", "CidrBlock": "10.0.0.0/24", "AvailabilityZone": name}


IDS = {"SubnetIds": [{"Ref": "A"}, {"Ref": "B"}]}

MORE: Table = {
    "rds/capacity": [capacity(MinCapacity=2, MaxCapacity=1)],
    "rds/iam-master": [("database", {"EnableIAMDatabaseAuthentication": False})],
    "rds/master-username": [("database", {"MasterUsername": "shop-admin"})],
    "rds/monitoring": [
        ("database", {"MonitoringInterval": 60}),
        ("database", {"MonitoringRoleArn": "arn:aws:iam::111111111111:role/monitoring"}),
    ],
    "rds/pause": [capacity(MinCapacity=0, MaxCapacity=1, SecondsUntilAutoPause=299)],
    "rds/serverless-member": [("member", {"DBClusterIdentifier": ABSENT})],
    "rds/settings-of-the-cluster": [("member", {"MasterUserPassword": "a-password-of-20-letters"})],
    "rds/instance-class": [("aurora", {"DBClusterInstanceClass": "m6gd.xlarge"})],
    "rds/storage-iops": [("database", {"StorageType": "io1", "AllocatedStorage": 100})],
    "rds/storage-type": [("database", {"StorageType": "gp4"}), ("aurora", {"StorageType": "gp3"})],
    "rds/subnet-group-zones": [
        ("database-subnets", {**IDS, "+A": zone("us-east-1a"), "+B": zone("us-east-1a")}),
    ],
}
ACCEPTED: Table = {
    "rds/capacity": [capacity(MinCapacity=UNKNOWN, MaxCapacity="inf")],
    "rds/parameter-group-family": [
        ("database", {"DBParameterGroupName": {"Ref": "Parameters"}, "+Parameters": {"of": "database-parameters"}}),
        ("database", {"Engine": UNKNOWN}),
    ],
    "rds/parameter-values": [("database-parameters", {"Parameters": ABSENT})],
    "rds/storage-iops": [("database", {"AllocatedStorage": 400, "Iops": 12000})],
    "rds/storage-type": [("database", {"Engine": UNKNOWN}), ("member", {"StorageType": "aurora"})],
    "rds/storage-size": [("database", {"StorageType": ABSENT, "AllocatedStorage": 100, "Iops": 1000})],
    "rds/subnet-group-zones": [
        ("database-subnets", {"SubnetIds": UNKNOWN}),
        ("database-subnets", {**IDS, "+A": zone("us-east-1a"), "+B": zone(UNKNOWN)}),
    ],
}
