"""IAM authentication: tokens equal those of AWS's toolkit, and the role of the instance signs them."""

import datetime
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from unittest import mock

import botocore.auth
import botocore.credentials
import pytest
from connection_test import sigv4
from developer_toolkit_elasticache import generate_iam_auth_token
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cache_servers import PASSWORD, Server
from tests.connection_test import probe
from tests.connection_test.probe import to

NOW = datetime.datetime(2026, 11, 22, 16, 27, 5, tzinfo=datetime.UTC)


def _toolkit_token(at: datetime.datetime, credentials: sigv4.Credentials, **arguments: Any) -> str:
    with mock.patch.object(botocore.auth, "get_current_datetime", return_value=at.replace(tzinfo=None)):
        return str(
            generate_iam_auth_token(
                credentials=botocore.credentials.Credentials(
                    credentials.access_key, credentials.secret_key, credentials.session_token or None
                ),
                **arguments,
            )
        )


@settings(max_examples=50)
@given(
    user=st.from_regex(r"[a-z][a-z0-9]{0,15}(-[a-z0-9]{1,8}){0,2}", fullmatch=True),
    name=st.from_regex(r"[a-zA-Z][a-zA-Z0-9]{0,15}(-[a-zA-Z0-9]{1,8}){0,2}", fullmatch=True),
    region=st.sampled_from(["us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1"]),
    session=st.sampled_from(["", "IQoJb3JpZ2luX2VjE/+=="]),
    serverless=st.booleans(),
)
def test_tokens_equal_those_of_the_official_toolkit(
    user: str, name: str, region: str, session: str, serverless: bool
) -> None:
    credentials = sigv4.Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG", session)
    own = sigv4.connect_token(credentials, user=user, cache_name=name, region=region, serverless=serverless, at=NOW)
    kind = "serverless_cache_name" if serverless else "replication_group_id"
    assert _normal(own) == _normal(_toolkit_token(NOW, credentials, user_id=user, region=region, **{kind: name}))


def _normal(token: str) -> tuple[str, list[str]]:
    """A token with sorted query parameters, because the server accepts any order."""
    host, _, query = token.partition("?")
    return host, sorted(query.split("&"))


def test_signed_headers_equal_botocores() -> None:
    from botocore.awsrequest import AWSRequest

    credentials = sigv4.Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG", "a-session")
    body, host = b'{"SecretId": "x"}', "secretsmanager.eu-west-1.amazonaws.com"
    own = sigv4.signed_headers(
        credentials,
        host=host,
        target="secretsmanager.GetSecretValue",
        body=body,
        region="eu-west-1",
        service="secretsmanager",
        at=NOW,
    )
    request = AWSRequest(
        "POST",
        f"https://{host}/",
        data=body,
        headers={"Content-Type": own["content-type"], "X-Amz-Target": own["x-amz-target"]},
    )
    with mock.patch.object(botocore.auth, "get_current_datetime", return_value=NOW.replace(tzinfo=None)):
        botocore.auth.SigV4Auth(
            botocore.credentials.Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG", "a-session"),
            "secretsmanager",
            "eu-west-1",
        ).add_auth(request)
    assert own["authorization"] == request.headers["Authorization"]


class FakeAws(BaseHTTPRequestHandler):
    """Instance metadata, a clock and Secrets Manager, on loopback."""

    role: ClassVar[str] = "client-role"
    skew: ClassVar[float] = 0.0
    secret: ClassVar[str | None] = None
    protocol_version = "HTTP/1.1"

    def do_PUT(self) -> None:
        self._answer("metadata-token")

    def do_HEAD(self) -> None:
        self._answer("")

    def do_GET(self) -> None:
        if self.headers.get("X-aws-ec2-metadata-token") != "metadata-token":
            self._answer("", 401)
        elif self.path.endswith("/security-credentials/"):
            self._answer(self.role, 200 if self.role else 404)
        else:
            self._answer(json.dumps({"AccessKeyId": "ASIA", "SecretAccessKey": "s" * 40, "Token": "t" * 40}))

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert "Credential=ASIA/" in self.headers["Authorization"]
        assert request == {"SecretId": "arn:secret"}
        if self.secret is None:
            self._answer(json.dumps({"__type": "AccessDeniedException"}), 400)
        else:
            self._answer(json.dumps({"SecretString": self.secret}))

    def date_time_string(self, timestamp: float | None = None) -> str:
        now = datetime.datetime.now(datetime.UTC)
        return format_datetime(now - datetime.timedelta(seconds=self.skew), usegmt=True)

    def log_message(self, format: str, *args: object) -> None:
        """Write no access log."""

    def _answer(self, text: str, status: int = 200) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


@contextmanager
def fake_aws(**settings_of_it: Any) -> Iterator[str]:
    handler = type("Handler", (FakeAws,), settings_of_it)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _iam(url: str, *words: str, user: str = "any-token", server: Server) -> probe.Outcome:
    return probe.run(
        *to(server),
        "--authentication=iam",
        *("--user", user, "--cache-name=Demo", "--region=us-east-1", "--clock-url", url),
        *words,
        environment={"AWS_EC2_METADATA_SERVICE_ENDPOINT": url, "AWS_ENDPOINT_URL_SECRETS_MANAGER": url},
    )


