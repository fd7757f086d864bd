"""IAM authentication tokens are valid for one signer, service, region and 15 minutes, with parameters in any order."""

import datetime
import itertools
from collections.abc import Callable
from urllib.parse import quote, unquote, urlencode

import pytest
from botocore.credentials import Credentials
from botocore.session import Session
from botocore.signers import RequestSigner
from connection_test import sigv4
from developer_toolkit_elasticache import ElastiCacheIAMAuthTokenProvider

from local_cloud.identity import Identity
from local_cloud.tokens import Token, TokenError, verify

NOW = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
SECOND = datetime.timedelta(seconds=1)
KEYS = Credentials("ASIAEXAMPLE", "secret/+=", "session/+=")
ROLE = Identity("111111111111", "us-east-1", "Role", "arn", KEYS.access_key, KEYS.secret_key, KEYS.token)
OTHER = Identity("111111111111", "us-east-1", "Other", "arn", "ASIAOTHER", "other", "other")


def check(text: str, *, service: str = "elasticache", region: str = "us-east-1", after: int = 0) -> Token:
    now = datetime.datetime.now(datetime.UTC) + after * SECOND
    return verify(text, service=service, region=region, identities=[OTHER, ROLE], now=now)


def connection_test_token(at: datetime.datetime | None = None, **changed: str) -> str:
    """A token as the connection test signs it; by default it begins now, because the tests may run long after NOW."""
    keys = sigv4.Credentials(KEYS.access_key, KEYS.secret_key, KEYS.token)
    values = {"user": "app", "cache_name": "sessions", "region": "us-east-1", **changed}
    return sigv4.connect_token(keys, serverless=False, at=at or datetime.datetime.now(datetime.UTC), **values)


def botocore_token(service: str = "elasticache", host: str = "sessions", **parameters: str) -> str:
    """A token as the ElastiCache documentation signs it, and as boto3 signs one for RDS."""
    session = Session()
    signer = RequestSigner(
        session.get_service_model("elasticache").service_id,
        "us-east-1",
        service,
        "v4",
        KEYS,
        session.get_component("event_emitter"),
    )
    request = {
        "method": "GET",
        "url": f"https://{host}/?{urlencode({'Action': 'connect', **(parameters or {'User': 'app'})})}",
        "body": {},
        "headers": {},
        "context": {},
    }
    url = signer.generate_presigned_url(request, operation_name="connect", expires_in=900, region_name="us-east-1")
    return url.removeprefix("https://")  # type: ignore[no-any-return]


def boto3_token() -> str:
    client = Session().create_client(
        "rds",
        region_name="us-east-1",
        aws_access_key_id=KEYS.access_key,
        aws_secret_access_key=KEYS.secret_key,
        aws_session_token=KEYS.token,
    )
    host = "shop.c1.us-east-1.rds.amazonaws.com"
    return client.generate_db_auth_token(DBHostname=host, Port=5433, DBUsername="cache_admin", Region="us-east-1")  # type: ignore[no-any-return]


def toolkit_token() -> str:
    return ElastiCacheIAMAuthTokenProvider(
        user_id="app", region="us-east-1", replication_group_id="sessions", credentials=KEYS
    ).get_token()


@pytest.mark.parametrize("sign", [connection_test_token, botocore_token, toolkit_token])
def test_tokens_of_all_clients_are_valid_for_caches(sign: Callable[[], str]) -> None:
    token = check(sign())
    assert (token.identity, token.host) == (ROLE, "sessions")
    assert token.parameters == {"Action": "connect", "User": "app"}


def test_a_token_for_a_serverless_cache_has_its_resource_type() -> None:
    provider = ElastiCacheIAMAuthTokenProvider(
        user_id="App", region="us-east-1", serverless_cache_name="Sessions", credentials=KEYS
    )
    token = check(provider.get_token())
    assert token.host == "sessions"
    assert token.parameters == {"Action": "connect", "User": "app", "ResourceType": "ServerlessCache"}


def test_tokens_of_all_clients_are_valid_for_databases() -> None:
    host = "shop.c1.us-east-1.rds.amazonaws.com:5433"
    for text in (boto3_token(), botocore_token("rds-db", host, DBUser="cache_admin")):
        token = check(text, service="rds-db")
        assert token.host == host
        assert token.parameters == {"Action": "connect", "DBUser": "cache_admin"}


