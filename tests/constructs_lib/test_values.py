"""The value objects: accepted values, refused values, and error messages."""

from collections.abc import Callable

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_ec2 as ec2
from constructs import Construct
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib import (
    Backup,
    ClusterMode,
    Endpoint,
    Engine,
    EngineVersion,
    NodeType,
    ReplicationGroup,
    ServerlessCache,
    ServerlessEngine,
)
from constructs_lib._core.lookups import child_path
from elasticache_rules import facts


class TestClusterMode:
    @given(replicas=st.integers(-2, 8))
    def test_replicas_are_accepted_exactly_within_the_limit(self, replicas: int) -> None:
        for make in (ClusterMode.disabled, ClusterMode.compatible):
            if 0 <= replicas <= 5:
                mode = make(replicas=replicas)
                assert (mode.shards, mode.replicas_per_shard) == (1, replicas)
            else:
                with pytest.raises(ValueError, match="ClusterMode: replicas must be an integer from 0 to 5"):
                    make(replicas=replicas)

    @given(shards=st.integers(-1, 520), replicas=st.integers(-1, 6))
    def test_clusters_are_accepted_exactly_within_five_hundred_nodes(self, shards: int, replicas: int) -> None:
        valid = 1 <= shards <= 500 and 0 <= replicas <= 5 and shards * (replicas + 1) <= 500
        if valid:
            mode = ClusterMode.enabled(shards=shards, replicas_per_shard=replicas)
            assert mode.is_clustered
            assert not mode.has_primary_endpoint
        else:
            with pytest.raises(ValueError, match="ClusterMode: "):
                ClusterMode.enabled(shards=shards, replicas_per_shard=replicas)

    @pytest.mark.parametrize(
        ("make", "message"),
        [
            (
                lambda: ClusterMode.disabled(replicas=6),
                "ClusterMode: replicas must be an integer from 0 to 5, got 6; choose a number in that range",
            ),
            (
                lambda: ClusterMode.enabled(shards=0),
                "ClusterMode: shards must be an integer from 1 to 500, got 0; choose a number in that range",
            ),
            (
                lambda: ClusterMode.enabled(shards=True),
                "ClusterMode: shards must be an int, got True; pass an int",
            ),
            (
                lambda: ClusterMode.enabled(shards=84, replicas_per_shard=5),
                "ClusterMode: shards must keep the cluster within 500 nodes, got 84 shards of 6 nodes, 504 in total; "
                "use fewer shards, or fewer replicas per shard",
            ),
        ],
    )
    def test_messages(self, make: Callable[[], ClusterMode], message: str) -> None:
        with pytest.raises(ValueError, match="ClusterMode") as caught:
            make()
        assert str(caught.value) == message

    def test_compatible_has_both_kinds_of_endpoints(self) -> None:
        mode = ClusterMode.compatible()
        assert (mode.is_clustered, mode.has_primary_endpoint) == (True, True)


