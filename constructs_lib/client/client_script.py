"""The user data of a client instance: the script, the test's configuration and a fingerprint."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import aws_cdk as cdk
from aws_cdk import aws_s3_assets as s3_assets
from constructs import Construct

from elasticache_rules import facts

from ..access.allowed import OWN_KEYS, allowed_to
from ..access.user import PASSWORD_KEY
from ..access.user_base import UserBase
from ..caches.cache_base import CacheBase
from .client_program import ClientProgram
from .database_target import DatabaseTarget

_PROGRAM_SCRIPT: Final = (Path(__file__).parent / "client_program.sh").read_text(encoding="utf-8")
_SCRIPT: Final = (Path(__file__).parent / "client_user_data.sh").read_text(encoding="utf-8")
_NETWORK_SECONDS: Final = 120
_USER_SECONDS: Final = 60
# The time limits of client_user_data.sh until the signal is sent, each with the time until it is killed: fetching with
# its pauses, the test, and the signal.
_SCRIPT_SECONDS: Final = (8 * 65 + 72) + (330 + 10) + (250 + 5)
# Of client_program.sh, without the program itself: fetching with its pauses, the time to end it, and the result.
_PROGRAM_SECONDS: Final = (5 * 65 + 30) + 10 + 35
# The time that CloudFormation may take until the user data begins.
_START_SECONDS: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramInS3:
    """A program and its archive."""

    program: ClientProgram
    asset: s3_assets.Asset


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientScript:
    """The user data script and its settings.

    :param cache: the cache to test.
    :param user: the user to connect as; None without users.
    :param asset: the connection test.
    :param on_failure: fail or report.
    :param command_line_client: whether valkey-cli is installed.
    :param database: the database to test in addition; None for none.
    :param program: the program to run after the test; None for none.
    :param cache_optional: whether a cache that cannot be used is a warning.
    """

    cache: CacheBase
    user: UserBase | None
    asset: s3_assets.Asset
    on_failure: str
    command_line_client: bool
    database: DatabaseTarget | None = None
    program: ProgramInS3 | None = None
    cache_optional: bool = False

    def config(self, scope: Construct) -> Mapping[str, Any]:
        """The configuration of the connection test; its keys are those of `connection_test.config.Config`."""
        stack, cache = cdk.Stack.of(scope), self.cache
        config: dict[str, Any] = {
            "endpoints": [
                {"role": role, "host": endpoint.address, "port": endpoint.port}
                for role, endpoint in cache.connection_endpoints().items()
            ],
            **cache.connection_settings(),
            "tls": cache.uses_tls,
            "authentication": "none",
            "cache_name": cache.cache_name,
            "region": stack.region,
            "wait_network": _NETWORK_SECONDS,
        }
        if self.database is not None:
            # Its tokens are valid only with a correct clock.
            config.update(database=dict(self.database.config(scope)), clock_url=_clock_url(stack))
            config.update(wait_auth=_USER_SECONDS)
        if self.cache_optional:
            config.update(cache_optional=True)
        if self.user is None:
            if cache.access.secret is not None:
                config.update(authentication="password", secret_arn=cache.access.secret.secret_arn)
            return config
        config.update(user=self.user.user_name, wait_auth=_USER_SECONDS)
        allowed = allowed_to(self.user)
        if allowed is not None and set(allowed.commands) != set(facts.load("commands")["test_commands"]):
            config.update(permissions=list(allowed.commands))
        if allowed is not None and allowed.key_prefix not in ("", OWN_KEYS):
            config.update(key_prefix=allowed.key_prefix)
        if self.user.secret is not None:
            config.update(authentication="password", secret_arn=self.user.secret.secret_arn, secret_key=PASSWORD_KEY)
        else:
            config.update(authentication="iam", clock_url=_clock_url(stack))
        return config

    def fingerprint(self, scope: Construct, settings: Sequence[str]) -> str:
        """A hash of all settings of the instance: a wait condition cannot be updated, and user data runs once.

        :param settings: the instance type, the launch template's settings other than the image, and the time that the
            wait condition waits.
        """
        diagnosis = [
            _SCRIPT,
            self.asset.asset_hash,
            cdk.Stack.of(scope).resolve(dict(self.config(scope))),
            self.on_failure,
            self.command_line_client,
            *settings,
        ]
        if self.program is not None:
            program = self.program.program
            diagnosis += [_PROGRAM_SCRIPT, self.program.asset.asset_hash, program.name, program.seconds]
        return hashlib.sha256(json.dumps(diagnosis, sort_keys=True).encode()).hexdigest()[:8]

    def render(self, scope: Construct, handle_url: str) -> str:
        """The script.

        :param handle_url: the URL that receives the verdict.
        """
        stack, config = cdk.Stack.of(scope), dict(self.config(scope))
        # Memcached's protocol is text: operators need no client for it.
        installs = self.command_line_client and config["engine"] != "memcached"
        values = {
            "CONFIG": stack.to_json_string(config, 1),
            "HANDLE_URL": handle_url,
            "ON_FAILURE": self.on_failure,
            "BUCKET": self.asset.s3_bucket_name,
            "KEY": self.asset.s3_object_key,
            "REGION": stack.region,
            "INSTALL_CLI": "true" if installs else "false",
            "HEARTBEAT": "true" if _beats(config) else "false",
        }
        return _filled(_SCRIPT, {"PROGRAM": self._program_script(stack), **values})

    @property
    def longest_seconds(self) -> int:
        """The time until the signal if the start and every step take their full time limits."""
        own = 0 if self.program is None else _PROGRAM_SECONDS + self.program.program.seconds
        return _START_SECONDS + _SCRIPT_SECONDS + own

    def _program_script(self, stack: cdk.Stack) -> str:
        if self.program is None:
            return ""
        values = {
            "NAME": self.program.program.name,
            "SECONDS": str(self.program.program.seconds),
            "BUCKET": self.program.asset.s3_bucket_name,
            "KEY": self.program.asset.s3_object_key,
            "REGION": stack.region,
            "ON_FAILURE": self.on_failure,
        }
        return _filled(_PROGRAM_SCRIPT, values)


def _beats(config: Mapping[str, Any]) -> bool:
    """Whether the client writes for the secondaries of a Global Datastore, as far as its user may."""
    return config.get("global_role") == "primary" and "set" in config.get("permissions", ["set"])


def _clock_url(stack: cdk.Stack) -> str:
    return f"https://s3.{stack.region}.{stack.url_suffix}/"


def _filled(text: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(f"@@{name}@@", value)
    return text