def test_parameters_in_any_order_are_accepted() -> None:
    host, _, query = connection_test_token().partition("/?")
    for number, order in enumerate(itertools.permutations(query.split("&"))):
        if number % 5000 == 0:
            assert check(f"{host}/?{'&'.join(order)}").parameters["User"] == "app"


def test_parameters_with_other_escapes_are_accepted() -> None:
    text = connection_test_token()
    assert check(text.replace("%2F", "/").replace("%3D", "=")).identity is ROLE
    assert check(text.replace("=host&", f"={quote('h').replace('h', '%68')}ost&")).identity is ROLE


@pytest.mark.parametrize(("after", "valid"), [(0, True), (895, True), (901, False), (-25, True), (-35, False)])
def test_a_token_is_valid_for_15_minutes(after: int, valid: bool) -> None:
    text = botocore_token()
    if valid:
        assert check(text, after=after).identity is ROLE
    else:
        with pytest.raises(TokenError, match="it must be used within 900 s of its date"):
            check(text, after=after)


def test_the_limits_of_the_validity_are_exact() -> None:
    text = connection_test_token(NOW)
    for now, valid in ((NOW + 899 * SECOND, True), (NOW + 900 * SECOND, False), (NOW - 30 * SECOND, True)):
        try:
            verify(text, service="elasticache", region="us-east-1", identities=[ROLE], now=now)
        except TokenError:
            assert not valid
        else:
            assert valid


def test_a_token_with_one_changed_character_is_refused() -> None:
    text = botocore_token()
    for at in range(0, len(text), 7):
        changed = text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]
        if unquote(changed) == unquote(text):
            continue
        with pytest.raises(TokenError):
            check(changed)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: "correct-horse-battery-staple", "it is not a presigned request without its scheme"),
        (lambda text: "", "it is not a presigned request without its scheme"),
        (lambda text: f"https://{text}", "it is not a presigned request without its scheme"),
        (lambda text: text + "&x" * 10000, "it is not a presigned request without its scheme"),
        (lambda text: f"{text}&User=app", "it has a parameter more than once"),
        (lambda text: f"{text}&x", "its query is not well-formed"),
        (lambda text: f"{text}&x=", "its signature does not match its request"),
        (lambda text: f"x{text}", "its signature does not match its request"),
        (lambda text: text.replace("User=app", "User=other"), "its signature does not match its request"),
        (
            lambda text: text.replace("ASIAEXAMPLE", "ASIAUNKNOWN"),
            "it is not signed with the credentials of an instance's role",
        ),
        (
            lambda text: text.replace("ASIAEXAMPLE", "ASIAOTHER"),
            "it does not have the session token of its credentials",
        ),
        (lambda text: text.replace("Expires=900", "Expires=901"), "valid for at most 900 s, got 901"),
        (lambda text: text.replace("Expires=900", "Expires=0"), "valid for at most 900 s, got 0"),
        (lambda text: text.replace("Expires=900", "Expires=x"), "its expiry is not well-formed"),
        (lambda text: text.replace("SignedHeaders=host", "SignedHeaders=x"), "over the host header only"),
        (lambda text: text.replace("&X-Amz-SignedHeaders=host", ""), "it does not have X-Amz-SignedHeaders"),
    ],
)
def test_the_error_has_the_reason(change: Callable[[str], str], message: str) -> None:
    with pytest.raises(TokenError, match=message):
        check(change(connection_test_token(datetime.datetime.now(datetime.UTC))))


def test_a_token_for_another_service_region_or_key_is_refused() -> None:
    with pytest.raises(TokenError, match=r"its scope must be .*/us-east-1/rds-db/aws4_request, got "):
        check(botocore_token(), service="rds-db")
    with pytest.raises(TokenError, match=r"its scope must be .*/eu-west-1/elasticache/aws4_request, got "):
        check(botocore_token(), region="eu-west-1")
    other = Identity("1", "us-east-1", "Role", "arn", KEYS.access_key, "another", str(KEYS.token))
    with pytest.raises(TokenError, match="its signature does not match its request"):
        verify(
            botocore_token(),
            service="elasticache",
            region="us-east-1",
            identities=[other],
            now=datetime.datetime.now(datetime.UTC),
        )
