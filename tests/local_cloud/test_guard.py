"""The guard admits only requests with the run's credentials, not from a browser, and only to some services."""

import json
import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from local_cloud.confinement import RESOURCE_TYPES
from local_cloud.guard import BODY_LIMIT, SERVICES
from local_cloud.session import Session
from local_cloud.stacks import Stacks
from tests.conftest import ROOT
from tests.local_cloud.signing import Caller, send

pytestmark = pytest.mark.servers
_LAMBDA = "/2015-03-31/functions"


def test_requests_with_the_credentials_of_the_run_are_admitted(session: Session) -> None:
    answer = Caller(session)()
    assert (answer.status, "ListStacksResponse" in answer.text) == (200, True)
    assert [name for name in answer.headers if name.startswith("access-control-")] == []


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"Authorization": None}, "the request must carry an AWS4-HMAC-SHA256 signature"),
        ({"Authorization": "Basic dGVzdDp0ZXN0"}, "the request must carry an AWS4-HMAC-SHA256 signature"),
        ({"Origin": "http://evil.example"}, "requests from web pages are refused"),
        ({"Origin": "null"}, "requests from web pages are refused"),
        ({"Sec-Fetch-Site": "cross-site"}, "requests from web pages are refused"),
        ({"Host": "evil.example"}, "the Host header must be that of this endpoint on loopback"),
        ({"Host": "127.0.0.1:1"}, "the Host header must be that of this endpoint on loopback"),
        ({"X-Local-Cloud-Gateway": "guessed", "Authorization": None}, "the request must carry an AWS4-HMAC-SHA256"),
    ],
)
def test_requests_that_no_aws_client_sends_are_refused(
    session: Session, changed: dict[str, str | None], message: str
) -> None:
    answer = Caller(session)(changed=changed)
    assert answer.status == 403
    assert message in answer.text
    assert [name for name in answer.headers if name.startswith("access-control-")] == []


@pytest.mark.parametrize(
    ("access_key", "secret_key"), [("test", "test"), ("000000000000", "test"), ("AKIAAAAAAAAAAAAAAAAA", "x")]
)
def test_other_credentials_are_refused(session: Session, access_key: str, secret_key: str) -> None:
    answer = Caller(session, access_key=access_key, secret_key=secret_key)()
    assert (answer.status, "the credentials are not those of this run" in answer.text) == (403, True)


def test_a_wrong_signature_is_refused(session: Session) -> None:
    assert "SignatureDoesNotMatch" in Caller(session, secret_key="wrong")().text
    late = Caller(session)(changed={"X-Amz-Date": "20200101T000000Z"})
    assert late.status == 403


def test_a_body_that_was_not_signed_is_refused(session: Session) -> None:
    caller = Caller(session)
    headers = caller.signed("POST", "/", b"Action=ListStacks&Version=2010-05-15")
    body = b"Action=DeleteStack&StackName=Any&Version=2010-05-15"
    answer = send(session.port, "POST", "/", headers, body)
    assert (answer.status, "SignatureDoesNotMatch" in answer.text) == (403, True)
    caller = Caller(session, service="s3", headers={"x-amz-content-sha256": "0" * 64})
    assert caller("PUT", "/bucket", b"").status != 200


def test_an_unsigned_request_is_refused_before_its_body_is_read(session: Session) -> None:
    head = f"POST / HTTP/1.1\r\nHost: 127.0.0.1:{session.port}\r\nContent-Length: 1000000\r\n\r\n"
    with socket.create_connection(("127.0.0.1", session.port), timeout=5) as connection:
        connection.sendall(head.encode())
        assert connection.recv(12) == b"HTTP/1.1 403"


def test_a_request_that_is_too_large_is_refused(session: Session) -> None:
    answer = Caller(session)(changed={"Content-Length": str(BODY_LIMIT + 1)})
    assert answer.status == 413


def test_a_preflight_is_refused(session: Session) -> None:
    answer = Caller(session)("OPTIONS", "/", b"")
    assert answer.status == 403
    assert [name for name in answer.headers if name.startswith("access-control-")] == []


@pytest.mark.parametrize(
    ("service", "method", "path"),
    [
        ("lambda", "POST", _LAMBDA),
        ("lambda", "GET", f"{_LAMBDA}/"),
        ("sqs", "POST", "/"),
        ("codebuild", "POST", "/"),
        ("ecs", "POST", "/"),
        # Signed for an available service, with a path that belongs to another one.
        ("cloudformation", "POST", _LAMBDA),
        ("s3", "GET", "/_ministack/health"),
        ("s3", "POST", "/_ministack/reset"),
        ("s3", "PUT", "/_ministack/cfn-signal/x"),
        ("s3", "POST", "/_ministack/config"),
        ("s3", "GET", "/_aws/execute-api/x/y"),
    ],
)
def test_services_that_are_not_used_are_unavailable(session: Session, service: str, method: str, path: str) -> None:
    body = b"" if method == "GET" else b"{}"
    answer = Caller(session, service=service, headers={"Content-Type": "application/json"})(method, path, body)
    assert (answer.status, "is not available in the local cloud" in answer.text) == (403, True), answer.text


