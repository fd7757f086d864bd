"""Users of the example with three roles, and other users with few permissions, on a real server."""

import json
from collections.abc import Iterator
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from connection_test.config import Config, from_json

from constructs_lib import (
    Access,
    CacheClient,
    ClusterMode,
    Engine,
    EngineVersion,
    IamUser,
    Network,
    ReplicationGroup,
    UserGroup,
)
from constructs_lib.access.access_string import DATA_ACCESS
from constructs_lib.access.allowed import allowed_to
from examples.three_roles import ThreeRoles
from tests.cache_servers import Certificates, Server, start
from tests.conftest import CONTEXT, ENV
from tests.connection_test import probe, restricted
from tests.constructs_lib.clients import config_of

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, certificates: Certificates) -> Iterator[Server]:
    running = start(tmp_path_factory.mktemp("permissions"), "permissions", certificates)
    yield running
    running.stop()


def outcome_of(server: Server, folder: Path, access_string: str, *, actual: str = "") -> probe.Outcome:
    """The test as the user of this access string."""
    return restricted.run([server], folder, access_string, actual=actual)


def roles() -> dict[str, str]:
    """The access strings of the synthesised template, by the start of the logical id."""
    app = cdk.App(context=dict(CONTEXT), analytics_reporting=False)
    users = assertions.Template.from_stack(ThreeRoles(app, "ThreeRoles")).find_resources("AWS::ElastiCache::User")
    names = ("Application", "Report", "Operator")
    return {
        name: user["Properties"]["AccessString"]
        for name in names
        for id_, user in users.items()
        if id_.startswith(name)
    }


