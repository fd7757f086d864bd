"""DatabaseTarget from its attributes: what the client is told and allowed, and every bound of an attribute."""

import json
import re
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_rds as rds
from connection_test.config import Config, check, from_json

from constructs_lib import (
    Access,
    CacheClient,
    ClusterMode,
    DatabaseTarget,
    Network,
    ReplicationGroup,
    TransitEncryption,
)
from tests.conftest import ENV
from tests.constructs_lib.clients import client_of, config_of, one
from tests.constructs_lib.databases import ARN, resources_of_connect

AUTHORITIES = assertions.Match.string_like_regexp("authorities of RDS")


def target_of(group: ec2.IConnectable, **changes: Any) -> DatabaseTarget:
    values: dict[str, Any] = {
        "host": "shop.abc.eu-west-1.rds.amazonaws.com",
        "resource_id": "db-ABC123",
        "user": "cache_admin",
        "connectable": group,
        **changes,
    }
    return DatabaseTarget.of(**values)


class TestOfAttributes:
    def test_what_the_connection_test_is_told(
        self, stack: cdk.Stack, network: Network, group: ec2.SecurityGroup
    ) -> None:
        target = target_of(
            group, port=5433, name="shop", application_user="shop", reader_host="ro.example", region="eu-central-1"
        )
        client_of(stack, network, database=target)
        config = config_of(stack)
        assert config["database"] == {
            "engine": "postgres",
            "host": "shop.abc.eu-west-1.rds.amazonaws.com",
            "port": 5433,
            "name": "shop",
            "user": "cache_admin",
            "application_user": "shop",
            "region": "eu-central-1",
            "reader_host": "ro.example",
        }
        assert check(Config(**from_json(json.dumps(config))))

    @pytest.mark.parametrize("optional", [True, False])
    def test_the_cache_in_front_of_it_may_be_optional(
        self, stack: cdk.Stack, network: Network, group: ec2.SecurityGroup, optional: bool
    ) -> None:
        client_of(stack, network, database=target_of(group), cache_optional=optional)
        assert Config(**from_json(json.dumps(config_of(stack)))).cache_optional is optional

    def test_defaults(self, stack: cdk.Stack, network: Network, group: ec2.SecurityGroup) -> None:
        client_of(stack, network, database=target_of(group))
        told = config_of(stack)["database"]
        assert {key: told[key] for key in ("port", "name", "application_user", "region", "reader_host")} == {
            "port": 5432,
            "name": "postgres",
            "application_user": "",
            "region": "eu-west-1",
            "reader_host": "",
        }
        assert resources_of_connect(stack) == [f"{ARN}db-ABC123/cache_admin"]

    def test_permission_for_both_users_and_nobody_else(
        self, stack: cdk.Stack, network: Network, group: ec2.SecurityGroup
    ) -> None:
        client_of(stack, network, database=target_of(group, application_user="shop"))
        assert resources_of_connect(stack) == [f"{ARN}db-ABC123/cache_admin", f"{ARN}db-ABC123/shop"]

    def test_rules_on_both_sides(self, stack: cdk.Stack, network: Network) -> None:
        closed = ec2.SecurityGroup(stack, "Closed", vpc=network.vpc, allow_all_outbound=False)
        client = client_of(stack, network, database=target_of(closed, port=5433))
        template = assertions.Template.from_stack(stack)
        own = {"Fn::GetAtt": [stack.get_logical_id(_cfn(client.instance.connections.security_groups[0])), "GroupId"]}
        its = {"Fn::GetAtt": [stack.get_logical_id(_cfn(closed)), "GroupId"]}
        both = {"FromPort": 5433, "ToPort": 5433, "IpProtocol": "tcp"}
        template.has_resource_properties(
            "AWS::EC2::SecurityGroupIngress", {**both, "GroupId": its, "SourceSecurityGroupId": own}
        )
        template.has_resource_properties(
            "AWS::EC2::SecurityGroupEgress", {**both, "GroupId": own, "DestinationSecurityGroupId": its}
        )

    def test_the_test_begins_when_rules_and_permission_are_in_place(
        self, stack: cdk.Stack, network: Network, group: ec2.SecurityGroup
    ) -> None:
        client_of(stack, network, database=target_of(group, port=5433))
        _, instance = one(stack, "AWS::EC2::Instance")
        template = assertions.Template.from_stack(stack)
        for kind in ("AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress", "AWS::IAM::Policy"):
            names = {name for name, each in template.find_resources(kind).items() if "5433" in json.dumps(each)}
            assert names <= set(instance["DependsOn"])
            assert names or kind == "AWS::IAM::Policy"

    def test_attributes_of_l1_resources_of_another_stack(self, app: cdk.App) -> None:
        data = cdk.Stack(app, "Data", env=ENV)
        network = Network(data, "Network")
        group = ec2.SecurityGroup(data, "Group", vpc=network.vpc)
        resource = rds.CfnDBInstance(data, "Resource", engine="postgres", db_instance_class="db.t4g.micro")
        client_stack = cdk.Stack(app, "ClientStack", env=ENV)
        cache = ReplicationGroup(data, "Cache", vpc=network.vpc)
        target = DatabaseTarget.of(
            host=resource.attr_endpoint_address,
            port=cdk.Token.as_number(resource.attr_endpoint_port),
            resource_id=resource.attr_dbi_resource_id,
            user=cdk.Fn.import_value("user"),
            connectable=group,
        )
        CacheClient(client_stack, "Client", vpc=network.vpc, cache=cache, database=target)
        template = assertions.Template.from_stack(client_stack)
        rules = template.find_resources("AWS::EC2::SecurityGroupIngress").values()
        ports = [json.dumps(each["Properties"]["FromPort"]) for each in rules]
        assert any("Endpoint.Port" in port or "EndpointPort" in port for port in ports)
        text = json.dumps(template.to_json())
        # A number, without quotes, in the JSON of the configuration.
        assert re.search(r'\\"port\\":(?!\\")', text)
        assert "dbuser:" in text
        assert client_stack in {*app.node.children}
        assert data.stack_name in [each.stack_name for each in client_stack.dependencies]

    @pytest.mark.parametrize(("region", "known"), [("eu-west-1", True), ("il-central-1", False), (None, True)])
    def test_a_region_without_authorities_of_rds_is_a_warning(
        self, stack: cdk.Stack, network: Network, group: ec2.SecurityGroup, region: str | None, known: bool
    ) -> None:
        client_of(stack, network, database=target_of(group, region=region))
        found = [
            warning.entry.data for warning in assertions.Annotations.from_stack(stack).find_warning("*", AUTHORITIES)
        ]
        expected = (
            f"Stack/Client: the connection test has no certificate authorities of RDS for {region}, so TLS to the "
            "database fails; pass a machine_image whose trust store has them, or use another region "
            "[ack: elasticache-constructs:rds-authorities]"
        )
        assert found == ([] if known else [expected])

    def test_no_password_is_read(self, stack: cdk.Stack, network: Network, group: ec2.SecurityGroup) -> None:
        client_of(stack, network, database=target_of(group))
        assert "secretsmanager" not in json.dumps(assertions.Template.from_stack(stack).to_json())

    def test_the_clock_is_compared_also_for_a_cache_without_users(
        self, stack: cdk.Stack, network: Network, group: ec2.SecurityGroup
    ) -> None:
        cache = {
            "cluster_mode": ClusterMode.disabled(replicas=0),
            "access": Access.none(),
            "transit_encryption": TransitEncryption.DISABLED,
        }
        client_of(stack, network, cache, database=target_of(group))
        config = config_of(stack)
        assert config["clock_url"] == "https://s3.eu-west-1.<AWS::URLSuffix>/"
        assert config["wait_auth"] == 60

    def test_a_change_of_the_database_makes_a_new_verdict(self) -> None:
        ids = set()
        for changes in ({}, {"port": 5433}, {"user": "other"}, {"reader_host": "ro.example"}):
            stack = cdk.Stack(cdk.App(), "Stack", env=ENV)
            network = Network(stack, "Network")
            group = ec2.SecurityGroup(stack, "DatabaseGroup", vpc=network.vpc)
            client_of(stack, network, database=target_of(group, **changes))
            ids.add(one(stack, "AWS::CloudFormation::WaitCondition")[0])
        assert len(ids) == 4


