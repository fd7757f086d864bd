"""Requests to the emulator that botocore signs, and that can then be changed."""

import http.client
from collections.abc import Mapping
from dataclasses import dataclass, field

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from local_cloud.keys import Keys
from local_cloud.session import Session

FORM = "application/x-www-form-urlencoded"


@dataclass
class Answer:
    status: int
    headers: Mapping[str, str]
    text: str


@dataclass
class Caller:
    """Signs requests.

    :param service: the service in the scope of the signature.
    """

    session: Session
    service: str = "cloudformation"
    access_key: str = ""
    secret_key: str = ""
    token: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        keys = Keys.read(self.session.folder / "keys.json")
        self.access_key, self.secret_key = self.access_key or keys.access_key, self.secret_key or keys.secret_key

    def signed(self, method: str, path: str, body: bytes) -> dict[str, str]:
        """The headers of a signed request, including Host."""
        host = f"127.0.0.1:{self.session.port}"
        headers = {**({"Content-Type": FORM} if method == "POST" else {}), **self.headers, "Host": host}
        request = AWSRequest(method, f"http://{host}{path}", data=body, headers=headers)
        keys = Credentials(self.access_key, self.secret_key, self.token)
        SigV4Auth(keys, self.service, "us-east-1").add_auth(request)
        return dict(request.headers.items())

    def __call__(
        self,
        method: str = "POST",
        path: str = "/",
        body: bytes = b"Action=ListStacks&Version=2010-05-15",
        changed: Mapping[str, str | None] | None = None,
    ) -> Answer:
        """Send a request.

        :param changed: headers to change after signing; None removes a header.
        """
        headers = self.signed(method, path, body)
        for name, value in (changed or {}).items():
            headers = {key: text for key, text in headers.items() if key.lower() != name.lower()}
            if value is not None:
                headers[name] = value
        return send(self.session.port, method, path, headers, body)


def send(port: int, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    for name, value in {"Content-Length": str(len(body)), **headers}.items():
        connection.putheader(name, value)
    connection.endheaders(body)
    answer = connection.getresponse()
    try:
        return Answer(answer.status, {key.lower(): value for key, value in answer.getheaders()}, answer.read().decode())
    finally:
        connection.close()