@pytest.mark.servers
class TestOnServers:
    def test_token_signed_by_the_instances_role(self, pair: tuple[Server, Server]) -> None:
        with fake_aws() as url:
            outcome = _iam(url, server=pair[0])
        assert outcome.status == 0, outcome.output
        assert outcome.stage("auth")["detail"] == "any-token with an IAM token"
        assert outcome.stage("clock")["status"] == "PASS"
        assert "X-Amz-Signature" not in outcome.output

    def test_refused_token_names_both_arns_and_the_role(self, pair: tuple[Server, Server]) -> None:
        with fake_aws() as url:
            outcome = _iam(url, server=pair[0], user="app")
        assert outcome.failed["stage"] == "auth"
        assert outcome.failed["code"] == "wrong-credentials"
        assert outcome.failed["cause"] == "the cache refused the IAM token of user app for Demo"
        assert "elasticache:Connect on both the cache and the user" in outcome.failed["action"]
        assert "X-Amz-Signature" not in outcome.output

    def test_clock_that_is_off(self, pair: tuple[Server, Server]) -> None:
        with fake_aws(skew=1200.0) as url:
            outcome = _iam(url, server=pair[0])
        assert (outcome.failed["stage"], outcome.failed["code"]) == ("clock", "clock-skew")
        skew = int(outcome.failed["cause"].split("clock is ")[1].split(" s off")[0])
        assert 1195 <= skew <= 1215
        assert outcome.status == 11

    def test_clock_that_cannot_be_compared_is_a_warning(self, pair: tuple[Server, Server]) -> None:
        with fake_aws() as url:
            outcome = _iam(url, "--clock-url=http://127.0.0.1:1/", server=pair[0])
        assert outcome.status == 0
        assert (outcome.stage("clock")["status"], outcome.stage("clock")["code"]) == ("WARN", "clock-unknown")

    def test_instance_without_a_role(self, pair: tuple[Server, Server]) -> None:
        with fake_aws(role="") as url:
            outcome = _iam(url, server=pair[0])
        assert (outcome.failed["stage"], outcome.failed["code"]) == ("auth", "no-role")

    def test_no_credentials_anywhere(self, pair: tuple[Server, Server]) -> None:
        with fake_aws() as clock:
            outcome = _iam("http://127.0.0.1:1", "--clock-url", clock, server=pair[0])
        assert (outcome.failed["stage"], outcome.failed["code"]) == ("auth", "no-aws-credentials")

    def test_token_from_secrets_manager(self, pair: tuple[Server, Server]) -> None:
        with fake_aws(secret=PASSWORD) as url:
            outcome = _secret(url, pair[0])
        assert outcome.status == 0, outcome.output
        assert PASSWORD not in outcome.output

    def test_password_of_a_secret_that_is_an_object(self, pair: tuple[Server, Server]) -> None:
        with fake_aws(secret=json.dumps({"username": "app", "password": PASSWORD})) as url:
            outcome = _secret(url, pair[0], "--secret-key=password")
            other = _secret(url, pair[0], "--secret-key=token")
        assert outcome.status == 0, outcome.output
        assert PASSWORD not in outcome.output
        assert (other.failed["stage"], other.failed["code"]) == ("auth", "secret-without-key")

    def test_serverless_reads_from_its_reader_endpoint(self, cluster: list[Server]) -> None:
        """The reader endpoint is a replica of the first shard, which has the key of the test."""
        config = {
            "endpoints": [
                {"role": "configuration", "host": cluster[0].host, "port": cluster[0].port},
                {"role": "reader", "host": cluster[3].host, "port": cluster[3].port},
            ],
            **{"engine": "redis", "engine_version": "7", "cluster_mode": "enabled", "shards": 0, "serverless": True},
            **{"authentication": "iam", "user": "any-token", "cache_name": "demo", "region": "us-east-1"},
        }
        mapped = [word for server in cluster for word in ("--connect-to", server.connect_to)]
        with fake_aws() as url:
            outcome = probe.run(
                *("--config=-", "--clock-url", url, "--ca-file", str(cluster[0].certificates.ca_file)),
                *mapped,
                stdin=json.dumps(config),
                environment={"AWS_EC2_METADATA_SERVICE_ENDPOINT": url},
            )
        assert outcome.status == 0, outcome.output
        assert outcome.report["verdict"] == "PASS"
        assert outcome.stage("replicas")["detail"].startswith("read from the reader endpoint after ")

    def test_secret_that_may_not_be_read(self, pair: tuple[Server, Server]) -> None:
        with fake_aws() as url:
            outcome = _secret(url, pair[0])
        assert (outcome.failed["stage"], outcome.failed["code"]) == ("auth", "secret-refused")
        assert "(AccessDeniedException)" in outcome.failed["cause"]

    def test_secrets_manager_out_of_reach(self, pair: tuple[Server, Server]) -> None:
        with fake_aws() as url:
            outcome = _secret(url, pair[0], secrets="http://127.0.0.1:1")
        assert (outcome.failed["stage"], outcome.failed["code"]) == ("auth", "secret-unreachable")
        assert "interface endpoint" in outcome.failed["action"]


def _secret(url: str, server: Server, *words: str, secrets: str | None = None) -> probe.Outcome:
    return probe.run(
        *to(server),
        *words,
        "--authentication=password",
        *("--user=app", "--region=us-east-1", "--secret-arn=arn:secret"),
        environment={
            "AWS_EC2_METADATA_SERVICE_ENDPOINT": url,
            "AWS_ENDPOINT_URL_SECRETS_MANAGER": secrets or url,
        },
    )
