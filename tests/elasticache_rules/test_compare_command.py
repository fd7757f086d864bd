"""compare: the command, on files and on deployed stacks."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from elasticache_rules.__main__ import main
from elasticache_rules.deployed import parse
from elasticache_rules.documents import Document
from elasticache_rules.parsing import DocumentError
from tests.cache_servers import isolated_environment
from tests.conftest import ROOT
from tests.elasticache_operations.closed_schemas import check_schema
from tests.elasticache_rules.compare_documents import group


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
            "1 change needs a decision, 0 acknowledged, 0 without a decision",
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

    def test_json_is_as_its_schema_describes(self, files: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
        main(["compare", *files, "--format=json"])
        changes = json.loads(capsys.readouterr().out)
        assert len(changes) == 1
        check_schema("compare", changes)

    def test_markdown_is_for_a_pull_request(self, files: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["compare", *files, "--format=markdown", "--acknowledge=Other_:removal"]) == 1
        lines = capsys.readouterr().out.splitlines()
        assert lines[:4] == [
            "### new: Cache:replacement",
            "",
            "Cache is replaced by Port from nothing to 7000",
            "",
        ]
        assert lines[4] == "- lost: all keys, and the endpoints that clients use"
        assert lines[5].startswith("- kept by: UpdateReplacePolicy Snapshot")
        assert lines[7] == "1. keep the old value, if the change is not wanted"
        assert lines[-5:] == [
            "4. then remove the old one",
            "",
            "--acknowledge Other\\_:removal names no change; it can go",
            "",
            "1 change needs a decision, 0 acknowledged, 0 without a decision",
        ]

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


def test_a_deployed_stack_is_checked_with_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = {"Resources": {"It": {"Type": "AWS::ElastiCache::SubnetGroup", "Properties": {"SubnetIds": ["subnet-1"]}}}}
    monkeypatch.setattr(
        "elasticache_rules.__main__.read_stack", lambda name, region: Document(f"stack:{name}", wrong, "us-east-1")
    )
    assert main([str(tmp_path / "none.json"), "stack:live", "--format", "json"]) == 2
    output = capsys.readouterr()
    assert {finding["template"] for finding in json.loads(output.out)} == {"stack:live"}
    assert output.err.count("\n") == 1
    assert "none.json: must be a readable file or folder" in output.err


def test_no_stack_is_read_offline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    file = tmp_path / "live.json"
    file.write_text(json.dumps(group()))
    for words in (["compare", "stack:live", str(file)], ["stack:live"]):
        assert main([*words, "--offline"]) == 2
        assert capsys.readouterr().err == (
            "elasticache_rules: stack:live: must be read from AWS, got --offline; leave --offline out\n"
        )
    assert main(["compare", str(file), str(file), "--offline"]) == 0
    assert main([str(file), "--offline"]) == main([str(file)])


def test_a_stack_to_check_without_a_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stack:"]) == 2
    assert capsys.readouterr().err == (
        "elasticache_rules: stack: must be followed by a stack's name, got none; write it like stack:NAME\n"
    )
