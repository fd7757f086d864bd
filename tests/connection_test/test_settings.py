"""Values of another type, in the configuration file and on the command line."""

import json
import math
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from connection_test import cli, config, options, settings
from connection_test.config import Config
from connection_test.database import Database

ENDPOINT: dict[str, Any] = {"role": "primary", "host": "cache.example", "port": 6379}
DATABASE: dict[str, Any] = {"host": "db.example", "port": 5432, "name": "n", "user": "u", "region": "us-east-1"}
# Values of every type that JSON has, and those that Python's JSON adds.
VALUES: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    1.5,
    -1.5,
    math.nan,
    math.inf,
    2**1100,
    "text",
    "1",
    "",
    [],
    ["a"],
    [1],
    {},
)
# What each key accepts of them, by the JSON text.
_ACCEPTED = {
    "text": ('"text"', '"1"', '""'),
    "flag": ("true",),
    "whole": ("-1", "0", str(2**1100)),
    "port": ("-1", "0", str(2**1100), '"1"'),
    "count": ("0", str(2**1100)),
    "amount": ("0", "1.5"),
    "positive": ("1.5",),
    "commands": ("null", "[]", '["a"]'),
    "endpoints": ("[]",),
    "database": ("null",),
}
_TYPES = {
    "endpoints": "endpoints",
    "permissions": "commands",
    "database": "database",
    **dict.fromkeys(("tls", "serverless", "cache_optional"), "flag"),
    **dict.fromkeys(("shards", "replicas_per_shard", "nodes"), "count"),
    **dict.fromkeys(("wait_network", "wait_auth", "slow_ms"), "amount"),
    "time_limit": "positive",
}


def type_of(key: str) -> str:
    return _TYPES.get(key, "text")


def refused() -> Iterator[tuple[str, dict[str, Any], Any]]:
    """Every key with every value of another type: its path, the file, and the value."""
    for key in settings.SETTINGS:
        for value in VALUES:
            if json.dumps(value) not in _ACCEPTED[type_of(key)]:
                yield key, {"endpoints": [ENDPOINT], key: value}, value
    for key in settings.ENDPOINT_SETTINGS:
        for value in VALUES:
            if json.dumps(value) not in _ACCEPTED["port" if key == "port" else "text"]:
                yield f"endpoints[1].{key}", {"endpoints": [ENDPOINT, {**ENDPOINT, key: value}]}, value
    for key in settings.DATABASE_SETTINGS:
        for value in VALUES:
            if json.dumps(value) not in _ACCEPTED["whole" if key == "port" else "text"]:
                yield f"database.{key}", {"endpoints": [ENDPOINT], "database": {**DATABASE, key: value}}, value


REFUSED = list(refused())


def test_every_key_of_the_configuration_has_a_type() -> None:
    secret = {"password", "database_password", "connect_to"}
    assert set(settings.SETTINGS) == {field.name for field in fields(Config)} - secret
    assert set(settings.DATABASE_SETTINGS) == {field.name for field in fields(Database)}
    assert set(settings.ENDPOINT_SETTINGS) == {field.name for field in fields(config.Endpoint)}