def _cfn(group: ec2.ISecurityGroup) -> cdk.CfnElement:
    found = group.node.default_child
    assert isinstance(found, cdk.CfnElement)
    return found


FIXED = [
    ({"host": "https://shop"}, {"host": "shop"}),
    ({"host": "shop:5432"}, {"host": "shop"}),
    ({"reader_host": "a b"}, {"reader_host": "a-b"}),
    ({"port": 1149}, {"port": 1150}),
    ({"port": 65536}, {"port": 65535}),
    ({"port": 5432.5}, {"port": 5432}),
    ({"resource_id": "shop"}, {"resource_id": "cluster-ABC"}),
    ({"name": ""}, {"name": "a"}),
    ({"name": "1st"}, {"name": "_1st"}),
    ({"user": "*"}, {"user": "cache_admin"}),
    ({"user": "a" * 64}, {"user": "a" * 63}),
    ({"application_user": "shop?"}, {"application_user": "shop"}),
    ({"application_user": "cache_admin"}, {"application_user": None}),
]

MESSAGES = {
    "host": "DatabaseTarget: host must be a plain name, got {!r}; leave out the scheme and the port",
    "reader_host": "DatabaseTarget: reader_host must be a plain name, got {!r}; leave out the scheme and the port",
    "port": "DatabaseTarget: port must be a whole number from 1150 to 65535, got {!r}; pass the database's port, "
    "5432 by default",
    "resource_id": "DatabaseTarget: resource_id must be the id of a DB instance, a cluster or a proxy: db-, cluster- "
    "or prx- with letters and digits, got {!r}; pass DbiResourceId or DBClusterResourceId, not the identifier that "
    "is in the host",
    "name": "DatabaseTarget: name must have 1 to 63 letters, digits and _.@+-, and begin with a letter or _, got {!r}; "
    "choose another name",
    "user": "DatabaseTarget: user must have 1 to 63 letters, digits and _.@+-, and begin with a letter or _, got {!r}; "
    "choose another name",
    "application_user": "DatabaseTarget: application_user must have 1 to 63 letters, digits and _.@+-, and begin with "
    "a letter or _, got {!r}; choose another name",
}


@pytest.mark.parametrize(("wrong", "fixed"), FIXED, ids=[str(wrong) for wrong, _ in FIXED])
def test_attributes_out_of_their_bounds(group: ec2.SecurityGroup, wrong: dict[str, Any], fixed: dict[str, Any]) -> None:
    ((prop, value),) = wrong.items()
    message = MESSAGES[prop].format(value)
    if value == "cache_admin":
        message = (
            "DatabaseTarget: application_user must differ from user, got 'cache_admin'; name the role that the "
            "application signs in as, or leave it out"
        )
    with pytest.raises(ValueError, match="DatabaseTarget") as caught:
        target_of(group, **wrong)
    assert str(caught.value) == message
    assert target_of(group, **fixed).host


def test_no_public_constructor() -> None:
    with pytest.raises(TypeError, match=r"DatabaseTarget: it has no public constructor; use DatabaseTarget.instance"):
        DatabaseTarget()
