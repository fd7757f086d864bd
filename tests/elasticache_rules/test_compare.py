"""compare: each change that replaces a cache or takes several deploys, what is none, and the command."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import given

from elasticache_rules import Template, facts
from elasticache_rules.__main__ import main
from elasticache_rules.compare import Change, compare
from elasticache_rules.deployed import parse
from elasticache_rules.parsing import DocumentError
from tests.cache_servers import isolated_environment
from tests.conftest import ROOT
from tests.elasticache_rules.examples import resources
from tests.elasticache_rules.test_template import JSON

Json = dict[str, Any]
ONLINE = {"UpdatePolicy": {"UseOnlineResharding": True}}


def template(kind: str, properties: Json, **attributes: Any) -> Json:
    return {"Resources": {"Cache": {"Type": f"AWS::ElastiCache::{kind}", "Properties": properties, **attributes}}}


def group(changes: Json | None = None, **attributes: Any) -> Json:
    base = {
        "ReplicationGroupDescription": "cache",
        "Engine": "redis",
        "EngineVersion": "7.1",
        "CacheNodeType": "cache.r7g.large",
        "NumCacheClusters": 2,
        "ClusterMode": "disabled",
        "TransitEncryptionEnabled": True,
        "TransitEncryptionMode": "required",
    }
    properties = {key: value for key, value in {**base, **(changes or {})}.items() if value is not None}
    return template("ReplicationGroup", properties, **attributes)


def changes_of(old: Json, new: Json) -> list[Change]:
    return compare(Template.of(old), Template.of(new))


def kinds(old: Json, new: Json) -> list[str]:
    """The kinds of the changes that need a decision."""
    return [change.kind for change in changes_of(old, new) if change.decision]


CLUSTER = {"ClusterMode": "enabled", "NumNodeGroups": 3, "ReplicasPerNodeGroup": 1, "NumCacheClusters": None}
CASES: dict[str, tuple[Json, Json, list[str]]] = {
    "port": (group(), group({"Port": 7000}), ["replacement"]),
    "at-rest": (group(), group({"AtRestEncryptionEnabled": True}), ["replacement"]),
    "kms": (group(), group({"KmsKeyId": "key"}), ["replacement"]),
    "network": (group(), group({"NetworkType": "dual_stack"}), ["replacement"]),
    "zones": (group(), group({"PreferredCacheClusterAZs": ["a", "b"]}), ["replacement"]),
    "renamed": (
        group({"ReplicationGroupId": "one"}),
        group({"ReplicationGroupId": "two"}),
        ["replacement"],
    ),
    "replaced-under-its-name": (
        group({"ReplicationGroupId": "one"}),
        group({"ReplicationGroupId": "one", "Port": 7000}),
        ["replacement", "name-taken"],
    ),
    "downgrade": (group(), group({"EngineVersion": "7.0"}), ["downgrade"]),
    "token-added": (group(), group({"AuthToken": "{{resolve:secretsmanager:x}}"}), ["replacement"]),
    "shards-offline": (group(CLUSTER), group({**CLUSTER, "NumNodeGroups": 5}), ["replacement"]),
    "shards-online": (group(CLUSTER), group({**CLUSTER, "NumNodeGroups": 5}, **ONLINE), []),
    "removed": (group(), {"Resources": {}}, ["removal"]),
    "another-type": (group(), template("CacheCluster", {"Engine": "redis"}), ["removal"]),
    "nothing": (group(), group(), []),
    "node-type": (group(), group({"CacheNodeType": "cache.r7g.xlarge"}), []),
    "replica": (group(), group({"NumCacheClusters": 3}), []),
    "upgrade": (group({"EngineVersion": "7.0"}), group(), []),
    "to-compatible": (group(), group({"ClusterMode": "compatible"}), []),
    "disabled-to-enabled": (group(), group({"ClusterMode": "enabled"}), ["cluster-mode"]),
    "enabled-to-disabled": (group({"ClusterMode": "enabled"}), group(), ["cluster-mode"]),
    "compatible-to-disabled": (group({"ClusterMode": "compatible"}), group(), ["cluster-mode"]),
    "mode-with-node-type": (
        group(),
        group({"ClusterMode": "enabled", "CacheNodeType": "cache.r7g.xlarge"}),
        ["cluster-mode", "mixed"],
    ),
    "tls-on": (
        group({"TransitEncryptionEnabled": False, "TransitEncryptionMode": None}),
        group(),
        ["transit-encryption"],
    ),
    "tls-off": (
        group(),
        group({"TransitEncryptionEnabled": False, "TransitEncryptionMode": None}),
        ["transit-encryption"],
    ),
    "tls-preferred": (
        group({"TransitEncryptionEnabled": False, "TransitEncryptionMode": None}),
        group({"TransitEncryptionMode": "preferred"}),
        [],
    ),
    "tls-required-after-preferred": (group({"TransitEncryptionMode": "preferred"}), group(), []),
    "token-to-users": (group({"AuthToken": "x" * 16}), group({"UserGroupIds": ["app"]}), ["auth-to-rbac"]),
    "redis-to-valkey": (
        group(),
        group({"Engine": "valkey", "EngineVersion": "8.2"}),
        ["redis-to-valkey"],
    ),
    "valkey-and-a-window": (
        group(),
        group({"Engine": "valkey", "EngineVersion": "8.2", "PreferredMaintenanceWindow": "sun:01:00-sun:02:00"}),
        ["redis-to-valkey", "mixed"],
    ),
    "memcached-node-type": (
        template("CacheCluster", {"Engine": "memcached", "CacheNodeType": "cache.t4g.micro"}),
        template("CacheCluster", {"Engine": "memcached", "CacheNodeType": "cache.t4g.small"}),
        ["replacement"],
    ),
    "serverless-subnets": (
        template("ServerlessCache", {"ServerlessCacheName": "one", "SubnetIds": ["a"]}),
        template("ServerlessCache", {"ServerlessCacheName": "one", "SubnetIds": ["b"]}),
        ["replacement", "name-taken"],
    ),
    "serverless-engine": (
        template("ServerlessCache", {"ServerlessCacheName": "one", "Engine": "redis"}),
        template("ServerlessCache", {"ServerlessCacheName": "one", "Engine": "valkey"}),
        [],
    ),
    "user-renamed-under-its-id": (
        template("User", {"UserId": "app", "UserName": "app"}),
        template("User", {"UserId": "app", "UserName": "other"}),
        ["replacement", "name-taken"],
    ),
    "user-with-another-id": (
        template("User", {"UserId": "app", "UserName": "app"}),
        template("User", {"UserId": "other", "UserName": "other"}),
        ["replacement"],
    ),
    "user-group-with-another-id": (
        template("UserGroup", {"UserGroupId": "app"}),
        template("UserGroup", {"UserGroupId": "other"}),
        ["replacement"],
    ),
    "user-removed": (template("User", {"UserId": "app"}), {"Resources": {}}, []),
    "user-moved": (
        template("User", {"UserId": "app"}),
        {"Resources": {"Other": {"Type": "AWS::ElastiCache::User", "Properties": {"UserId": "app"}}}},
        ["replacement"],
    ),
}


@pytest.mark.parametrize(("old", "new", "expected"), CASES.values(), ids=CASES)
def test_each_change(old: Json, new: Json, expected: list[str]) -> None:
    changes = [change for change in changes_of(old, new) if change.decision]
    assert [change.kind for change in changes] == expected
    assert all(change.steps and change.what for change in changes)


@pytest.mark.parametrize("name", facts.load("schema")["types"]["AWS::ElastiCache::ReplicationGroup"]["create_only"])
def test_every_create_only_property_of_a_replication_group(name: str) -> None:
    assert kinds(group({name: "one"}), group({name: "two"})) == ["replacement"]


def test_a_subnet_group_that_is_replaced_takes_the_cache_with_it() -> None:
    def both(name: str) -> Json:
        document = group({"CacheSubnetGroupName": {"Ref": "Subnets"}})
        document["Resources"]["Subnets"] = {
            "Type": "AWS::ElastiCache::SubnetGroup",
            "Properties": {"CacheSubnetGroupName": name},
        }
        return document

    assert kinds(both("one"), both("two")) == ["replacement"]
    assert kinds(both("one"), both("one")) == []


class TestSecurityGroup:
    @pytest.mark.parametrize("name", ["GroupDescription", "GroupName", "VpcId"])
    @pytest.mark.parametrize(
        ("kind", "of_cache"),
        [
            ("ReplicationGroup", "SecurityGroupIds"),
            ("ServerlessCache", "SecurityGroupIds"),
            ("CacheCluster", "VpcSecurityGroupIds"),
        ],
    )
    def test_one_of_a_cache_is_named(self, name: str, kind: str, of_cache: str) -> None:
        changes = changes_of(*(self._template(kind, of_cache, {name: item}) for item in ("one", "two")))
        assert [(change.id, change.resource_type) for change in changes] == [
            ("Sg:replacement", "AWS::EC2::SecurityGroup")
        ]
        assert changes[0].what == f"Sg is replaced by {name} from 'one' to 'two'"

    def test_a_change_in_place_and_one_of_no_cache_are_not_named(self) -> None:
        in_place = [self._template("ReplicationGroup", "SecurityGroupIds", {"Tags": tags}) for tags in ([], [1])]
        assert kinds(*in_place) == []
        alone = [
            {"Resources": {"Sg": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupName": name}}}}
            for name in ("one", "two")
        ]
        assert kinds(*alone) == []

    def _template(self, kind: str, of_cache: str, properties: Json) -> Json:
        document = template(kind, {of_cache: [{"Fn::GetAtt": ["Sg", "GroupId"]}]})
        document["Resources"]["Sg"] = {"Type": "AWS::EC2::SecurityGroup", "Properties": properties}
        return document


def test_cluster_mode_by_its_parameter_group() -> None:
    def old_style(value: str) -> Json:
        document = group({"ClusterMode": None, "CacheParameterGroupName": {"Ref": "Parameters"}})
        document["Resources"]["Parameters"] = {
            "Type": "AWS::ElastiCache::ParameterGroup",
            "Properties": {"CacheParameterGroupFamily": "redis7", "Properties": {"cluster-enabled": value}},
        }
        return document

    assert kinds(old_style("no"), old_style("yes")) == ["cluster-mode"]


def test_the_words() -> None:
    (replaced,) = changes_of(group(), group({"Port": 7000}, UpdateReplacePolicy="Snapshot"))
    assert replaced.id == "Cache:replacement"
    assert replaced.what == "Cache is replaced by Port from nothing to 7000"
    assert replaced.lost == "all keys, and the endpoints that clients use"
    assert replaced.kept_by == (
        "UpdateReplacePolicy Snapshot, as stated: a final snapshot, which SnapshotName restores"
    )
    (shards,) = changes_of(group(CLUSTER), group({**CLUSTER, "NumNodeGroups": 5}))
    assert (
        shards.steps[0]
        == "set UpdatePolicy UseOnlineResharding to true in the same deploy: shards then change in place"
    )
    mode = changes_of(group(), group({"ClusterMode": "enabled"}))[0]
    assert [step.split(" ")[0:3] for step in mode.steps] == [
        ["deploy", "ClusterMode", "compatible"],
        ["move", "every", "client"],
        ["deploy", "ClusterMode", "enabled,"],
        ["then", "add", "shards"],
    ]
    old = {"EngineVersion": "6.2", "TransitEncryptionEnabled": False, "TransitEncryptionMode": None}
    tls = changes_of(group(old), group({"EngineVersion": "6.2", "TransitEncryptionMode": None}))[0]
    assert tls.steps[0].startswith("raise the version to redis 7.0 or later first")
    valkey = changes_of(group(), group({"Engine": "valkey", "EngineVersion": "9.0"}))[0]
    assert "family valkey9" in valkey.steps[0]
    (token,) = changes_of(group(), group({"AuthToken": "super-secret-token"}))
    assert "super-secret-token" not in token.what


@given(old=JSON, new=JSON)
def test_any_two_documents_are_compared(old: object, new: object) -> None:
    documents = [
        document if isinstance(document, dict) else {"Resources": {"Cache": document}} for document in (old, new)
    ]
    for change in changes_of(*documents):
        assert change.resource_type.startswith("AWS::ElastiCache::")


@pytest.mark.parametrize("name", ["group", "cluster", "serverless"])
def test_a_template_is_the_same_as_itself(name: str) -> None:
    try:
        document = {"Resources": resources(name)}
    except KeyError:
        pytest.fail(f"there is no example {name}")
    assert changes_of(document, document) == []


class TestCommand:
    @pytest.fixture
    def files(self, tmp_path: Path) -> tuple[str, str]:
        old, new = tmp_path / "old.json", tmp_path / "new.json"
        old.write_text(json.dumps(group()))
        new.write_text(json.dumps(group({"Port": 7000})))
        return str(old), str(new)

    def test_a_change_is_status_1(self, files: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["compare", *files]) == 1
        assert capsys.readouterr().out.splitlines() == [
            "new: Cache:replacement",
            "  Cache is replaced by Port from nothing to 7000",
            "  lost: all keys, and the endpoints that clients use",
            "  kept by: UpdateReplacePolicy Snapshot, for a final snapshot that SnapshotName restores; or "
            "UpdateReplacePolicy Retain, which leaves the old resource running outside of the stack",
            "  1. keep the old value, if the change is not wanted",
            "  2. or else deploy the new cache under another logical id beside the old one, filled from a snapshot of "
            "it",
            "  3. move the clients to the new one",
            "  4. then remove the old one",
            "1 changes need a decision, 0 acknowledged, 0 without a decision",
        ]

    def test_acknowledged_is_status_0(self, files: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
        words = ["--acknowledge", "Cache:replacement", "--acknowledge", "Other:removal"]
        assert main(["compare", *files, *words]) == 0
        assert capsys.readouterr().out.splitlines() == [
            "--acknowledge Other:removal names no change; it can go",
            "0 changes need a decision, 1 acknowledged, 0 without a decision",
        ]

    def test_the_same_is_status_0(self, files: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["compare", files[0], files[0]]) == 0
        assert capsys.readouterr().out == "0 changes need a decision, 0 acknowledged, 0 without a decision\n"

    def test_json(self, files: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["compare", *files, "--format=json", "--acknowledge=Cache:replacement"]) == 0
        (change,) = json.loads(capsys.readouterr().out)
        assert (change["id"], change["acknowledged"], len(change["steps"])) == ("Cache:replacement", True, 4)

    def test_folders_are_matched_by_stack(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        for name, stacks in {
            "old": {"A": group(), "B": group(), "C": group()},
            "new": {"A": group(), "B": group({"Port": 7000}), "D": group()},
        }.items():
            (tmp_path / name).mkdir()
            for stack, content in stacks.items():
                (tmp_path / name / f"{stack}.template.json").write_text(json.dumps(content))
        assert main(["compare", str(tmp_path / "old"), str(tmp_path / "new")]) == 1
        lines = [line for line in capsys.readouterr().out.splitlines() if not line.startswith(" ")]
        assert lines[:2] == ["B: Cache:replacement", "C: Cache:removal"]

    def test_a_cloud_assembly_knows_its_stacks_names(self, tmp_path: Path) -> None:
        folder = tmp_path / "cdk.out"
        folder.mkdir()
        (folder / "x.template.json").write_text(json.dumps(group({"Port": 7000})))
        artifact = {"properties": {"templateFile": "x.template.json", "stackName": "live"}}
        (folder / "manifest.json").write_text(json.dumps({"artifacts": {"x": artifact}}))
        (tmp_path / "other").mkdir()
        (tmp_path / "other" / "live.json").write_text(json.dumps(group()))
        (tmp_path / "other" / "more.json").write_text(json.dumps({"Resources": {}}))
        assert main(["compare", str(tmp_path / "other"), str(folder)]) == 1

    def test_one_stack_against_a_folder_without_it(
        self, tmp_path: Path, files: tuple[str, str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        folder = tmp_path / "many"
        folder.mkdir()
        for name in ("a", "b"):
            (folder / f"{name}.json").write_text(json.dumps(group()))
        assert main(["compare", files[0], str(folder)]) == 2
        assert capsys.readouterr().err == (
            "elasticache_rules: NEW must hold the stack of OLD, got a, b without old; name its template\n"
        )

    def test_an_unreadable_side(self, files: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["compare", files[0], "missing.json"]) == 2
        assert (
            "missing.json: must be a readable file or folder, got No such file or directory" in capsys.readouterr().err
        )


class _CloudFormation(BaseHTTPRequestHandler):
    """Answers GetTemplate as CloudFormation does."""

    body: str | None = None
    error: tuple[str, str] = ("ValidationError", "Stack with id live does not exist")

    def do_POST(self) -> None:
        asked = self.rfile.read(int(self.headers["Content-Length"])).decode()
        assert "Action=GetTemplate" in asked
        assert "TemplateStage=Processed" in asked
        if self.body is None:
            text = (
                f"<ErrorResponse><Error><Type>Sender</Type><Code>{self.error[0]}</Code>"
                f"<Message>{self.error[1]}</Message></Error></ErrorResponse>"
            )
        else:
            text = (
                "<GetTemplateResponse><GetTemplateResult><TemplateBody>"
                f"{escape(self.body)}</TemplateBody></GetTemplateResult></GetTemplateResponse>"
            )
        self.send_response(200 if self.body is not None else 400)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def cloud_formation(body: str | None, error: tuple[str, str] = _CloudFormation.error) -> Iterator[str]:
    handler = type("Handler", (_CloudFormation,), {"body": body, "error": error})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def run(url: str, *words: str, region: str = "eu-west-1", **more: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **isolated_environment(),
        "AWS_ENDPOINT_URL_CLOUDFORMATION": url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
        **more,
    }
    return subprocess.run(
        [sys.executable, "-m", "elasticache_rules", "compare", *words, *(["--region", region] if region else [])],
        cwd=ROOT,
        timeout=60,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.cli
class TestDeployedStacks:
    def test_what_is_deployed_against_what_will_be(self, tmp_path: Path) -> None:
        new = tmp_path / "live.template.json"
        new.write_text(json.dumps(group({"Port": 7000})))
        with cloud_formation(json.dumps(group())) as url:
            done = run(url, "stack:live", str(new))
        assert done.returncode == 1, done.stderr
        assert done.stdout.startswith("live: Cache:replacement")

    def test_a_template_in_yaml(self, tmp_path: Path) -> None:
        new = tmp_path / "live.json"
        new.write_text(json.dumps({"Resources": {}}))
        with cloud_formation("Resources:\n  Cache:\n    Type: AWS::ElastiCache::ReplicationGroup\n") as url:
            done = run(url, "stack:live", str(new))
        assert "live: Cache:removal" in done.stdout

    def test_a_stack_that_does_not_exist(self, tmp_path: Path) -> None:
        new = tmp_path / "live.json"
        new.write_text(json.dumps(group()))
        with cloud_formation(None) as url:
            done = run(url, "stack:live", str(new))
        assert done.returncode == 2
        assert done.stderr.startswith("elasticache_rules: stack:live: must be a stack that can be read, got ")
        assert "does not exist" in done.stderr
        assert done.stderr.count("\n") == 1

    @pytest.mark.parametrize(
        ("error", "cause"),
        [
            (("ExpiredToken", "The security token included in the request is expired"), "(ExpiredToken)"),
            (("AccessDenied", "User: x is not authorized to perform: cloudformation:GetTemplate"), "(AccessDenied)"),
            (("Throttling", "Rate exceeded"), "(Throttling)"),
            (("ValidationError", "two\nlines"), "two lines"),
        ],
    )
    def test_what_the_service_refuses(self, tmp_path: Path, error: tuple[str, str], cause: str) -> None:
        new = tmp_path / "live.json"
        new.write_text(json.dumps(group()))
        with cloud_formation(None, error) as url:
            self.check_line(run(url, "stack:live", str(new)), cause)

    @pytest.mark.parametrize(
        ("settings", "cause"),
        [
            ({"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, "Unable to locate credentials"),
            ({"AWS_PROFILE": "nobody"}, "The config profile (nobody) could not be found"),
            ({"AWS_CONFIG_FILE": "{folder}/broken"}, "Unable to parse config file"),
            ({"AWS_ENDPOINT_URL_CLOUDFORMATION": "x"}, "Invalid endpoint: x"),
            ({"AWS_ENDPOINT_URL_CLOUDFORMATION": "http://127.0.0.1:9"}, "Could not connect to the endpoint URL"),
            ({"region": ""}, "You must specify a region"),
        ],
    )
    def test_what_the_settings_do_not_allow(self, tmp_path: Path, settings: dict[str, str], cause: str) -> None:
        (tmp_path / "broken").write_text("[default\nx")
        new = tmp_path / "live.json"
        new.write_text(json.dumps(group()))
        more = {key: value.format(folder=tmp_path) for key, value in settings.items()}
        self.check_line(run("http://127.0.0.1:9", "stack:live", str(new), **more), cause)

    def check_line(self, done: subprocess.CompletedProcess[str], cause: str) -> None:
        assert done.returncode == 2, done.stdout
        assert done.stderr.startswith("elasticache_rules: stack:live: must be a stack that can be read, got ")
        assert cause in done.stderr
        assert done.stderr.endswith("; check the name, region and credentials\n")
        assert done.stderr.count("\n") == 1


def test_without_boto3_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    assert main(["compare", "stack:live", "stack:live"]) == 2
    assert capsys.readouterr().err == (
        "elasticache_rules: stack:live: must be read with boto3, got none; install it with: pip install boto3\n"
    )


def test_a_stack_without_a_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "stack:", "stack:"]) == 2
    assert capsys.readouterr().err == (
        "elasticache_rules: stack: must be followed by a stack's name, got none; write it like stack:NAME\n"
    )


def test_a_stack_without_resources() -> None:
    with pytest.raises(DocumentError, match="must have a template with resources"):
        parse({"Description": "empty"}, "live")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("[" * 5000, "stack:live: lists and objects must nest at most 100 levels, got more; write the template"),
        ({"Resources": {"It": "x" * 1_048_576}}, "stack:live: must have at most 1,048,576 bytes, as CloudFormation"),
        ({"Resources": []}, "stack:live: must have a template with resources, got none; name another stack"),
        ("Resources: &a {It: *a}", "stack:live: an anchor must not contain its own alias, got one that does on line 1"),
    ],
)
def test_a_deployed_template_is_read_within_the_same_limits(body: object, message: str) -> None:
    with pytest.raises(DocumentError) as caught:
        parse(body, "live")
    assert str(caught.value).startswith(message)


def test_references_that_lead_back_end() -> None:
    """Two groups, each in the subnet group whose name is the other: CloudFormation refuses it, and nothing hangs."""
    document = {
        "Resources": {
            name: {"Type": "AWS::ElastiCache::ReplicationGroup", "Properties": {"ReplicationGroupId": {"Ref": other}}}
            for name, other in (("A", "B"), ("B", "A"))
        }
    }
    assert compare(Template.of(document), Template.of(document)) == []


@pytest.mark.parametrize(("length", "replaced"), [(20, True), (1000, False)])
def test_a_chain_of_references_is_followed_as_far_as_one_can_be_deployed(length: int, replaced: bool) -> None:
    def document(port: int) -> dict[str, Any]:
        kind = "AWS::ElastiCache::ReplicationGroup"
        chain = {
            f"G{number}": {"Type": kind, "Properties": {"ReplicationGroupId": {"Ref": f"G{number + 1}"}}}
            for number in range(length)
        }
        return {"Resources": {**chain, f"G{length}": {"Type": kind, "Properties": {"Port": port}}}}

    changes = compare(Template.of(document(6379)), Template.of(document(7000)))
    assert ("G0" in {change.logical_id for change in changes}) is replaced
    assert f"G{length}" in {change.logical_id for change in changes}
