"""Templates with databases beside a cache."""

from typing import Any

from elasticache_operations.picture.model import Database
from tests.picture.templates import Resources, function, instance, picture, resource, standard


def db(**more: Any) -> dict[str, Any]:
    """A DB instance in the network."""
    return resource(
        "RDS::DBInstance",
        **{
            "Engine": "postgres",
            "EngineVersion": "17.6",
            "DBInstanceClass": "db.t4g.micro",
            "AllocatedStorage": "20",
            "StorageType": "gp3",
            "StorageEncrypted": True,
            "BackupRetentionPeriod": 7,
            "DBSubnetGroupName": {"Ref": "DbSubnets"},
            "VPCSecurityGroups": [{"Fn::GetAtt": ["DbGroup", "GroupId"]}],
            **more,
        },
    )


def aurora(**more: Any) -> dict[str, Any]:
    """An Aurora cluster in the network."""
    return resource(
        "RDS::DBCluster",
        **{
            "Engine": "aurora-postgresql",
            "EngineVersion": "17.5",
            "StorageEncrypted": True,
            "DBSubnetGroupName": {"Ref": "DbSubnets"},
            "VpcSecurityGroupIds": [{"Fn::GetAtt": ["DbGroup", "GroupId"]}],
            **more,
        },
    )


def member(**more: Any) -> dict[str, Any]:
    """A DB instance of the Aurora cluster."""
    return resource(
        "RDS::DBInstance", **{"DBClusterIdentifier": {"Ref": "Db"}, "DBInstanceClass": "db.r8g.large", **more}
    )


def beside(database: dict[str, Any], **more: dict[str, Any]) -> Resources:
    """A cache and a client with a database, which the client reaches."""
    return {
        **standard(),
        "DbSubnets": resource("RDS::DBSubnetGroup", SubnetIds=[{"Ref": "Subnet0"}, {"Ref": "Subnet1"}]),
        "DbGroup": resource("EC2::SecurityGroup", GroupDescription="db", VpcId={"Ref": "Vpc"}),
        "DbIn": resource(
            "EC2::SecurityGroupIngress",
            GroupId={"Fn::GetAtt": ["DbGroup", "GroupId"]},
            SourceSecurityGroupId={"Fn::GetAtt": ["ClientGroup", "GroupId"]},
            IpProtocol="tcp",
            FromPort=5432,
            ToPort=5432,
        ),
        "Db": database,
        **more,
    }


def only(resources: Resources) -> Database:
    (found,) = picture(resources).databases
    return found


def several() -> Resources:
    return beside(
        db(MultiAZ=True),
        Cluster=aurora(),
        Writer=member(DBClusterIdentifier={"Ref": "Cluster"}),
        Reader=member(DBClusterIdentifier={"Ref": "Cluster"}),
        Code=function(0, 1),
        Other=instance(1),
    )
