"""CacheClient: its resources, its user data, and when it is replaced."""

import base64
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from connection_test.config import Config, from_json

from constructs_lib import Access, ClusterMode, EngineVersion, Network, TransitEncryption, newest_amazon_linux_2023
from tests.conftest import CONTEXT, ENV
from tests.constructs_lib.clients import client_of, config_of, one, user_data


class TestInstance:
    def test_small_encrypted_private(self, stack: cdk.Stack, network: Network) -> None:
        client_of(stack, network)
        _, instance = one(stack, "AWS::EC2::Instance")
        properties = instance["Properties"]
        assert properties["InstanceType"] == "t4g.nano"
        assert properties["MetadataOptions"] == {"HttpTokens": "required"}
        assert properties["PropagateTagsToVolumeOnCreation"] is True
        assert properties["BlockDeviceMappings"] == [
            {
                "DeviceName": "/dev/xvda",
                "Ebs": {"Encrypted": True, "VolumeSize": 8, "VolumeType": "gp3"},
            }
        ]
        assert not {"KeyName", "NetworkInterfaces", "ImageId", "AvailabilityZone"} & set(properties)

    def test_the_image_is_resolved_at_launch(self, stack: cdk.Stack, network: Network) -> None:
        client_of(stack, network)
        logical_id, template = one(stack, "AWS::EC2::LaunchTemplate")
        parameter = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"
        assert template["Properties"] == {
            "LaunchTemplateData": {
                "ImageId": f"resolve:ssm:{parameter}",
                "MetadataOptions": {"HttpTokens": "required"},
            },
            "TagSpecifications": [
                {
                    "ResourceType": "launch-template",
                    "Tags": [{"Key": "Name", "Value": "Image of a cache client in stack Stack"}],
                }
            ],
        }
        _, instance = one(stack, "AWS::EC2::Instance")
        assert instance["Properties"]["LaunchTemplate"] == {
            "LaunchTemplateId": {"Ref": logical_id},
            "Version": {"Fn::GetAtt": [logical_id, "LatestVersionNumber"]},
        }

    def test_a_tag_does_not_change_the_launch_template(self, stack: cdk.Stack, network: Network) -> None:
        client_of(stack, network)
        cdk.Tags.of(stack).add("team", "cache")
        assert "team" not in json.dumps(one(stack, "AWS::EC2::LaunchTemplate"))

    def test_an_x86_type_takes_an_x86_image(self) -> None:
        stack = cdk.Stack()
        image = newest_amazon_linux_2023(ec2.InstanceType("t3.micro")).get_image(stack)
        assert image.image_id.endswith("al2023-ami-kernel-default-x86_64")

    def test_a_given_image_is_used(self, stack: cdk.Stack, network: Network) -> None:
        image = ec2.MachineImage.generic_linux({"eu-west-1": "ami-0123456789abcdef0"})
        client_of(stack, network, machine_image=image)
        assert one(stack, "AWS::EC2::Instance")[1]["Properties"]["ImageId"] == "ami-0123456789abcdef0"

    def test_the_role_may_connect_and_read_one_object(self, stack: cdk.Stack, network: Network) -> None:
        client_of(stack, network)
        policies = assertions.Template.from_stack(stack).find_resources("AWS::IAM::Policy")
        (policy,) = [policy_ for name, policy_ in policies.items() if name.startswith("Client")]
        statements = policy["Properties"]["PolicyDocument"]["Statement"]
        assert [statement["Action"] for statement in statements] == ["elasticache:Connect", "s3:GetObject"]
        assert re.fullmatch(
            r"arn:aws:s3:::cdk-hnb659fds-assets-111111111111-eu-west-1/[0-9a-f]{64}\.zip",
            statements[1]["Resource"] if isinstance(statements[1]["Resource"], str) else "",
        )
        _, role = next(
            (name, resource)
            for name, resource in assertions.Template.from_stack(stack).find_resources("AWS::IAM::Role").items()
            if name.startswith("Client")
        )
        assert "ManagedPolicyArns" not in role["Properties"]

    def test_session_manager_is_a_switch(self, stack: cdk.Stack, network: Network) -> None:
        client_of(stack, network, session_manager=True)
        assertions.Template.from_stack(stack).has_resource_properties(
            "AWS::IAM::Role",
            {"ManagedPolicyArns": [{"Fn::Join": ["", assertions.Match.any_value()]}]},
        )

    def test_egress_is_the_cache_and_https(self, stack: cdk.Stack, network: Network) -> None:
        client_of(stack, network)
        template = assertions.Template.from_stack(stack)
        template.has_resource_properties(
            "AWS::EC2::SecurityGroup",
            {"SecurityGroupEgress": [assertions.Match.object_like({"CidrIp": "0.0.0.0/0", "FromPort": 443})]},
        )
        template.has_resource_properties("AWS::EC2::SecurityGroupEgress", {"FromPort": 6379, "ToPort": 6379})

    def test_the_test_begins_when_everything_is_in_place(self, stack: cdk.Stack, network: Network) -> None:
        client_of(stack, network)
        _, instance = one(stack, "AWS::EC2::Instance")
        template = assertions.Template.from_stack(stack)
        before = set(instance["DependsOn"])
        for kind in ("AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress"):
            assert set(template.find_resources(kind)) <= before
        assert set(template.find_resources("AWS::ElastiCache::ReplicationGroup")) <= before
        assert any(name.startswith("ClientRoleDefaultPolicy") for name in before)

    def test_grantable_and_connectable(self, stack: cdk.Stack, network: Network) -> None:
        client = client_of(stack, network)
        bucket = s3.Bucket(stack, "Bucket")
        bucket.grant_read(client)
        other = ec2.SecurityGroup(stack, "Other", vpc=network.vpc)
        other.connections.allow_from(client, ec2.Port.tcp(8080))
        iam.Grant.add_to_principal(grantee=client, actions=["sts:GetCallerIdentity"], resource_arns=["*"])
        template = assertions.Template.from_stack(stack)
        template.has_resource_properties("AWS::EC2::SecurityGroupIngress", {"FromPort": 8080})
        assert client.grant_principal is not None


