"""Generated names: unique in an account and region, stable, within the rules of every type; and final snapshots."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import assertions
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticache as elasticache
from constructs import Construct, IConstruct
from hypothesis import given, settings
from hypothesis import strategies as st

from constructs_lib import (
    Access,
    EngineVersion,
    OutpostCluster,
    ReplicationGroup,
    ServerlessCache,
    ServerlessCacheSnapshot,
    ServerlessEngine,
    Snapshot,
)
from constructs_lib._core.names import description, physical_name, snapshot_name
from elasticache_rules import Template, facts
from elasticache_rules.compare import compare
from tests.conftest import CONTEXT, ENV
from tests.constructs_lib.conftest import existing_vpc
from tests.constructs_lib.templates import resource_of

# The properties that hold a name of the whole account, by type.
NAMES = {
    "AWS::ElastiCache::User": "UserId",
    "AWS::ElastiCache::UserGroup": "UserGroupId",
    "AWS::ElastiCache::ServerlessCache": "ServerlessCacheName",
    "AWS::ElastiCache::ServerlessCacheSnapshot": "ServerlessCacheSnapshotName",
    "AWS::ElastiCache::Snapshot": "SnapshotName",
    "Custom::ElastiCacheOutpostCluster": "NamePrefix",
}

OUTPOST = "arn:aws:outposts:eu-west-1:111111111111:outpost/op-0123456789abcdef0"


def new_app() -> cdk.App:
    return cdk.App(context=dict(CONTEXT), analytics_reporting=False)


def everything(stack: cdk.Stack, scope: Construct | None = None) -> None:
    """One construct of each type that generates a name."""
    where, vpc = scope or stack, existing_vpc(stack)
    cache = ReplicationGroup(where, "Cache", vpc=vpc)
    ReplicationGroup(where, "Passwords", vpc=vpc, access=Access.password(), engine=EngineVersion.VALKEY_8_2)
    serverless = ServerlessCache(where, "Serverless", vpc=vpc, engine=ServerlessEngine.REDIS_7)
    Snapshot(where, "Copy", replication_group=cache)
    ServerlessCacheSnapshot(where, "ServerlessCopy", serverless_cache=serverless)
    OutpostCluster(
        where,
        "Outpost",
        vpc=vpc,
        vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
        outpost_arn=OUTPOST,
    )


def names_of(stack: cdk.Stack) -> list[tuple[str, str]]:
    """Every name in the template of a stack, with its type; without parts that are resolved at deployment."""
    resources = assertions.Template.from_stack(stack).to_json()["Resources"].values()
    return [
        (resource["Type"], _text(resource["Properties"][NAMES[resource["Type"]]]))
        for resource in resources
        if resource["Type"] in NAMES
    ]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(value["Fn::Join"][1][0])


class TestTwoStacks:
    def test_preview_environments_share_no_name(self) -> None:
        def names(branch: str) -> list[tuple[str, str]]:
            stack = cdk.Stack(new_app(), "Shop", env=ENV, stack_name=f"shop-{branch}")
            everything(stack)
            return names_of(stack)

        first, second = names("feature-a"), names("feature-b")
        assert len(first) == len(second) == 12
        assert set(first) & set(second) == set()
        assert {kind for kind, _ in first} == set(NAMES)
        for _, name in first:
            assert name.startswith("shop-feature-a-")

    def test_two_apps_with_the_same_path_share_no_name(self) -> None:
        def names(stack_name: str) -> list[tuple[str, str]]:
            stack = cdk.Stack(new_app(), "Cache", env=ENV, stack_name=stack_name)
            everything(stack)
            return names_of(stack)

        assert set(names("orders")) & set(names("billing")) == set()

    def test_stages_share_no_name(self, app: cdk.App) -> None:
        result = []
        for name in ("Dev", "Prod"):
            stack = cdk.Stack(cdk.Stage(app, name, env=ENV), "Shop")
            everything(stack)
            result.append(names_of(stack))
        assert set(result[0]) & set(result[1]) == set()
        assert {name[: len("dev-shop-")] for _, name in result[0]} == {"dev-shop-"}

    def test_nested_stacks_share_no_name_and_contain_that_of_the_stack_they_are_deployed_with(
        self, app: cdk.App
    ) -> None:
        parent = cdk.Stack(app, "Shop", env=ENV, stack_name="shop-a")
        nested = [cdk.NestedStack(parent, name) for name in ("One", "Two")]
        for inner in nested:
            everything(inner)
        result = [names_of(inner) for inner in nested]
        assert set(result[0]) & set(result[1]) == set()
        assert {name[: len("shop-a-one-")] for _, name in result[0]} == {"shop-a-one-"}

    def test_names_are_stable(self) -> None:
        def names() -> list[tuple[str, str]]:
            stack = cdk.Stack(new_app(), "Shop", env=ENV, stack_name="shop")
            everything(stack)
            return names_of(stack)

        assert names() == names()

    def test_the_name_does_not_depend_on_where_the_stack_is_in_the_app(self) -> None:
        """The construct id and the stage of a stack may change if its name does not."""
        app = new_app()
        stacks = [
            cdk.Stack(app, "Shop", env=ENV, stack_name="shop"),
            cdk.Stack(cdk.Stage(app, "Stage", env=ENV), "Other", stack_name="shop"),
        ]
        assert len({physical_name(Construct(stack, "Cache")) for stack in stacks}) == 1


STACK_NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,127}", fullmatch=True)

# constructs keeps children in a JavaScript object, whose own members are taken.
_TAKEN = {
    "constructor",
    "hasOwnProperty",
    "isPrototypeOf",
    "propertyIsEnumerable",
    "toLocaleString",
    "toString",
    "valueOf",
}

IDS = st.text(min_size=1, max_size=60).filter(
    lambda id: bool(id.strip("\x00")) and "${Token" not in id and not id.startswith("__") and id not in _TAKEN
)


class TestRules:
    @settings(max_examples=60)
    @given(stack_name=STACK_NAMES, ids=st.lists(IDS, min_size=1, max_size=3))
    def test_every_name_keeps_the_rules_of_every_type(self, stack_name: str, ids: list[str]) -> None:
        scope: Construct = cdk.Stack(new_app(), "Stack", stack_name=stack_name)
        for id in ids:
            scope = Construct(scope, id)
        name = physical_name(scope)
        assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name)
        assert len(name) <= 32
        # The default user of a redis group, and a snapshot, add to it.
        assert len(f"{name}-default") <= facts.limit("user_id_length", "max")
        assert len(f"{name}-{'0' * 36}") <= 255
        text = description("Cache", scope)
        assert len(text) <= facts.limit("description_length", "max")
        assert re.fullmatch(r"[a-zA-Z0-9. _:/()#,@+=&;{}!$*-]+", text)

    @settings(max_examples=60)
    @given(first=IDS, second=IDS, stack_name=STACK_NAMES)
    def test_different_paths_have_different_names(self, first: str, second: str, stack_name: str) -> None:
        stack = cdk.Stack(new_app(), "Stack", stack_name=stack_name)
        one = Construct(stack, first)
        if stack.node.try_find_child(second) is None and second.replace("/", "--") != first.replace("/", "--"):
            assert physical_name(one) != physical_name(Construct(stack, second))


CACHE = "AWS::ElastiCache::ServerlessCache"

UUID = {"Fn::Select": [2, {"Fn::Split": ["/", {"Ref": "AWS::StackId"}]}]}


@jsii.implements(cdk.IAspect)
class _Policy:
    def __init__(self, policy: cdk.RemovalPolicy) -> None:
        self._policy = policy

    def visit(self, node: IConstruct) -> None:
        if isinstance(node, elasticache.CfnServerlessCache):
            node.apply_removal_policy(self._policy)


def _by_aspect(policy: cdk.RemovalPolicy) -> Callable[[cdk.Stack, ServerlessCache], None]:
    return lambda stack, cache: cdk.Aspects.of(stack).add(_Policy(policy))


def _by_escape_hatch(policy: cdk.RemovalPolicy) -> Callable[[cdk.Stack, ServerlessCache], None]:
    def apply(stack: cdk.Stack, cache: ServerlessCache) -> None:
        resource = cache.node.default_child
        assert isinstance(resource, cdk.CfnResource)
        resource.apply_removal_policy(policy)

    return apply


POLICIES: dict[str, tuple[Callable[[cdk.Stack, ServerlessCache], Any], str | None, bool]] = {
    "nothing": (lambda s, c: None, None, True),
    "RemovalPolicies.destroy": (lambda s, c: cdk.RemovalPolicies.of(s).destroy(), "Delete", False),
    "RemovalPolicies.retain": (lambda s, c: cdk.RemovalPolicies.of(s).retain(), "Retain", False),
    "RemovalPolicies.retain_on_update_or_delete": (
        lambda s, c: cdk.RemovalPolicies.of(s).retain_on_update_or_delete(),
        "RetainExceptOnCreate",
        False,
    ),
    "construct-destroy": (lambda s, c: c.apply_removal_policy(cdk.RemovalPolicy.DESTROY), "Delete", False),
    "construct-retain": (lambda s, c: c.apply_removal_policy(cdk.RemovalPolicy.RETAIN), "Retain", False),
    # CloudFormation refuses the deletion policy Snapshot for this type.
    "construct-snapshot": (lambda s, c: c.apply_removal_policy(cdk.RemovalPolicy.SNAPSHOT), None, True),
    "aspect-destroy": (_by_aspect(cdk.RemovalPolicy.DESTROY), "Delete", False),
    "aspect-retain": (_by_aspect(cdk.RemovalPolicy.RETAIN), "Retain", False),
    "escape-hatch-destroy": (_by_escape_hatch(cdk.RemovalPolicy.DESTROY), "Delete", False),
    "escape-hatch-retain": (_by_escape_hatch(cdk.RemovalPolicy.RETAIN), "Retain", False),
}


class TestFinalSnapshot:
    def test_its_name_ends_with_the_id_of_the_stack_so_that_each_new_stack_takes_one(
        self, stack: cdk.Stack, vpc: ec2.IVpc
    ) -> None:
        ServerlessCache(stack, "Cache", vpc=vpc)
        resource = resource_of(stack, CACHE)["Properties"]
        assert resource["FinalSnapshotName"] == {"Fn::Join": ["-", [resource["ServerlessCacheName"], UUID]]}

    def test_the_snapshots_that_stay_do_so_as_well(self, stack: cdk.Stack) -> None:
        everything(stack)
        template = assertions.Template.from_stack(stack)
        for kind in ("AWS::ElastiCache::Snapshot", "AWS::ElastiCache::ServerlessCacheSnapshot"):
            (found,) = template.find_resources(kind).values()
            assert found["DeletionPolicy"] == "Retain"
            assert found["Properties"][NAMES[kind]]["Fn::Join"][1][1] == UUID

    def test_create_destroy_create_destroy(self, stack: cdk.Stack) -> None:
        """Resolved as CloudFormation does for two stacks of one name: the ids of the stacks differ."""
        name = stack.resolve(snapshot_name(stack, "orders"))
        made = set()
        for uuid in ("51af3dc0-da77-11e4-872e-1234567db123", "61af3dc0-da77-11e4-872e-1234567db123"):
            id = f"arn:aws:cloudformation:eu-west-1:111111111111:stack/Stack/{uuid}"
            separator, (begin, select) = name["Fn::Join"]
            index, split = select["Fn::Select"]
            assert split == {"Fn::Split": ["/", {"Ref": "AWS::StackId"}]}
            made.add(separator.join([begin, id.split("/")[index]]))
        assert made == {
            "orders-51af3dc0-da77-11e4-872e-1234567db123",
            "orders-61af3dc0-da77-11e4-872e-1234567db123",
        }

    @pytest.mark.parametrize("case", POLICIES.values(), ids=POLICIES)
    @pytest.mark.parametrize("own", [None, "orders-last"])
    def test_a_removal_policy_that_is_set_later_decides(
        self,
        stack: cdk.Stack,
        vpc: ec2.IVpc,
        case: tuple[Callable[[cdk.Stack, ServerlessCache], Any], str | None, bool],
        own: str | None,
    ) -> None:
        apply, policy, snapshot = case
        cache = ServerlessCache(stack, "Cache", vpc=vpc, final_snapshot_name=own)
        apply(stack, cache)
        resource = resource_of(stack, CACHE)
        assert resource.get("DeletionPolicy") == policy
        assert ("FinalSnapshotName" in resource["Properties"]) is snapshot
        if own and snapshot:
            assert resource["Properties"]["FinalSnapshotName"] == own

    def test_the_policy_snapshot_may_be_set_later(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        cache = ServerlessCache(stack, "Cache", vpc=vpc, removal_policy=cdk.RemovalPolicy.DESTROY)
        cache.apply_removal_policy(cdk.RemovalPolicy.SNAPSHOT)
        resource = resource_of(stack, CACHE)
        assert not {"DeletionPolicy", "UpdateReplacePolicy"} & set(resource)
        name = resource["Properties"]["ServerlessCacheName"]
        assert resource["Properties"]["FinalSnapshotName"] == {"Fn::Join": ["-", [name, UUID]]}

    def test_an_escape_hatch_for_the_name_wins(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        resource = ServerlessCache(stack, "Cache", vpc=vpc).node.default_child
        assert isinstance(resource, elasticache.CfnServerlessCache)
        resource.final_snapshot_name = "mine"
        assert resource_of(stack, CACHE)["Properties"]["FinalSnapshotName"] == "mine"


def _templates_of_a_move(pinned: bool) -> Iterator[Template]:
    ids: dict[str, str] = {}
    for depth in (0, 1):
        stack = cdk.Stack(new_app(), "Shop", env=ENV)
        scope: Construct = Construct(stack, "Data") if depth else stack
        cache = ReplicationGroup(scope, "Cache", vpc=existing_vpc(stack))
        for child in cache.node.find_all():
            if isinstance(child, cdk.CfnResource) and pinned:
                key = child.node.path.replace("Shop/Data/", "Shop/")
                child.override_logical_id(ids.setdefault(key, f"Pinned{len(ids)}"))
        yield Template.of(assertions.Template.from_stack(stack).to_json())


class TestMove:
    def test_descriptions_stay_when_a_cache_moves(self) -> None:
        old, new = _templates_of_a_move(pinned=True)
        for before in old.resources.values():
            after = new.resources[before.logical_id]
            for name in ("Description", "GroupDescription", "ReplicationGroupDescription"):
                assert before.get(name) == after.get(name)

    def test_compare_names_the_users_and_the_group_that_are_replaced(self) -> None:
        changes = compare(*_templates_of_a_move(pinned=True))
        assert sorted((change.kind, change.resource_type.rpartition("::")[2]) for change in changes) == [
            ("replacement", "User"),
            ("replacement", "User"),
            ("replacement", "UserGroup"),
        ]

    def test_with_new_logical_ids_it_names_the_security_group_too(self) -> None:
        changes = compare(*_templates_of_a_move(pinned=False))
        assert sorted((change.kind, change.resource_type.rpartition("::")[2]) for change in changes) == [
            ("removal", "ReplicationGroup"),
            ("replacement", "SecurityGroup"),
            ("replacement", "User"),
            ("replacement", "User"),
            ("replacement", "UserGroup"),
        ]