class TestEngineVersion:
    @pytest.mark.parametrize(
        ("engine", "version", "family"),
        [
            ("redis", "4.0.10", "redis4.0"),
            ("redis", "5.0.6", "redis5.0"),
            ("redis", "6.2", "redis6.x"),
            ("redis", "7.1", "redis7"),
            ("valkey", "7.2", "valkey7"),
            ("valkey", "8.2", "valkey8"),
            ("valkey", "9.1", "valkey9"),
            ("valkey", "12.0", "valkey12"),
        ],
    )
    def test_family(self, engine: str, version: str, family: str) -> None:
        assert EngineVersion.of(engine, version).family == family

    def test_every_known_version_has_a_known_family(self) -> None:
        for engine in Engine:
            for version in facts.engine_versions(engine):
                assert EngineVersion.of(engine, version).family in facts.families(engine)

    def test_every_known_recent_version_has_a_constant(self) -> None:
        for engine, oldest in ((Engine.REDIS, "6.2"), (Engine.VALKEY, "7.2")):
            for version in facts.engine_versions(engine):
                if facts.version_key(version) >= facts.version_key(oldest):
                    name = f"{engine.upper()}_{version.replace('.', '_')}"
                    assert getattr(EngineVersion, name) == EngineVersion.of(engine, version)

    def test_latest(self) -> None:
        assert EngineVersion.latest("redis") == EngineVersion.REDIS_7_1
        assert EngineVersion.latest("valkey") == EngineVersion.VALKEY_9_1
        assert str(EngineVersion.latest("valkey")) == "valkey 9.1"

    @pytest.mark.parametrize("version", ["7", "", "seven", "7.1.0.0", "7.1 "])
    def test_another_form_is_refused(self, version: str) -> None:
        with pytest.raises(ValueError, match="EngineVersion: version must have the form") as caught:
            EngineVersion.of("redis", version)
        assert str(caught.value) == (
            f"EngineVersion: version must have the form 7.1 or 5.0.6, got {version!r}; "
            "use one of 4.0.10, 5.0.6, 6.0, 6.2, 7.0, 7.1"
        )

    def test_another_engine_is_refused(self) -> None:
        with pytest.raises(ValueError, match="engine") as caught:
            EngineVersion.of("memcached", "1.6.22")
        assert str(caught.value) == (
            "EngineVersion: engine must be one of redis, valkey, got 'memcached'; choose one of them"
        )


class TestNodeType:
    def test_any_name_of_the_form_is_taken(self) -> None:
        assert NodeType.of("cache.x99z.32xlarge").family == "x99z"
        assert str(NodeType.R7G_LARGE) == "cache.r7g.large"

    def test_constants_exist(self) -> None:
        for made in (NodeType.T4G_MICRO, NodeType.T4G_SMALL, NodeType.T4G_MEDIUM, NodeType.M7G_LARGE):
            assert made.name in facts.node_types()

    @pytest.mark.parametrize("name", ["t4g.micro", "cache.t4g", "cache.T4G.micro", "", "cache.t4g.micro\n"])
    def test_another_form_is_refused(self, name: str) -> None:
        with pytest.raises(ValueError, match="NodeType") as caught:
            NodeType.of(name)
        assert str(caught.value) == (
            f"NodeType: name must have the form cache.<family>.<size>, got {name!r}; use one such as cache.t4g.micro"
        )