class TestVerdict:
    def test_the_wait_condition_waits_for_the_instance(self, stack: cdk.Stack, network: Network) -> None:
        client = client_of(stack, network)
        handle, _ = one(stack, "AWS::CloudFormation::WaitConditionHandle")
        _, wait = one(stack, "AWS::CloudFormation::WaitCondition")
        instance, _ = one(stack, "AWS::EC2::Instance")
        assert wait["Properties"] == {"Count": 1, "Handle": {"Ref": handle}, "Timeout": "1487"}
        assert instance in wait["DependsOn"]
        assert stack.get_logical_id(client.instance.instance) == instance

    def test_it_is_an_output(self, stack: cdk.Stack, network: Network) -> None:
        client = client_of(stack, network)
        wait, _ = one(stack, "AWS::CloudFormation::WaitCondition")
        value = {"Fn::Select": [3, {"Fn::Split": ['"', {"Fn::GetAtt": [wait, "Data"]}]}]}
        outputs = assertions.Template.from_stack(stack).find_outputs("*", {"Value": value})
        assert len(outputs) == 1
        assert stack.resolve(client.verdict) == value

    @pytest.mark.parametrize("seconds", [1487, 3600, 43200])
    def test_timeout(self, stack: cdk.Stack, network: Network, seconds: int) -> None:
        client_of(stack, network, timeout=cdk.Duration.seconds(seconds))
        assert one(stack, "AWS::CloudFormation::WaitCondition")[1]["Properties"]["Timeout"] == str(seconds)


