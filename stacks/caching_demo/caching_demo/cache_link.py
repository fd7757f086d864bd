"""Connections to the cache, with the authentication that the configuration asks for."""

from __future__ import annotations

import json
from typing import Any

import redis
from connection_test import aws, sigv4
from connection_test.report import StageFailure
from redis.credentials import CredentialProvider

from caching_demo import tokens
from caching_demo.config import CacheTarget
from caching_demo.failures import CannotRunError, first_line
from elasticache_caching import CacheClient, CachingError, Json, Statistics, Versioned

# A slow machine is no failure of the cache: only the measurement of an outage has a short time-out.
LONG_TIMEOUT = 2.0
_UNANSWERED = 0.02
# What commands raise when the cache does not do what is asked, and what connecting to it may raise.
CACHE_ERRORS = (redis.RedisError, CachingError, OSError)


class CacheUnusableError(Exception):
    """The cache cannot be used; the database can."""


class IamCredentials(CredentialProvider):
    """User and token of an ElastiCache user, for redis-py."""

    def __init__(self, target: CacheTarget) -> None:
        self._user = target.user

        def sign() -> str:
            return sigv4.connect_token(
                tokens.credentials(),
                user=target.user,
                cache_name=target.cache_name,
                region=target.region,
                serverless=target.serverless,
                at=sigv4.now(),
            )

        self._token = tokens.Token(sign)

    def get_credentials(self) -> tuple[str] | tuple[str, str]:
        """User and token."""
        return self._user, self._token()


class CacheLink:
    """Makes clients of one cache.

    :param target: where it is.
    """

    def __init__(self, target: CacheTarget) -> None:
        self.target = target
        self._credentials: IamCredentials | None = IamCredentials(target) if target.authentication == "iam" else None
        self._password: str | None = None

    def client(self, timeout: float = LONG_TIMEOUT) -> CacheClient:
        """A new client of the caching library, which connects with its first command.

        :param timeout: of a command, in seconds.
        :raises CacheUnusableError: when there are no credentials.
        """
        target = self.target
        return CacheClient.connect(
            target.host,
            port=target.port,
            tls=target.tls,
            cluster=target.cluster,
            timeout=timeout,
            ca_file=target.ca_file or None,
            **self._sign_in(),
        )

    def plain(self) -> Any:
        """A client of redis-py with its defaults, which wait without an end for a cache that hangs.

        :raises CacheUnusableError: when there are no credentials.
        """
        target, signing = self.target, self._sign_in()
        provider = signing.pop("credentials", None)
        arguments: dict[str, Any] = {"host": target.host, "port": target.port, "ssl": target.tls, **signing}
        if provider is not None:
            arguments["credential_provider"] = provider
        if target.tls and target.ca_file:
            arguments["ssl_ca_certs"] = target.ca_file
        if target.cluster:
            return redis.RedisCluster(dynamic_startup_nodes=False, **arguments)
        return redis.Redis(**arguments)

    def check(self) -> str:
        """The engine and version of the cache, empty where its user may not ask, after a write, a read and a script.

        :raises CacheUnusableError: when it cannot be used.
        """
        client = self.client()
        try:
            raw = client.redis()
            key = b"{caching-demo:check}"
            raw.set(key, b"1", px=1000)
            if raw.get(key) != b"1":
                raise CacheUnusableError("it did not return what was written")
            # The library's scripts, which a user may be denied while reads and writes are allowed.
            Versioned[int](client, "caching-demo:check", load=int, version=int, codec=Json(int), ttl=1).put("1", 1)
            return _version(raw)
        except CannotRunError as error:
            raise CacheUnusableError(f"{error.cause}; {error.action}") from None
        except CACHE_ERRORS as error:
            raise CacheUnusableError(first_line(error)) from None
        finally:
            client.close()

    def nodes(self) -> set[tuple[str, int]]:
        """Names or addresses, with ports, that its clients connect to.

        :raises CacheUnusableError: when the cache does not list them.
        """
        addresses = {(self.target.host, self.target.port)}
        if self.target.cluster:
            client = self.client()
            try:
                addresses |= {(node.host, node.port) for node in client.redis().get_nodes()}
            except CACHE_ERRORS as error:
                raise CacheUnusableError(first_line(error)) from None
            finally:
                client.close()
        return addresses

    def _sign_in(self) -> dict[str, Any]:
        target = self.target
        if target.authentication == "none":
            return {}
        if self._credentials is not None:
            return {"credentials": self._credentials}
        if self._password is None:
            self._password = target.password or _secret(target)
        signing = {"password": self._password}
        return {"username": target.user, **signing} if target.user else signing


def require_answers(statistics: Statistics, reads: int) -> None:
    """Refuse figures of a cache that has not answered: they would be those of an outage.

    :param reads: how many there were.
    :raises CacheUnusableError: when more than a few of them had no answer.
    """
    missing = statistics.snapshot()["unavailable"]
    if missing > _UNANSWERED * reads:
        raise CacheUnusableError(f"it did not answer {missing} of {reads} reads")


def _secret(target: CacheTarget) -> str:
    try:
        text = aws.secret_value(target.secret_arn, target.region, tokens.credentials())
    except StageFailure as failure:
        raise CacheUnusableError(f"{failure.cause}; {failure.action}") from None
    except CannotRunError as error:
        raise CacheUnusableError(f"{error.cause}; {error.action}") from None
    if not target.secret_key:
        return text
    try:
        return str(json.loads(text)[target.secret_key])
    except (ValueError, KeyError, TypeError):
        raise CacheUnusableError(f"the secret has no key {target.secret_key}; correct secret_key") from None


def _version(raw: Any) -> str:
    """Engine and version, where the user may ask for them."""
    try:
        answer = (
            raw.execute_command("INFO", "server", target_nodes=raw.get_default_node())
            if hasattr(raw, "get_default_node")
            else raw.execute_command("INFO", "server")
        )
    except CACHE_ERRORS:
        return ""
    answers = (
        next(iter(answer.values())) if answer and all(isinstance(item, dict) for item in answer.values()) else answer
    )
    engine = "Valkey" if answers.get("valkey_version") else "Redis OSS"
    return f"{engine} {answers.get('valkey_version') or answers.get('redis_version', '')}".strip()
