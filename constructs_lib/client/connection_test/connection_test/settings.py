"""The types of settings, which are checked when the configuration file and the options are read."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Callable, Mapping

_LONGEST_VALUE = 60
# Larger whole numbers have no value as a time.
_TOO_LARGE = 2**63


@dataclass(frozen=True)
class Kind:
    """A type of setting.

    :param rule: continues "the setting must".
    :param accepts: whether a value of JSON obeys the rule.
    """

    rule: str
    accepts: Callable[[object], bool]


@dataclass(frozen=True)
class Setting:
    """A setting.

    :param example: a value of JSON that obeys the rule, for the message.
    """

    kind: Kind
    example: object


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _number(value: object) -> bool:
    return (_whole(value) and abs(value) < _TOO_LARGE) or (isinstance(value, float) and math.isfinite(value))  # type: ignore[arg-type]


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _port(value: object) -> bool:
    # CloudFormation's attributes are text.
    return _whole(value) or (isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10)


TEXT = Kind("be text", lambda value: isinstance(value, str))
FLAG = Kind("be true or false", lambda value: isinstance(value, bool))
WHOLE = Kind("be a whole number", _whole)
PORT = Kind("be a whole number", _port)
COUNT = Kind("be a whole number of 0 or more", lambda value: _whole(value) and value >= 0)  # type: ignore[operator]
AMOUNT = Kind("be a number of 0 or more", lambda value: _number(value) and value >= 0)  # type: ignore[operator]
POSITIVE = Kind("be a number above 0", lambda value: _number(value) and value > 0)  # type: ignore[operator]
COMMANDS = Kind("be a list of commands, or null", lambda value: value is None or _texts(value))
ENDPOINTS = Kind("be a list of endpoints", lambda value: isinstance(value, list))
DATABASE = Kind("be a JSON object, or null", lambda value: value is None or isinstance(value, Mapping))

_DATABASE = {"host": "db.example", "port": 5432, "name": "postgres", "user": "app", "region": "us-east-1"}
ENDPOINT_SETTINGS = {
    "role": Setting(TEXT, "primary"),
    "host": Setting(TEXT, "cache.example"),
    "port": Setting(PORT, 6379),
}
"""The keys of an endpoint."""
DATABASE_SETTINGS = {
    "host": Setting(TEXT, "db.example"),
    "port": Setting(WHOLE, 5432),
    "name": Setting(TEXT, "postgres"),
    "user": Setting(TEXT, "app"),
    "region": Setting(TEXT, "us-east-1"),
    "engine": Setting(TEXT, "postgres"),
    "application_user": Setting(TEXT, "app"),
    "reader_host": Setting(TEXT, "db-ro.example"),
    "ca_file": Setting(TEXT, "ca.pem"),
}
"""The keys of the database."""
SETTINGS = {
    "endpoints": Setting(ENDPOINTS, [{"role": "primary", "host": "cache.example", "port": 6379}]),
    "engine": Setting(TEXT, "valkey"),
    "engine_version": Setting(TEXT, "7.1"),
    "cluster_mode": Setting(TEXT, "enabled"),
    "shards": Setting(COUNT, 3),
    "replicas_per_shard": Setting(COUNT, 1),
    "nodes": Setting(COUNT, 2),
    "tls": Setting(FLAG, True),
    "authentication": Setting(TEXT, "iam"),
    "user": Setting(TEXT, "app"),
    "cache_name": Setting(TEXT, "cache"),
    "serverless": Setting(FLAG, False),
    "global_role": Setting(TEXT, "primary"),
    "region": Setting(TEXT, "us-east-1"),
    "secret_arn": Setting(TEXT, "arn:aws:secretsmanager:us-east-1:111122223333:secret:name"),
    "secret_key": Setting(TEXT, "password"),
    "ca_file": Setting(TEXT, "ca.pem"),
    "clock_url": Setting(TEXT, "https://s3.us-east-1.amazonaws.com/"),
    "key_prefix": Setting(TEXT, "orders:"),
    "permissions": Setting(COMMANDS, ["get", "ping"]),
    "database": Setting(DATABASE, _DATABASE),
    "cache_optional": Setting(FLAG, False),
    "wait_network": Setting(AMOUNT, 120),
    "wait_auth": Setting(AMOUNT, 60),
    "time_limit": Setting(POSITIVE, 300),
    "slow_ms": Setting(AMOUNT, 5),
}
"""The keys of the configuration file."""


def require(name: str, value: object, setting: Setting) -> None:
    """Refuse a value of another type.

    :param name: as the caller writes it: the path of a key, or an option.
    :raises ValueError: in one line, with a value that is accepted.
    """
    if not setting.kind.accepts(value):
        example = json.dumps(setting.example)
        raise ValueError(f"{name} must {setting.kind.rule}, got {shown(value)}; write a value such as {example}")


def shown(value: object) -> str:
    """A value of JSON in one line, cut after 60 characters."""
    text = json.dumps(value)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 3] + "..."


def parse(text: str) -> object:
    """A number of the command line; other texts stay as they are, and are refused by `require`."""
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            continue
    return text