@pytest.mark.parametrize(("path", "document", "value"), REFUSED)
def test_a_value_of_another_type_is_refused_in_one_line(
    path: str, document: dict[str, Any], value: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "config.json"
    file.write_text(json.dumps(document))
    assert cli.main(["--config", str(file)]) == 2
    printed = capsys.readouterr()
    (line,) = printed.err.splitlines()
    assert printed.out == ""
    given = json.dumps(value)
    if path == "database" and value == {}:
        assert "database must have host, port, name, user, region, got none of" in line
        return
    if path == "endpoints" and value in (["a"], [1]):
        assert line == f"connection_test: endpoints must have role, host and port, got {given[1:-1]}; correct the file"
        return
    got = given if len(given) <= 60 else given[:57] + "..."
    match = re.fullmatch(
        f"connection_test: {re.escape(path)} must be .*, got {re.escape(got)}; write a value such as (.+)", line
    )
    assert match, line
    # Following the fix works.
    fixed = json.loads(json.dumps(document))
    key = path.rpartition(".")[2]
    inside = fixed["endpoints"][1] if "[" in path else fixed["database"] if "." in path else fixed
    inside[key] = json.loads(match[1])
    config.from_json(json.dumps(fixed))


@pytest.mark.parametrize("key", settings.SETTINGS)
def test_values_of_the_right_type_are_accepted(key: str) -> None:
    for value in VALUES:
        if json.dumps(value) in _ACCEPTED[type_of(key)]:
            config.from_json(json.dumps({key: value}))


@pytest.mark.parametrize(("port", "number"), [("6380", 6380), (6380, 6380)])
def test_a_port_may_be_text_as_cloudformation_writes_it(port: object, number: int) -> None:
    (endpoint,) = config.from_json(json.dumps({"endpoints": [{**ENDPOINT, "port": port}]}))["endpoints"]
    assert endpoint.port == number


@pytest.mark.parametrize("port", ["", " 6379", "6379 ", "-1", "1.0", "٣", "1234567890"])
def test_a_port_of_another_text_is_refused(port: str) -> None:
    with pytest.raises(ValueError, match=r"endpoints\[0\]\.port must be a whole number"):
        config.from_json(json.dumps({"endpoints": [{**ENDPOINT, "port": port}]}))


def test_unknown_keys_are_named_in_one_line() -> None:
    with pytest.raises(ValueError, match="got hosts, port; correct the file"):
        config.from_json('{"port": 1, "hosts": 2}')
    with pytest.raises(ValueError, match=r"^[^\n]*got \[\"a\\nb\"\]; correct the file$"):
        config.from_json(json.dumps({"a\nb": 1}))


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"\xff{}", "--config must be a readable file, got "), (b"[" * 100_000, "configuration must be JSON, got ")],
)
def test_a_file_that_is_no_json(
    content: bytes, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "config.json").write_bytes(content)
    assert cli.main(["--config", str(tmp_path / "config.json")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"connection_test: {message}")


OPTIONS = [
    *(
        ("--" + name, value)
        for name in ("shards", "replicas-per-shard", "nodes")
        for value in ("-1", "1.5", "x", "nan")
    ),
    *(("--" + name, value) for name in ("wait-network", "wait-auth", "slow-ms") for value in ("-1", "x", "nan", "inf")),
    *(("--" + name, value) for name in ("time-limit", "watch") for value in ("0", "-5", "x", "nan", "inf")),
    *(("--" + name, value) for name in ("port", "db-port") for value in ("1.5", "x", "nan")),
    *(("--heartbeat", value) for value in ("-1", "1.5", "x")),
]


@pytest.mark.parametrize(("option", "value"), OPTIONS)
def test_an_option_of_another_type_is_refused_in_one_line(
    option: str, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--host=cache.example", "--db-host=d", "--db-user=u"]
    assert cli.main([*words, f"{option}={value}"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    got = json.dumps(settings.parse(value))
    match = re.fullmatch(f"connection_test: {option} must be .*, got {got}; write a value such as (.+)", line)
    assert match, line
    options.read_config(options.parser().parse_args([*words, f"{option}={match[1]}"]), "")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--engine=mongo"], "argument --engine: invalid choice: 'mongo' (choose from"),
        (["--shards"], "argument --shards: expected one argument"),
        (["--unknown"], "unrecognized arguments: --unknown"),
    ],
)
def test_other_wrong_arguments_are_one_line_too(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(["--host=cache.example", *words])
    assert caught.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"connection_test: {message}")
    assert line.endswith("; see --help")


@pytest.mark.parametrize("port", ["0", "65536", "x", "", "٣", "-1"])
@pytest.mark.parametrize("form", ["a:{}:127.0.0.1:1", "a:1:127.0.0.1:{}"])
def test_ports_of_a_tunnel(form: str, port: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--host=a", "--connect-to", form.format(port)]) == 2
    assert "--connect-to must have the form HOST:PORT:ADDRESS:PORT" in capsys.readouterr().err
    for accepted in ("1", "65535"):
        words = ["--host=a", "--connect-to", form.format(accepted)]
        assert len(options.read_config(options.parser().parse_args(words), "").connect_to) == 1


def test_bounds_that_are_accepted() -> None:
    words = ["--host=a", "--shards=0", "--wait-network=0", "--slow-ms=0.5", "--time-limit=0.1", "--heartbeat=0"]
    read = options.read_config(options.parser().parse_args(words), "")
    assert (read.shards, read.wait_network, read.slow_ms, read.time_limit) == (0, 0, 0.5, 0.1)