EXPECTED = {
    "Application": ("SET, GET and DEL on 1 shard", "GET of 1 KB p50"),
    "Report": ("GET answered and SET refused, as the access string says, on 1 shard", "GET p50"),
    "Operator": ("", "PING p50"),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_every_user_of_the_example_gets_a_green_client(server: Server, tmp_path: Path, name: str) -> None:
    outcome = outcome_of(server, tmp_path, roles()[name])
    assert outcome.status == 0, outcome.output
    assert outcome.report["verdict"] == "PASS", outcome.output
    data, latency = EXPECTED[name]
    assert outcome.stage("data").get("detail", "").startswith(data)
    assert outcome.stage("data")["status"] == ("PASS" if data else "SKIP")
    assert outcome.stage("latency")["detail"].startswith(latency)
    if name == "Operator":
        assert outcome.stage("data")["detail"] == "the user may not run GET or SET, as its access string says"


@pytest.mark.parametrize(
    ("access_string", "stages"),
    [
        ("on ~orders:* +@all -@dangerous +info", {"data": "SET, GET and DEL on 1 shard"}),
        ("on ~* +get +set", {"ping": "PING refused; the version is not known", "data": "SET and GET on 1 shard"}),
        ("on ~* +@all -del", {"data": "SET and GET on 1 shard"}),
        ("on ~* +@all -get", {"data": "SET and DEL on 1 shard", "latency": "PING p50"}),
        ("on ~* +set +info", {"ping": "PING refused, INFO from redis 7.0", "data": "SET on 1 shard"}),
        ("on %R~logs:* ~app:* +@all", {"data": "SET, GET and DEL on 1 shard"}),
        ("on +ping (~sel:* +get +set)", {"data": "SET and GET on 1 shard"}),
        ("on +ping", {"topology": "the user may not run INFO, as its access string says", "latency": "PING p50"}),
    ],
)
def test_a_user_with_few_permissions(
    server: Server, tmp_path: Path, access_string: str, stages: dict[str, str]
) -> None:
    outcome = outcome_of(server, tmp_path, access_string)
    assert outcome.status == 0, outcome.output
    assert outcome.report["verdict"] == "PASS", outcome.output
    for stage, detail in stages.items():
        assert outcome.stage(stage)["detail"].startswith(detail)


@pytest.mark.parametrize(
    ("access_string", "actual", "stage"),
    [("on ~* +@read +info +ping", "on ~* +@all", "data"), ("on ~* +get +set", "on ~* +@all", "ping")],
)
def test_a_server_that_allows_more_is_a_warning(
    server: Server, tmp_path: Path, access_string: str, actual: str, stage: str
) -> None:
    outcome = outcome_of(server, tmp_path, access_string, actual=actual)
    assert outcome.status == 0
    assert outcome.stage(stage)["code"] == "more-permissions"


def test_a_permission_that_is_missing_on_the_server_fails(server: Server, tmp_path: Path) -> None:
    outcome = outcome_of(server, tmp_path, "on ~* +@all", actual="on ~* +@all -set")
    assert (outcome.status, outcome.stage("data")["code"]) == (18, "missing-permission")


@pytest.mark.parametrize(
    ("access_string", "commands", "prefix"),
    [
        ("on ~* +@all", "cluster|slots del get info ping readonly set", "connection-test:"),
        ("on ~* +@all -@dangerous", "cluster|slots del get ping readonly set", "connection-test:"),
        ("on allkeys nocommands +@read", "get", "connection-test:"),
        ("on ~a:* resetkeys ~b:* +get", "get", "b:connection-test:"),
        ("on %W~a:* +@all -@slow", "ping readonly", ""),
        ("on %W~a:* +set +del +get", "del set", "a:connection-test:"),
        ("on %R~* %W~a:* +set +get", "get set", "a:connection-test:"),
        ("on ~orders +get +cluster", "cluster|slots", ""),
        ("on ~a?* +get +cluster|info", "", ""),
        ("on +@connection -ping", "readonly", ""),
        ("on ~x:* +ping (%R~y:* +get)", "get ping", "y:connection-test:"),
        ("on (~x:* +ping) (+get)", "ping", ""),
        ("on (~x:* +get) +ping clearselectors", "ping", ""),
        ("on (~x:* +get) clearselectors (~y:* +get)", "get", "y:connection-test:"),
        ("on ~* +get +ping db=1", "ping", ""),
        ("on ~* +get +ping resetdbs (~z:* +get)", "get ping", "z:connection-test:"),
        ("on ~* +get +ping db=1 db=0,2", "get ping", "connection-test:"),
        ("on ~* +get resetdbs alldbs", "get", "connection-test:"),
    ],
)
def test_what_an_access_string_allows(access_string: str, commands: str, prefix: str) -> None:
    user = IamUser(cdk.Stack(cdk.App(), "Stack"), "User", engine=Engine.VALKEY, access_string=access_string)
    allowed = allowed_to(user)
    assert allowed is not None
    assert (" ".join(allowed.commands), allowed.key_prefix) == (commands, prefix)


@pytest.mark.parametrize(("access_string", "on"), [("on ~* off +get", False), ("off +get on", True), ("+get", False)])
def test_the_last_of_on_and_off_counts(access_string: str, *, on: bool) -> None:
    user = IamUser(cdk.Stack(cdk.App(), "Stack"), "User", engine=Engine.VALKEY, access_string=access_string)
    allowed = allowed_to(user)
    assert allowed is not None
    assert allowed.on == on


def _stack_with(*access_strings: str, clustered: bool = False) -> CacheClient:
    stack = cdk.Stack(cdk.App(context=dict(CONTEXT), analytics_reporting=False), "Stack", env=ENV)
    network = Network(stack, "Network")
    users = [
        IamUser(stack, f"User{number}", engine=Engine.VALKEY, access_string=text)
        for number, text in enumerate(access_strings)
    ]
    cache = ReplicationGroup(
        stack,
        "Cache",
        vpc=network.vpc,
        engine=EngineVersion.VALKEY_8_2,
        cluster_mode=ClusterMode.enabled(shards=2) if clustered else ClusterMode.disabled(replicas=1),
        access=Access.user_group(UserGroup(stack, "Group", engine=Engine.VALKEY, users=users)),
    )
    return CacheClient(stack, "Client", vpc=network.vpc, cache=cache)


def test_the_client_connects_as_the_user_that_may_do_most() -> None:
    client = _stack_with("on +ping", "off ~* +@all", "on ~app:* +@all -@dangerous", "on ~other:* +@all -@dangerous")
    config = config_of(cdk.Stack.of(client))
    assert "user2" in config["user"].lower()
    assert config["key_prefix"] == "app:connection-test:"
    assert config["permissions"] == ["cluster|slots", "del", "get", "ping", "readonly", "set"]
    assert not Config(**from_json(json.dumps(config))).may("get", "info")


@pytest.mark.parametrize("access_string", [str(DATA_ACCESS), "on ~* +@all"])
def test_a_user_that_may_run_everything_needs_no_settings(access_string: str) -> None:
    config = config_of(cdk.Stack.of(_stack_with(access_string)))
    assert not {"permissions", "key_prefix"} & set(config)


ERRORS = [
    (
        "off ~* +@all",
        False,
        "be a user that can connect, got Stack/User0, which is off; begin its access string with on, or pass another "
        "user",
        "on ~* +@all",
    ),
    (
        "on ~* +@read",
        True,
        "be allowed to run cluster|slots, which clients need with cluster mode enabled, got Stack/User0 without it; "
        "add +cluster|slots to its access string, or pass another user",
        "on ~* +@read +cluster|slots",
    ),
    (
        "on ~* +hget",
        False,
        "be allowed to run ping, info, get or set, so that the connection can be tested, got Stack/User0 without any "
        "of them; add +ping to its access string, or pass another user",
        "on ~* +hget +ping",
    ),
]


@pytest.mark.parametrize(("access_string", "clustered", "message", "fixed"), ERRORS)
def test_a_user_that_cannot_work_is_refused(access_string: str, message: str, fixed: str, *, clustered: bool) -> None:
    with pytest.raises(ValueError, match="must be") as caught:
        _stack_with(access_string, clustered=clustered)
    assert str(caught.value) == f"Stack/Client: user must {message}"
    _stack_with(fixed, clustered=clustered)
