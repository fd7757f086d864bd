"""GlobalDatastoreSet: one object for all members, the settings of their clients, and every error."""

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_ec2 as ec2

from constructs_lib import (
    Backup,
    CacheClient,
    EngineVersion,
    GlobalDatastore,
    GlobalDatastoreSet,
    GlobalRegion,
    Network,
)
from tests.conftest import CONTEXT, ENV
from tests.constructs_lib.clients import config_of
from tests.constructs_lib.conftest import existing_vpc
from tests.constructs_lib.replication_groups import GROUP, primary_of
from tests.constructs_lib.templates import properties_of


class TestSet:
    def test_one_object_builds_them_all(self, stack: cdk.Stack, vpc: ec2.IVpc, other: cdk.Stack) -> None:
        datastores = GlobalDatastoreSet(
            "Orders",
            regions=[
                GlobalRegion(scope=stack, vpc=vpc, replicas_per_shard=2),
                GlobalRegion(scope=other, vpc=existing_vpc(other), backup=Backup(retention=cdk.Duration.days(3))),
            ],
            engine=EngineVersion.VALKEY_8_2,
            shards=3,
            port=7000,
            parameters={"timeout": "300"},
        )
        assert datastores.members == (datastores.primary, *datastores.secondaries)
        here, there = properties_of(stack, GROUP), properties_of(other, GROUP)
        assert (here["NumNodeGroups"], here["ReplicasPerNodeGroup"], here["AutoMinorVersionUpgrade"]) == (3, 2, False)
        assert (there["ReplicasPerNodeGroup"], there["SnapshotRetentionLimit"], there["Port"]) == (1, 3, 7000)
        assert datastores.global_datastore.primary is datastores.primary

    def test_the_role_of_the_member_is_in_the_settings_of_its_client(self, app: cdk.App) -> None:
        stacks = [
            cdk.Stack(app, name, env=cdk.Environment(account="111111111111", region=name))
            for name in ("eu-west-1", "eu-central-1")
        ]
        networks = [Network(stack, "Network") for stack in stacks]
        datastores = GlobalDatastoreSet(
            "Orders",
            regions=[
                GlobalRegion(scope=stack, vpc=network.vpc) for stack, network in zip(stacks, networks, strict=True)
            ],
        )
        for stack, network, member in zip(stacks, networks, datastores.members, strict=True):
            CacheClient(stack, "Client", vpc=network.vpc, cache=member)
        primary, secondary = (config_of(stack) for stack in stacks)
        assert (primary["global_role"], secondary["global_role"]) == ("primary", "secondary")
        assert [endpoint["role"] for endpoint in primary["endpoints"]] == ["primary", "reader"]
        assert [endpoint["role"] for endpoint in secondary["endpoints"]] == ["primary"]

    def test_a_client_before_the_global_datastore_gets_the_same_user_data_as_one_after_it(self) -> None:
        templates = []
        for client_first in (True, False):
            stack = cdk.Stack(cdk.App(context=dict(CONTEXT), analytics_reporting=False), "Stack", env=ENV)
            network = Network(stack, "Network")
            primary = primary_of(stack, network.vpc)
            if client_first:
                CacheClient(stack, "Client", vpc=network.vpc, cache=primary)
            GlobalDatastore(stack, "Global", primary=primary)
            if not client_first:
                CacheClient(stack, "Client", vpc=network.vpc, cache=primary)
            templates.append(assertions.Template.from_stack(stack))
        before, after = (next(iter(template.find_resources("AWS::EC2::Instance").items())) for template in templates)
        parts = [
            [part for part in made["Properties"]["UserData"]["Fn::Base64"]["Fn::Join"][1] if isinstance(part, str)]
            for _, made in (before, after)
        ]
        assert parts[0] == parts[1]
        assert '"global_role": "primary"' in "".join(parts[0])
        # The hash of the user data is in the logical ids, so that the changed user data is tested by a new instance.
        assert before[0][:-8] == after[0][:-8]
        for kind in ("AWS::CloudFormation::WaitCondition", "AWS::CloudFormation::WaitConditionHandle"):
            first, second = ({id[:-8] for id in template.find_resources(kind)} for template in templates)
            assert first == second

    @pytest.mark.parametrize(
        ("regions", "message"),
        [
            (
                ["eu-west-1"],
                "GlobalDatastoreSet: regions must list 2 to 3 regions, got 1; pass a primary region and up to 2 "
                "secondary regions",
            ),
            (
                ["eu-west-1", "eu-west-1"],
                "GlobalDatastoreSet: regions must be different, got eu-west-1, eu-west-1; create each member in a "
                "stack of another region",
            ),
            (
                ["eu-west-1", "ap-east-2"],
                "GlobalDatastoreSet: regions must support Global Datastore, got ap-east-2; choose another region",
            ),
            (
                ["eu-west-1", None],
                "GlobalDatastoreSet: regions must be in stacks whose region is known at synth, got an "
                "environment-agnostic stack; pass env=cdk.Environment(account=..., region=...) to each stack",
            ),
        ],
    )
    def test_errors(self, app: cdk.App, regions: list[str | None], message: str) -> None:
        stacks = [
            cdk.Stack(app, f"S{number}", env=cdk.Environment(region=region)) for number, region in enumerate(regions)
        ]
        with pytest.raises(ValueError, match="GlobalDatastoreSet") as caught:
            GlobalDatastoreSet(
                "Orders", regions=[GlobalRegion(scope=stack, vpc=existing_vpc(stack)) for stack in stacks]
            )
        assert str(caught.value) == message