class TestBackup:
    def test_defaults(self) -> None:
        assert Backup().retention_days == 15
        assert Backup() == Backup(retention=cdk.Duration.days(15))
        assert Backup.disabled() == Backup(retention=cdk.Duration.days(0))
        assert (Backup().window, Backup().start) == (None, None)

    @given(days=st.integers(0, 50))
    def test_days_are_accepted_exactly_within_the_limit(self, days: int) -> None:
        retention = cdk.Duration.days(days)
        if days <= 35:
            assert Backup(retention=retention).retention_days == days
        else:
            with pytest.raises(ValueError, match=f"Backup: retention must be 0 to 35 whole days, got {days}; choose"):
                Backup(retention=retention)

    @pytest.mark.parametrize(("hours", "days"), [(48, 2), (840, 35)])
    def test_whole_days_in_another_unit(self, hours: int, days: int) -> None:
        assert Backup(retention=cdk.Duration.hours(hours)).retention_days == days

    @pytest.mark.parametrize(("hours", "got"), [(36, "1.5"), (841, "35.0417")])
    def test_a_part_of_a_day(self, hours: int, got: str) -> None:
        with pytest.raises(ValueError, match="Backup") as caught:
            Backup(retention=cdk.Duration.hours(hours))
        assert str(caught.value) == (
            f"Backup: retention must be 0 to 35 whole days, got {got}; choose a number in that range"
        )

    def test_a_number_is_no_duration(self) -> None:
        with pytest.raises(ValueError, match="Backup") as caught:
            Backup(retention=7)  # type: ignore[arg-type]  # the mistake itself
        assert str(caught.value) == (
            "Backup: retention must be a Duration, got 7; use cdk.Duration.days(...) or cdk.Duration.minutes(...)"
        )

    def test_the_earlier_name_is_refused(self) -> None:
        with pytest.raises(TypeError) as caught:
            Backup(retention_days=7)  # type: ignore[call-arg]  # the mistake itself
        assert str(caught.value) == "Backup: retention_days was replaced; write retention=cdk.Duration.days(...)"

    @pytest.mark.parametrize(
        ("window", "start"), [("03:00-04:00", "03:00"), ("23:30-00:30", "23:30"), ("00:00-23:59", "00:00")]
    )
    def test_windows(self, window: str, start: str) -> None:
        backup = Backup(window=window)
        assert (backup.window, backup.start) == (window, start)

    @pytest.mark.parametrize("window", ["3:00-4:00", "03:00-03:59", "24:00-25:00", "sun:03:00-sun:04:00"])
    def test_refused_windows(self, window: str) -> None:
        with pytest.raises(ValueError, match="Backup") as caught:
            Backup(window=window)
        assert str(caught.value) == (
            f"Backup: window must be hh24:mi-hh24:mi of at least 60 minutes, got {window!r}; "
            "write it like 03:00-04:00, in UTC"
        )

    def test_a_window_needs_snapshots(self) -> None:
        with pytest.raises(ValueError, match="window must be absent with a retention of 0 days") as caught:
            Backup(retention=cdk.Duration.days(0), window="03:00-04:00")
        assert "got '03:00-04:00'; use a retention of at least one day" in str(caught.value)

    def test_tokens(self, stack: cdk.Stack) -> None:
        days = cdk.CfnParameter(stack, "Days", type="Number").value_as_number
        window = cdk.CfnParameter(stack, "Window").value_as_string
        backup = Backup(retention=cdk.Duration.days(days), window=window)
        assert stack.resolve(backup.retention_days) == {"Ref": "Days"}
        assert stack.resolve(backup.window) == {"Ref": "Window"}
        assert stack.resolve(backup.start) == {"Fn::Select": [0, {"Fn::Split": ["-", {"Ref": "Window"}]}]}


def test_endpoint() -> None:
    assert Endpoint("cache.example", 6379).socket_address == "cache.example:6379"


@pytest.mark.parametrize("id", ["Cache", "with space", "a/b"])
def test_a_path_is_known_before_it_is_asked_for(stack: cdk.Stack, id: str) -> None:
    inner = Construct(stack, "Inner")
    for scope in (stack, inner):
        assert child_path(scope, id) == Construct(scope, id).node.path


@pytest.mark.parametrize(
    ("make", "rules"),
    [
        (
            lambda s, v: ReplicationGroup(s, "It", vpc=v, engine=EngineVersion.of("valkey", "10.0")),
            ("engine/version", "engine/family-known"),
        ),
        (
            lambda s, v: ReplicationGroup(s, "It", vpc=v, node_type=NodeType.of("cache.t4g.large")),
            ("node-type/exists",),
        ),
        (
            lambda s, v: ServerlessCache(s, "It", vpc=v, engine=ServerlessEngine.of("valkey", "10")),
            ("serverless/version",),
        ),
    ],
    ids=["valkey", "node-type", "serverless"],
)
def test_what_is_newer_than_this_release_passes_with_a_warning(
    stack: cdk.Stack, vpc: ec2.IVpc, make: Callable[[cdk.Stack, ec2.IVpc], object], rules: tuple[str, ...]
) -> None:
    make(stack, vpc)
    warnings = assertions.Annotations.from_stack(stack).find_warning("*", assertions.Match.any_value())
    text = " ".join(str(entry.entry.data) for entry in warnings)
    assert [rule for rule in rules if f"elasticache-constructs:{rule}]" in text] == list(rules), text
