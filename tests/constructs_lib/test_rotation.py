"""Rotation on a real server with active clients; and the construct with least privilege."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_ec2 as ec2
from connection_test.resp import ReplyError

from constructs_lib import (
    Access,
    CredentialRotation,
    Engine,
    EngineVersion,
    IamUser,
    MemcachedCluster,
    PasswordUser,
    ReplicationGroup,
    TransitEncryption,
    UserGroup,
)
from constructs_lib.management.rotation_function.handler import Rotation
from tests import cache_servers
from tests.cache_servers import Certificates, Server
from tests.constructs_lib.templates import statements_of

OLD = "old-password-of-16-characters"
STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")


class FakeSecrets:
    """A secret with its versions and stages, as Secrets Manager keeps them."""

    class exceptions:  # noqa: N801 - boto3's own spelling
        class ResourceNotFoundException(Exception):  # noqa: N818
            pass

        class ResourceExistsException(Exception):  # noqa: N818
            pass

    def __init__(self, text: str) -> None:
        self.values = {"v1": text}
        self.stages: dict[str, list[str]] = {"v1": ["AWSCURRENT"]}

    def begin(self, version: str) -> None:
        for names in self.stages.values():
            if "AWSPENDING" in names:
                names.remove("AWSPENDING")
        self.stages[version] = ["AWSPENDING"]

    def describe_secret(self, SecretId: str) -> dict[str, Any]:
        return {"VersionIdsToStages": {version: list(names) for version, names in self.stages.items()}}

    def get_secret_value(self, SecretId: str, VersionStage: str, VersionId: str | None = None) -> dict[str, str]:
        for version, names in self.stages.items():
            if VersionStage in names and VersionId in (None, version) and version in self.values:
                return {"SecretString": self.values[version]}
        raise self.exceptions.ResourceNotFoundException

    def get_random_password(self, PasswordLength: int, ExcludePunctuation: bool) -> dict[str, str]:
        assert (PasswordLength, ExcludePunctuation) == (64, True)
        return {"RandomPassword": f"{len(self.values)}".rjust(64, "r")}

    def put_secret_value(
        self, SecretId: str, ClientRequestToken: str, SecretString: str, VersionStages: list[str]
    ) -> None:
        self.values[ClientRequestToken], self.stages[ClientRequestToken] = SecretString, VersionStages

    def update_secret_version_stage(
        self, SecretId: str, VersionStage: str, MoveToVersionId: str, RemoveFromVersionId: str | None = None
    ) -> None:
        # It raises where the label is on another version, as Secrets Manager does.
        if RemoveFromVersionId is not None:
            self.stages[RemoveFromVersionId].remove(VersionStage)
        assert not any(VersionStage in names for names in self.stages.values())
        self.stages[MoveToVersionId].append(VersionStage)

    def current(self) -> str:
        return self.get_secret_value("", "AWSCURRENT")["SecretString"]


class FakeElastiCache:
    """The API over a real server: changes take time, two passwords are kept, and ROTATE adds a token."""

    def __init__(self, server: Server) -> None:
        self.server, self.calls, self.busy, self.deaf = server, list[str](), 0, False
        self.tokens = [OLD]

    def modify_user(self, UserId: str, AuthenticationMode: dict[str, Any]) -> None:
        assert UserId == "app-id"
        assert AuthenticationMode["Type"] == "password"
        assert 1 <= len(AuthenticationMode["Passwords"]) <= 2
        self._change("app", AuthenticationMode["Passwords"])

    def modify_replication_group(
        self, ReplicationGroupId: str, AuthToken: str, AuthTokenUpdateStrategy: str, ApplyImmediately: bool
    ) -> None:
        assert (ReplicationGroupId, AuthTokenUpdateStrategy, ApplyImmediately) == ("cache", "ROTATE", True)
        self.tokens = [*self.tokens[-1:], AuthToken]
        self._change("default", self.tokens)

    def _change(self, user: str, passwords: list[str]) -> None:
        assert self.busy == 0, "a change is being made already"
        self.calls.append(user)
        self.busy = 3
        if self.deaf:
            return
        connection = self.server.admin_connection()
        connection.call(
            "ACL", "SETUSER", user, "on", "resetpass", *(f">{password}" for password in passwords), "+ping", "+auth"
        )
        connection.close()

    def _status(self, done: str) -> str:
        self.busy = max(0, self.busy - 1)
        return "modifying" if self.busy else done

    def describe_users(self, UserId: str) -> dict[str, Any]:
        return {"Users": [{"Status": self._status("active")}]}

    def describe_replication_groups(self, ReplicationGroupId: str) -> dict[str, Any]:
        return {"ReplicationGroups": [{"Status": self._status("available")}]}


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def server(tmp_path: Path, certificates: Certificates) -> Iterator[Server]:
    made = cache_servers.start(tmp_path, "master", certificates)
    connection = made.admin_connection()
    for user in ("app", "default"):
        connection.call("ACL", "SETUSER", user, "on", "resetpass", f">{OLD}", "+ping", "+auth")
    connection.close()
    yield made
    made.stop()


def settings_of(server: Server, kind: str) -> dict[str, str]:
    return {
        "KIND": kind,
        "CACHE_ID": "cache",
        "USER_ID": "app-id",
        "USER_NAME": "app",
        "HOST": server.host,
        "ADDRESS": "127.0.0.1",
        "PORT": str(server.port),
        "CA_FILE": str(server.certificates.ca_file),
        "POLL_SECONDS": "0.05",
        "TIMEOUT_SECONDS": "2",
    }


class Clients(threading.Thread):
    """Reads the secret and authenticates repeatedly, and counts failures."""

    def __init__(self, server: Server, secrets: FakeSecrets, kind: str) -> None:
        super().__init__()
        self.server, self.secrets, self.kind = server, secrets, kind
        self.logins, self.failures, self.stopped = 0, list[str](), threading.Event()

    def run(self) -> None:
        while not self.stopped.is_set():
            text = self.secrets.current()
            words = [text] if self.kind == "token" else ["app", json.loads(text)["password"]]
            connection = self.server.admin_connection()
            try:
                connection.call("AUTH", *words)
                self.logins += 1
            except ReplyError as reply:
                self.failures.append(str(reply))
            finally:
                connection.close()


def rotate(server: Server, secrets: FakeSecrets, elasticache: FakeElastiCache, kind: str, version: str) -> None:
    secrets.begin(version)
    for step in STEPS:
        Rotation(
            secrets=secrets,
            elasticache=elasticache,
            settings=settings_of(server, kind),
            arn="arn:secret",
            token=version,
        ).step(step)


def step(made: tuple[Server, FakeSecrets, FakeElastiCache], kind: str, version: str, name: str) -> None:
    server, secrets, elasticache = made
    settings = settings_of(server, kind)
    Rotation(secrets=secrets, elasticache=elasticache, settings=settings, arn="arn:secret", token=version).step(name)


def first_secret(kind: str) -> FakeSecrets:
    return FakeSecrets(OLD if kind == "token" else json.dumps({"username": "app", "password": OLD}))


def login(server: Server, kind: str, password: str) -> bool:
    connection = server.admin_connection()
    try:
        connection.call("AUTH", *([] if kind == "token" else ["app"]), password)
    except ReplyError:
        return False
    else:
        return True
    finally:
        connection.close()


@pytest.mark.servers
@pytest.mark.parametrize("kind", ["token", "user"])
class TestOnAServer:
    def test_three_rotations_while_clients_log_in(self, server: Server, kind: str) -> None:
        secrets, elasticache = first_secret(kind), FakeElastiCache(server)
        clients = Clients(server, secrets, kind)
        clients.start()
        try:
            for number in (2, 3, 4):
                rotate(server, secrets, elasticache, kind, f"v{number}")
                time.sleep(0.1)
        finally:
            clients.stopped.set()
            clients.join(10)
        assert clients.failures == []
        assert clients.logins > 10
        assert secrets.stages["v4"][-1] == "AWSCURRENT"
        assert len(elasticache.calls) == 3
        if kind == "user":
            # What else the secret holds stays.
            kept = json.loads(secrets.current())
            assert kept == {"username": "app", "password": kept["password"]}
            assert kept["password"] != OLD

    def test_the_one_before_goes_on_working_until_the_next(self, server: Server, kind: str) -> None:
        secrets, elasticache = first_secret(kind), FakeElastiCache(server)
        rotate(server, secrets, elasticache, kind, "v2")
        assert login(server, kind, OLD)
        rotate(server, secrets, elasticache, kind, "v3")
        assert not login(server, kind, OLD)

    def test_a_step_that_is_repeated_changes_nothing(self, server: Server, kind: str) -> None:
        secrets, elasticache = first_secret(kind), FakeElastiCache(server)
        secrets.begin("v2")

        def step(name: str) -> None:
            Rotation(
                secrets=secrets,
                elasticache=elasticache,
                settings=settings_of(server, kind),
                arn="arn:secret",
                token="v2",
            ).step(name)

        for name in STEPS[:2]:
            step(name)
        kept = dict(secrets.values)
        for name in (*STEPS[:2], "testSecret", "testSecret", "finishSecret", "finishSecret", "createSecret"):
            step(name)
        assert secrets.values == kept
        assert len(elasticache.calls) == 1

    def test_what_the_cache_does_not_take_does_not_become_current(self, server: Server, kind: str) -> None:
        secrets, elasticache = first_secret(kind), FakeElastiCache(server)
        elasticache.deaf = True
        before = secrets.current()
        with pytest.raises(RuntimeError) as caught:
            rotate(server, secrets, elasticache, kind, "v2")
        assert str(caught.value) == f"{server.host} refuses the new password; the current one stays valid"
        assert secrets.current() == before

    def test_a_late_or_repeated_finish_moves_nothing_back(self, server: Server, kind: str) -> None:
        secrets, elasticache = first_secret(kind), FakeElastiCache(server)
        for version in ("v2", "v3"):
            rotate(server, secrets, elasticache, kind, version)
        kept = secrets.current()
        for version in ("v1", "v2"):
            for name in STEPS:
                with pytest.raises(ValueError, match=f"version {version} must carry AWSPENDING, got"):
                    step((server, secrets, elasticache), kind, version, name)
        step((server, secrets, elasticache), kind, "v3", "finishSecret")
        assert secrets.current() == kept
        assert login(server, kind, kept if kind == "token" else json.loads(kept)["password"])

    def test_an_early_finish_makes_nothing_current(self, server: Server, kind: str) -> None:
        secrets, elasticache = first_secret(kind), FakeElastiCache(server)
        before = secrets.current()
        secrets.begin("v2")
        with pytest.raises(secrets.exceptions.ResourceNotFoundException):
            step((server, secrets, elasticache), kind, "v2", "finishSecret")
        step((server, secrets, elasticache), kind, "v2", "createSecret")
        with pytest.raises(RuntimeError, match="refuses the new password; the current one stays valid"):
            step((server, secrets, elasticache), kind, "v2", "finishSecret")
        assert secrets.current() == before

    def test_a_change_that_never_ends(self, server: Server, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
        secrets, elasticache = first_secret(kind), FakeElastiCache(server)
        monkeypatch.setattr(elasticache, "_status", lambda done: "modifying")
        with pytest.raises(TimeoutError, match=r"the change is not complete after 2 s, and its status is modifying"):
            rotate(server, secrets, elasticache, kind, "v2")
        assert secrets.stages["v1"] == ["AWSCURRENT"]


def test_wrong_calls() -> None:
    rotation = Rotation(secrets=FakeSecrets(OLD), elasticache=None, settings={"KIND": "token"}, arn="a", token="v9")
    with pytest.raises(ValueError, match=r"version v9 must be one of the secret, got \['v1'\]; start a new rotation"):
        rotation.step("createSecret")
    secrets = FakeSecrets(OLD)
    secrets.begin("v2")
    rotation = Rotation(secrets=secrets, elasticache=None, settings={"KIND": "token"}, arn="a", token="v2")
    with pytest.raises(
        ValueError, match="step must be one of createSecret, setSecret, testSecret, finishSecret, got x"
    ):
        rotation.step("x")


@pytest.mark.parametrize(("name", "stage"), [("createSecret", "AWSCURRENT"), ("finishSecret", "AWSPENDING")])
@pytest.mark.parametrize("text", ["", "no JSON", "[]", "null", "5", "{}", '{"password": 5}', '{"password": ""}'])
def test_a_secret_of_another_form_is_named(text: str, name: str, stage: str) -> None:
    secrets = FakeSecrets(text)
    secrets.begin("v2")
    if stage == "AWSPENDING":
        secrets.values["v2"] = text
    settings = {"KIND": "user", "USER_NAME": "app"}
    rotation = Rotation(secrets=secrets, elasticache=None, settings=settings, arn="arn:secret", token="v2")
    with pytest.raises(ValueError, match=f"arn:secret: {stage} must be a JSON object with a text named password"):
        rotation.step(name)


class TestConstruct:
    def test_a_token(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        cache = ReplicationGroup(stack, "Cache", vpc=vpc, access=Access.auth_token())
        CredentialRotation(stack, "Rotation", vpc=vpc, cache=cache)
        template = assertions.Template.from_stack(stack)
        template.has_resource_properties(
            "AWS::SecretsManager::RotationSchedule", {"RotationRules": {"ScheduleExpression": "rate(30 days)"}}
        )
        template.has_resource_properties(
            "AWS::Lambda::Function",
            {
                "Handler": "handler.handler",
                "Runtime": "python3.14",
                "Timeout": 900,
                "Environment": {
                    "Variables": {
                        "KIND": "token",
                        "CACHE_ID": stack.resolve(cache.replication_group_id),
                        "HOST": stack.resolve(cache.primary_endpoint.address),
                        "PORT": "6379",
                    }
                },
            },
        )
        template.has_resource_properties("AWS::EC2::SecurityGroupIngress", {"FromPort": 6379})
        (own,) = [statement for statement in statements_of(stack) if "elasticache" in str(statement["Action"])]
        assert own["Action"] == ["elasticache:DescribeReplicationGroups", "elasticache:ModifyReplicationGroup"]
        assert own["Resource"] == stack.resolve(cache.replication_group_arn)

    def test_a_user(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        user = PasswordUser(stack, "User", engine=Engine.VALKEY, user_name="app")
        group = UserGroup(stack, "Users", engine=Engine.VALKEY, users=[user])
        cache = ReplicationGroup(
            stack, "Cache", vpc=vpc, engine=EngineVersion.VALKEY_8_2, access=Access.user_group(group)
        )
        rotation = CredentialRotation(
            stack, "Rotation", vpc=vpc, cache=cache, user=user, automatically_after=cdk.Duration.days(7)
        )
        assert user.secret is not None
        template = assertions.Template.from_stack(stack)
        template.has_resource_properties(
            "AWS::SecretsManager::RotationSchedule",
            {
                "RotationRules": {"ScheduleExpression": "rate(7 days)"},
                "SecretId": stack.resolve(user.secret.secret_arn),
            },
        )
        (own,) = [statement for statement in statements_of(stack) if "elasticache" in str(statement["Action"])]
        assert own["Action"] == ["elasticache:DescribeUsers", "elasticache:ModifyUser"]
        assert own["Resource"] == stack.resolve(user.user_arn)
        assert rotation.function.function_name

    def test_its_rights_on_the_secret_are_those_of_a_rotation(self, stack: cdk.Stack, vpc: ec2.IVpc) -> None:
        cache = ReplicationGroup(stack, "Cache", vpc=vpc, access=Access.auth_token())
        CredentialRotation(stack, "Rotation", vpc=vpc, cache=cache)
        actions = {
            action
            for statement in statements_of(stack)
            for action in (statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]])
        }
        assert {action for action in actions if action.startswith("secretsmanager:")} == {
            "secretsmanager:DescribeSecret",
            "secretsmanager:GetRandomPassword",
            "secretsmanager:GetSecretValue",
            "secretsmanager:PutSecretValue",
            "secretsmanager:UpdateSecretVersionStage",
        }


def _plaintext(stack: cdk.Stack, vpc: ec2.IVpc) -> CredentialRotation:
    user = PasswordUser(stack, "User", engine=Engine.VALKEY)
    cache = ReplicationGroup(
        stack,
        "Cache",
        vpc=vpc,
        engine=EngineVersion.VALKEY_8_2,
        access=Access.none(),
        transit_encryption=TransitEncryption.DISABLED,
    )
    return CredentialRotation(stack, "It", vpc=vpc, cache=cache, user=user)


def in_subnets(stack: cdk.Stack, kind: ec2.SubnetType) -> CredentialRotation:
    vpc = ec2.Vpc(stack, "Public")
    cache = ReplicationGroup(stack, "Cache", vpc=vpc, access=Access.auth_token())
    return CredentialRotation(stack, "It", vpc=vpc, cache=cache, vpc_subnets=ec2.SubnetSelection(subnet_type=kind))


Make = Callable[[cdk.Stack, ec2.IVpc], object]
ERRORS: dict[str, tuple[Make, str]] = {
    "no-token": (
        lambda s, v: CredentialRotation(s, "It", vpc=v, cache=ReplicationGroup(s, "Cache", vpc=v)),
        "Stack/It: cache must have an AUTH token, unless a user is passed, got Stack/Cache with iam; pass user, or use "
        "access=Access.auth_token()",
    ),
    "memcached": (
        lambda s, v: CredentialRotation(s, "It", vpc=v, cache=MemcachedCluster(s, "Cache", vpc=v)),
        "Stack/It: cache must have an AUTH token, unless a user is passed, got Stack/Cache with none; pass user, or "
        "use access=Access.auth_token()",
    ),
    "iam-user": (
        lambda s, v: CredentialRotation(
            s,
            "It",
            vpc=v,
            cache=ReplicationGroup(s, "Cache", vpc=v),
            user=IamUser(s, "User", engine=Engine.REDIS),
        ),
        "Stack/It: user must have a password, got Stack/User, which authenticates with iam; pass a PasswordUser; IAM "
        "tokens need no rotation",
    ),
    "public-subnets": (
        lambda s, v: in_subnets(s, ec2.SubnetType.PUBLIC),
        "Stack/It: vpc_subnets must be isolated or private, got public subnets; choose others, because a "
        "function has no public address there and cannot call AWS",
    ),
    "plaintext": (
        _plaintext,
        "Stack/It: cache must use TLS, got Stack/Cache without it; turn transit_encryption on",
    ),
}


@pytest.mark.parametrize(("make", "message"), ERRORS.values(), ids=ERRORS)
def test_errors(stack: cdk.Stack, vpc: ec2.IVpc, make: Make, message: str) -> None:
    with pytest.raises(ValueError, match="must") as caught:
        make(stack, vpc)
    assert str(caught.value) == message