def test_the_signed_service_answers_for_any_path(session: Session) -> None:
    answer = Caller(session, service="s3")("POST", _LAMBDA, b"{}")
    assert (answer.status, "MethodNotAllowed" in answer.text) == (405, True)


def test_a_target_of_another_service_is_refused(session: Session) -> None:
    headers = {"X-Amz-Target": "AWSStepFunctions.ListStateMachines", "Content-Type": "application/x-amz-json-1.0"}
    assert Caller(session, service="cloudformation", headers=headers)(body=b"{}").status == 403


@pytest.mark.parametrize("kind", ["Custom::Anything", "AWS::CloudFormation::CustomResource", "AWS::Lambda::Function"])
def test_resources_that_would_run_code_here_are_refused(stacks: Stacks, kind: str) -> None:
    template = {"Resources": {"X": {"Type": kind, "Properties": {"ServiceToken": "arn:aws:lambda:us-east-1:0:f"}}}}
    if kind.startswith("Custom::"):
        deployed = stacks.create("Code", template)
        assert deployed.status == "ROLLBACK_COMPLETE"
        assert "would run outside the sandbox" in str(deployed.reasons)
    else:
        with pytest.raises(ClientError, match=kind):
            stacks.create("Code", template)


def test_every_resource_type_of_the_deployments_is_available(stacks: Stacks) -> None:
    for deployment in ("cluster-mode-disabled", "memcached", "serverless", "global-datastore"):
        for template in stacks.synthesise(deployment=deployment).values():
            kinds = {resource["Type"] for resource in template["Resources"].values()}
            assert kinds <= RESOURCE_TYPES | {"AWS::EC2::FlowLog"}
    assert "lambda" not in SERVICES


def test_the_credentials_of_an_instance_are_valid_only_at_its_gateways(stacks: Stacks) -> None:
    from local_cloud.instance import sandbox

    assert stacks.deploy("Here", stacks.templates()).status == "CREATE_COMPLETE"
    url = "$AWS_EC2_METADATA_SERVICE_ENDPOINT/latest"
    line = (
        f'token=$(curl -s -X PUT "{url}/api/token"); '
        f'role=$(curl -s -H "X-aws-ec2-metadata-token: $token" "{url}/meta-data/iam/security-credentials/"); '
        f'curl -s -H "X-aws-ec2-metadata-token: $token" "{url}/meta-data/iam/security-credentials/$role"'
    )
    command = sandbox.enter(stacks.session.instances()[-1], ["bash", "-c", line])
    credentials = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    caller = Caller(
        stacks.session,
        access_key=credentials["AccessKeyId"],
        secret_key=credentials["SecretAccessKey"],
        token=credentials["Token"],
    )
    answer = caller()
    assert (answer.status, "the credentials are not those of this run" in answer.text) == (403, True)


def test_only_the_user_can_read_the_files_of_a_run(session: Session) -> None:
    assert stat.S_IMODE(session.folder.stat().st_mode) == 0o700
    for name in ("keys.json", "certificates/ca.pem"):
        assert stat.S_IMODE((session.folder / name).stat().st_mode) & 0o077 == 0, name


def test_the_keys_are_new_for_each_run(tmp_path: Path, session: Session) -> None:
    other = Session(tmp_path / "other")
    other.start()
    try:
        mine, theirs = session.environment, other.environment
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            assert mine[name] != theirs[name]
    finally:
        other.stop()


@pytest.mark.parametrize(
    "code",
    [
        "subprocess.run(['true'])",
        "os.system('true')",
        "os.fork()",
        "os.posix_spawn('/bin/true', ['true'], {})",
        "os.execv('/bin/true', ['true'])",
    ],
)
def test_the_emulator_starts_only_its_own_programs(code: str) -> None:
    script = (
        "import os, subprocess\nfrom local_cloud import spawning\nspawning.refuse_others()\n"
        "with spawning.own_program():\n    subprocess.run(['true'], check=True)\n"
        f"try:\n    {code}\nexcept PermissionError as problem:\n    print(problem)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True, env={**os.environ}
    )
    assert done.stdout.startswith("the emulator may start only cache servers and sandboxes")
