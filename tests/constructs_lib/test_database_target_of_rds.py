"""DatabaseTarget of the instances and clusters of RDS, created or imported, and of those that do not fit."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_rds as rds

from constructs_lib import (
    DatabaseTarget,
    Network,
)
from tests.constructs_lib.clients import client_of, config_of, one, user_data
from tests.constructs_lib.databases import ARN, AURORA, instance_of, resources_of_connect


class TestInstance:
    def test_created(self, stack: cdk.Stack, network: Network) -> None:
        database = instance_of(stack, network)
        client_of(stack, network, database=DatabaseTarget.instance(database, name="shop", user="cache_admin"))
        told = config_of_text(stack)
        logical_id, resource = one(stack, "AWS::RDS::DBInstance")
        assert f'"host": "<{logical_id}.Endpoint.Address>"' in told
        assert f'"port": <{logical_id}.Endpoint.Port>' in told
        assert '"user": "cache_admin"' in told
        assert resource["Properties"]["EnableIAMDatabaseAuthentication"] is True
        (connect,) = resources_of_connect(stack)
        assert connect == {"Fn::Join": ["", [ARN, {"Fn::GetAtt": [logical_id, "DbiResourceId"]}, "/cache_admin"]]}
        assert logical_id in one(stack, "AWS::EC2::Instance")[1]["DependsOn"]

    def test_imported(self, stack: cdk.Stack, network: Network, group: ec2.SecurityGroup) -> None:
        database = rds.DatabaseInstance.from_database_instance_attributes(
            stack,
            "Imported",
            instance_endpoint_address="shop.example",
            instance_identifier="shop",
            instance_resource_id="db-XYZ",
            port=5432,
            security_groups=[group],
        )
        client_of(stack, network, database=DatabaseTarget.instance(database, user="a", application_user="b"))
        assert resources_of_connect(stack) == [f"{ARN}db-XYZ/a", f"{ARN}db-XYZ/b"]
        assert config_of(stack)["database"]["host"] == "shop.example"


class TestCluster:
    def test_created(self, stack: cdk.Stack, network: Network) -> None:
        cluster = rds.DatabaseCluster(
            stack,
            "Database",
            engine=AURORA,
            vpc=network.vpc,
            vpc_subnets=ec2.SubnetSelection(subnets=network.vpc.isolated_subnets),
            iam_authentication=True,
            writer=rds.ClusterInstance.serverless_v2("writer"),
        )
        client_of(
            stack,
            network,
            database=DatabaseTarget.cluster(cluster, name="shop", user="cache_admin", application_user="shop"),
        )
        logical_id, _ = one(stack, "AWS::RDS::DBCluster")
        told = config_of_text(stack)
        assert f'"host": "<{logical_id}.Endpoint.Address>"' in told
        assert f'"reader_host": "<{logical_id}.ReadEndpoint.Address>"' in told
        assert all("DBClusterResourceId" in json.dumps(each) for each in resources_of_connect(stack))
        assert len(resources_of_connect(stack)) == 2
        # Its endpoint leads nowhere before an instance runs.
        assert one(stack, "AWS::RDS::DBInstance")[0] in one(stack, "AWS::EC2::Instance")[1]["DependsOn"]

    def test_imported_without_a_reader(self, stack: cdk.Stack, network: Network, group: ec2.SecurityGroup) -> None:
        cluster = imported_cluster(stack, group)
        client_of(stack, network, database=DatabaseTarget.cluster(cluster, user="a"))
        assert config_of(stack)["database"]["reader_host"] == ""
        assert resources_of_connect(stack) == [f"{ARN}cluster-XYZ/a"]


def imported_cluster(stack: cdk.Stack, group: ec2.ISecurityGroup, **changes: Any) -> rds.IDatabaseCluster:
    values: Mapping[str, Any] = {
        "cluster_identifier": "shop",
        "cluster_endpoint_address": "shop.example",
        "cluster_resource_identifier": "cluster-XYZ",
        "port": 5432,
        "security_groups": [group],
        **changes,
    }
    return rds.DatabaseCluster.from_database_cluster_attributes(stack, "Imported", **values)


def config_of_text(stack: cdk.Stack) -> str:
    """The configuration, with `<Name.Attribute>` also where a number belongs."""
    return user_data(stack).split("<<'JSON'\n")[1].split("\nJSON\n")[0]


def _mysql(stack: cdk.Stack, network: Network, _: ec2.SecurityGroup) -> DatabaseTarget:
    engine = rds.DatabaseInstanceEngine.mysql(version=rds.MysqlEngineVersion.VER_8_4_5)
    return DatabaseTarget.instance(instance_of(stack, network, engine=engine), user="a")


def _without_id(stack: cdk.Stack, _: Network, group: ec2.SecurityGroup) -> DatabaseTarget:
    database = rds.DatabaseInstance.from_database_instance_attributes(
        stack,
        "Imported",
        instance_endpoint_address="shop.example",
        instance_identifier="shop",
        port=5432,
        security_groups=[group],
    )
    return DatabaseTarget.instance(database, user="a")


def _cluster_without(**changes: Any) -> Callable[[cdk.Stack, Network, ec2.SecurityGroup], DatabaseTarget]:
    return lambda stack, _, group: DatabaseTarget.cluster(imported_cluster(stack, group, **changes), user="a")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            _mysql,
            "DatabaseTarget: database must be PostgreSQL, got Stack/Database with the engine mysql; pass a PostgreSQL "
            "of RDS or Aurora, or leave database out",
        ),
        (
            _without_id,
            "DatabaseTarget: Stack/Imported is imported without its resource id; pass instance_resource_id to "
            "DatabaseInstance.from_database_instance_attributes",
        ),
        (
            _cluster_without(cluster_endpoint_address=None),
            "DatabaseTarget: Stack/Imported is imported without its endpoint; pass cluster_endpoint_address and port "
            "to DatabaseCluster.from_database_cluster_attributes",
        ),
        (
            _cluster_without(cluster_resource_identifier=None),
            "DatabaseTarget: Stack/Imported is imported without its resource id; pass cluster_resource_identifier to "
            "DatabaseCluster.from_database_cluster_attributes",
        ),
    ],
)
def test_databases_that_do_not_fit(
    stack: cdk.Stack,
    network: Network,
    group: ec2.SecurityGroup,
    make: Callable[[cdk.Stack, Network, ec2.SecurityGroup], DatabaseTarget],
    message: str,
) -> None:
    with pytest.raises(ValueError, match="DatabaseTarget") as caught:
        make(stack, network, group)
    assert str(caught.value) == message
