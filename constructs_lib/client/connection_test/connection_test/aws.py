"""Requests to AWS: the instance role's credentials, a secret, and the current time."""

from __future__ import annotations

import datetime
import email.utils
import http.client
import json
import os
import ssl
import threading
from typing import Mapping, Optional, Union
from urllib.parse import urlsplit

from connection_test import redaction, sigv4
from connection_test.report import StageFailure

_METADATA = "http://169.254.169.254"
_SECONDS = 3.0
# For a whole request: the limit above is that of each part of the answer.
_MOST_SECONDS = 10.0
Answer = tuple[int, dict[str, str], bytes]


def credentials(environment: Optional[Mapping[str, str]] = None) -> sigv4.Credentials:
    """Credentials from the environment, or else of the instance's role.

    :raises StageFailure: when there are none.
    """
    variables = os.environ if environment is None else environment
    key, secret = variables.get("AWS_ACCESS_KEY_ID"), variables.get("AWS_SECRET_ACCESS_KEY")
    if key and secret:
        return _kept(sigv4.Credentials(key, secret, variables.get("AWS_SESSION_TOKEN", "")))
    base = variables.get("AWS_EC2_METADATA_SERVICE_ENDPOINT") or _METADATA
    try:
        _, _, token = request(
            "PUT", f"{base}/latest/api/token", headers={"X-aws-ec2-metadata-token-ttl-seconds": "300"}
        )
        headers = {"X-aws-ec2-metadata-token": token.decode()}
        path = f"{base}/latest/meta-data/iam/security-credentials/"
        status, _, listed = request("GET", path, headers=headers)
        role = listed.decode().splitlines()[0] if status == 200 and listed.strip() else ""
        if not role:
            raise StageFailure(
                "no-role", "the instance has no role", "attach an instance profile whose role may connect"
            )
        _, _, body = request("GET", path + role, headers=headers)
        answer = json.loads(body)
        return _kept(sigv4.Credentials(answer["AccessKeyId"], answer["SecretAccessKey"], answer["Token"]))
    except (OSError, ValueError, KeyError, http.client.HTTPException) as problem:
        raise StageFailure(
            "no-aws-credentials",
            f"no AWS credentials in the environment or from instance metadata ({type(problem).__name__})",
            "run this on an instance with a role, or set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and "
            "AWS_SESSION_TOKEN",
        ) from None


def _kept(signer: sigv4.Credentials) -> sigv4.Credentials:
    """The credentials, whose session is sent with every request, and which no text shows from now on."""
    for secret in (signer.secret_key, signer.session_token):
        redaction.keep(secret)
    return signer


def secret_value(arn: str, region: str, signer: sigv4.Credentials) -> str:
    """The text of a secret.

    :raises StageFailure: when it cannot be read.
    """
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    base = os.environ.get("AWS_ENDPOINT_URL_SECRETS_MANAGER") or os.environ.get("AWS_ENDPOINT_URL")
    base = base or f"https://secretsmanager.{region}.{suffix}"
    body = json.dumps({"SecretId": arn}).encode()
    headers = sigv4.signed_headers(
        signer,
        host=urlsplit(base).netloc,
        target="secretsmanager.GetSecretValue",
        body=body,
        region=region,
        service="secretsmanager",
        at=sigv4.now(),
    )
    try:
        status, _, answer = request("POST", f"{base}/", headers=headers, body=body)
        document = json.loads(answer or b"{}")
    except (OSError, ValueError, http.client.HTTPException) as problem:
        raise StageFailure(
            "secret-unreachable",
            f"Secrets Manager did not answer at {base} ({type(problem).__name__})",
            "add the Secrets Manager interface endpoint to the VPC, and let the client reach its port 443",
        ) from None
    if status != 200 or "SecretString" not in document:
        kind = str(document.get("__type", status)).rpartition("#")[2]
        raise StageFailure(
            "secret-refused",
            f"Secrets Manager refused to hand out the AUTH token ({kind})",
            "give the client's role secretsmanager:GetSecretValue on the secret: cache.grants.connect(role)",
        )
    return str(document["SecretString"])


def clock_skew(url: str) -> float:
    """Seconds that this machine's clock is ahead of a server's.

    :raises OSError: when the server does not answer with its time.
    """
    _, headers, _ = request("HEAD", url)
    stamp = email.utils.parsedate_to_datetime(headers["date"]) if "date" in headers else None
    if stamp is None:
        raise OSError(f"{url} answered without its time")
    return (datetime.datetime.now(datetime.timezone.utc) - stamp).total_seconds()


def request(
    method: str, url: str, *, headers: Optional[Mapping[str, str]] = None, body: Optional[bytes] = None
) -> Answer:
    """One HTTP request without retries or redirects: status, headers in lower case, body.

    :raises OSError: when it is not answered, or not completely within 10 s.
    """
    results: list[Union[Answer, Exception]] = []

    def ask() -> None:
        try:
            results.append(_request(method, url, headers or {}, body))
        except Exception as problem:  # the caller raises it
            results.append(problem)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(_MOST_SECONDS)
    result = results[0] if results else TimeoutError(f"{method} was not answered within {_MOST_SECONDS:g} s")
    if isinstance(result, Exception):
        raise result
    return result


def _request(method: str, url: str, headers: Mapping[str, str], body: Optional[bytes]) -> Answer:
    parts = urlsplit(url)
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        connection = http.client.HTTPSConnection(parts.netloc, timeout=_SECONDS, context=ssl.create_default_context())
    else:
        connection = http.client.HTTPConnection(parts.netloc, timeout=_SECONDS)
    try:
        connection.request(method, parts.path or "/", body=body, headers=dict(headers))
        response = connection.getresponse()
        return response.status, {k.lower(): v for k, v in response.getheaders()}, response.read()
    finally:
        connection.close()
