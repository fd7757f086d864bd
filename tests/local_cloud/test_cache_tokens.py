"""A deployed cache accepts the IAM tokens of any conforming client from inside the instance, and no other tokens."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from botocore.credentials import Credentials
from botocore.session import Session
from botocore.signers import RequestSigner
from developer_toolkit_elasticache import ElastiCacheIAMAuthTokenProvider

from local_cloud.instance import sandbox
from local_cloud.stacks import Stacks

pytestmark = pytest.mark.servers


@dataclass
class Client:
    """An instance, and the cache to which its role may connect."""

    instance: Path
    cache: str
    host: str
    user: str
    serverless: bool = False

    def run(self, line: str) -> str:
        done = subprocess.run(
            sandbox.enter(self.instance, ["bash", "-c", line]), capture_output=True, text=True, check=False, timeout=60
        )
        return (done.stdout + done.stderr).strip()

    @property
    def credentials(self) -> Credentials:
        url = "$AWS_EC2_METADATA_SERVICE_ENDPOINT/latest"
        get = f'curl -s -H "X-aws-ec2-metadata-token: $token" "{url}/meta-data/iam/security-credentials/'
        answer = json.loads(self.run(f'token=$(curl -s -X PUT "{url}/api/token"); {get}$({get}")"'))
        return Credentials(answer["AccessKeyId"], answer["SecretAccessKey"], answer["Token"])

    def ping(self, token: str) -> str:
        command = f"valkey-cli --no-auth-warning --tls --cacert $SSL_CERT_FILE -h {self.host} --user {self.user} PING"
        return self.run(f"REDISCLI_AUTH='{token}' {command}")

    def toolkit_token(self) -> str:
        name = {"serverless_cache_name" if self.serverless else "replication_group_id": self.cache}
        return ElastiCacheIAMAuthTokenProvider(
            user_id=self.user, region="us-east-1", credentials=self.credentials, **name
        ).get_token()

    def botocore_token(self, user: str = "") -> str:
        session = Session()
        events, id = session.get_component("event_emitter"), session.get_service_model("elasticache").service_id
        signer = RequestSigner(id, "us-east-1", "elasticache", "v4", self.credentials, events)
        more = "&ResourceType=ServerlessCache" if self.serverless else ""
        request = {
            "method": "GET",
            "url": f"https://{self.cache}/?Action=connect&User={user or self.user}{more}",
            "body": {},
            "headers": {},
            "context": {},
        }
        url = signer.generate_presigned_url(request, operation_name="connect", expires_in=900, region_name="us-east-1")
        return str(url).removeprefix("https://")


@pytest.fixture(scope="module", params=["cluster-mode-disabled", "serverless"])
def client(emulated: Stacks, request: pytest.FixtureRequest) -> Iterator[Client]:
    result = emulated.deploy("Tokens", emulated.templates(deployment=request.param))
    assert result.status == "CREATE_COMPLETE", result.reason
    client = Client(emulated.session.instances()[-1], "", "", "", request.param == "serverless")
    config = json.loads(client.run("cat /etc/cache-client/config.json"))
    client.cache, client.user, client.host = config["cache_name"], config["user"], config["endpoints"][0]["host"]
    yield client
    emulated.delete_all("Tokens")


def test_tokens_of_the_toolkit_and_of_botocore_are_accepted(client: Client) -> None:
    assert client.ping(client.toolkit_token()) == "PONG"
    assert client.ping(client.botocore_token()) == "PONG"


def test_parameters_in_any_order_are_accepted(client: Client) -> None:
    host, _, query = client.botocore_token().partition("/?")
    assert client.ping(f"{host}/?{'&'.join(reversed(query.split('&')))}") == "PONG"


def test_other_tokens_are_refused(client: Client) -> None:
    valid = client.botocore_token()
    changed = valid[:-1] + ("0" if valid[-1] != "0" else "1")
    for token in (
        "a-password-of-16-letters",
        client.botocore_token("default"),
        changed,
        valid.replace("connect", "other"),
    ):
        assert "WRONGPASS" in client.ping(token) or "NOAUTH" in client.ping(token)
    assert client.ping(valid) == "PONG"