class TestUserData:
    def test_it_is_a_valid_script_within_the_limit(self, stack: cdk.Stack, network: Network, tmp_path: Path) -> None:
        client_of(stack, network)
        text = user_data(stack)
        assert len(text.encode()) + 2048 < 16384
        assert "@@" not in text
        assert text.startswith("#!/bin/bash\n")
        script = tmp_path / "user-data.sh"
        script.write_text(text)
        done = subprocess.run(["bash", "-n", str(script)], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        assert len(base64.b64encode(text.encode())) < 25600

    def test_cluster_mode_disabled(self, stack: cdk.Stack, network: Network) -> None:
        client_of(stack, network)
        config = config_of(stack)
        assert [endpoint["role"] for endpoint in config["endpoints"]] == ["primary", "reader"]
        assert {key: config[key] for key in ("engine", "engine_version", "cluster_mode", "tls", "authentication")} == {
            "engine": "redis",
            "engine_version": "7.1",
            "cluster_mode": "disabled",
            "tls": True,
            "authentication": "iam",
        }
        assert config["region"] == "eu-west-1"
        assert config["clock_url"] == "https://s3.eu-west-1.<AWS::URLSuffix>/"
        assert config["cache_name"].startswith("<Cache")

    def test_cluster_mode_enabled(self, stack: cdk.Stack, network: Network) -> None:
        client_of(stack, network, {"cluster_mode": ClusterMode.enabled(shards=3)})
        config = config_of(stack)
        ((endpoint),) = config["endpoints"]
        assert endpoint["role"] == "configuration"
        assert endpoint["host"].endswith("ConfigurationEndPoint.Address>")
        assert (config["shards"], config["replicas_per_shard"]) == (3, 1)

    def test_a_single_node_has_no_reader(self, stack: cdk.Stack, network: Network) -> None:
        client_of(stack, network, {"cluster_mode": ClusterMode.disabled(replicas=0)})
        assert [endpoint["role"] for endpoint in config_of(stack)["endpoints"]] == ["primary"]

    def test_a_token_is_read_from_its_secret(self, stack: cdk.Stack, network: Network) -> None:
        client_of(stack, network, {"access": Access.auth_token()})
        config = config_of(stack)
        assert config["authentication"] == "password"
        assert config["secret_arn"].startswith("<CacheAuthToken")
        assert "resolve:secretsmanager" not in user_data(stack)

    def test_plaintext(self, stack: cdk.Stack, network: Network) -> None:
        cache = {"access": Access.none(), "transit_encryption": TransitEncryption.DISABLED}
        client_of(stack, network, cache)
        config = config_of(stack)
        assert (config["tls"], config["authentication"]) == (False, "none")

    @pytest.mark.parametrize(
        "cache",
        [
            {},
            {"cluster_mode": ClusterMode.enabled(shards=3)},
            {"cluster_mode": ClusterMode.compatible()},
            {"access": Access.auth_token()},
            {"engine": EngineVersion.VALKEY_9_1},
        ],
    )
    def test_the_connection_test_understands_it(
        self, stack: cdk.Stack, network: Network, cache: dict[str, Any]
    ) -> None:
        from connection_test import config as configuration

        client_of(stack, network, cache)
        config = Config(**from_json(json.dumps(config_of(stack))))
        assert configuration.check(config)


class TestAnew:
    """A changed configuration makes a new instance, handle and wait condition; nothing else does."""

    def _ids(self, **options: Any) -> set[str]:
        app = cdk.App(context=dict(CONTEXT), analytics_reporting=False)
        stack = cdk.Stack(app, "Stack", env=ENV)
        cdk.Tags.of(stack).add("build", options.pop("tag", "1"))
        client_of(stack, Network(stack, "Network"), options.pop("cache", None), **options)
        return {
            one(stack, kind)[0]
            for kind in (
                "AWS::EC2::Instance",
                "AWS::CloudFormation::WaitCondition",
                "AWS::CloudFormation::WaitConditionHandle",
            )
        }

    @pytest.mark.parametrize("same", [{}, {"tag": "2"}, {"timeout": cdk.Duration.seconds(1487)}])
    def test_nothing_changes(self, same: dict[str, Any]) -> None:
        assert self._ids() == self._ids(**same)

    def test_another_setting_of_the_launch_template_replaces_the_instance_and_the_verdict(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = self._ids()
        monkeypatch.setattr("constructs_lib.client.client.HTTP_TOKENS", "optional")
        assert before & self._ids() == set()

    @pytest.mark.parametrize(
        "changed",
        [
            {"cache": {"engine": EngineVersion.REDIS_7_0}},
            {"cache": {"cluster_mode": ClusterMode.enabled(shards=3)}},
            {"cache": {"port": 7000}},
            {"cache": {"access": Access.auth_token()}},
            {"on_failure": "report"},
            {"command_line_client": False},
            {"timeout": cdk.Duration.seconds(1488)},
            {"instance_type": ec2.InstanceType("t4g.micro")},
        ],
    )
    def test_all_three_change(self, changed: dict[str, Any]) -> None:
        assert not self._ids() & self._ids(**changed)
