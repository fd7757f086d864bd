"""What is read from the client's configuration, and what is refused."""

import json
from pathlib import Path
from typing import Any

import pytest
from caching_demo import config
from caching_demo.failures import CannotRunError

DATABASE = {
    "engine": "postgres",
    "host": "shop.abc.us-east-1.rds.amazonaws.com",
    "port": 5433,
    "name": "shop",
    "user": "cache_admin",
    "application_user": "shop",
    "region": "us-east-1",
    "reader_host": "",
}
DOCUMENT = {
    "endpoints": [
        {"role": "reader", "host": "reader.example", "port": 6379},
        {"role": "primary", "host": "cart.example", "port": 6380},
    ],
    "engine": "valkey",
    "cluster_mode": "disabled",
    "tls": True,
    "authentication": "iam",
    "user": "app",
    "cache_name": "cart",
    "region": "us-east-1",
    "wait_network": 120,
    "database": DATABASE,
}


@pytest.fixture
def read(tmp_path: Path) -> Any:
    def made(changes: dict[str, Any], secret: str | None = None, **environment: str) -> Any:
        path = tmp_path / "config.json"
        path.write_text(json.dumps({**DOCUMENT, **changes}))
        return config.read(str(path), secret, environment)

    return made


def test_the_file_of_the_stack(read: Any) -> None:
    cache, database = read({})
    assert (cache.host, cache.port, cache.cluster, cache.serverless) == ("cart.example", 6380, False, False)
    assert (cache.authentication, cache.user, cache.cache_name, cache.region) == ("iam", "app", "cart", "us-east-1")
    assert cache.kind == "valkey, cluster mode disabled"
    assert (database.host, database.port, database.password) == (DATABASE["host"], 5433, "")


@pytest.mark.parametrize(
    ("changes", "cluster", "kind"),
    [
        ({"cluster_mode": "enabled"}, True, "valkey, cluster mode enabled"),
        ({"cluster_mode": "compatible"}, False, "valkey, cluster mode disabled"),
        ({"serverless": True, "cluster_mode": "enabled"}, True, "valkey, serverless"),
        ({"serverless": True}, True, "valkey, serverless"),
        ({"engine": "redis"}, False, "redis, cluster mode disabled"),
    ],
)
def test_kinds_of_caches(read: Any, changes: dict[str, Any], cluster: bool, kind: str) -> None:
    cache, _ = read(changes)
    assert (cache.cluster, cache.kind) == (cluster, kind)


def test_passwords_come_from_a_file_and_a_variable_and_are_not_shown(read: Any, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("of the database\n")
    cache, database = read({"authentication": "password"}, str(tmp_path / "secret"), CACHE_PASSWORD="of the cache")
    assert (cache.password, database.password) == ("of the cache", "of the database")
    assert "of the" not in repr(cache) + repr(database)


def test_a_secret_of_the_cache_needs_no_variable(read: Any) -> None:
    cache, _ = read({"authentication": "password", "secret_arn": "arn:x", "secret_key": "password"})
    assert (cache.secret_arn, cache.secret_key) == ("arn:x", "password")


def test_without_iam_no_region_of_the_database_is_needed(read: Any, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    assert read({"database": {**DATABASE, "region": ""}}, str(tmp_path / "secret"))[1].region == ""


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"database": None}, "database is missing; deploy with a database, or write its host"),
        ({"database": {**DATABASE, "name": ""}}, "database.name is missing; write it into the file"),
        ({"database": {**DATABASE, "application_user": ""}}, "database.application_user is missing; write it"),
        ({"database": {**DATABASE, "region": ""}}, "database.region is missing; write it into the file"),
        ({"database": {**DATABASE, "port": "5433"}}, "database.port must be 1 to 65535, got '5433'; write the port"),
        ({"database": {**DATABASE, "port": 65536}}, "database.port must be 1 to 65535, got 65536; write the port"),
        ({"database": {**DATABASE, "engine": "mysql"}}, "database.engine must be one of postgres, got mysql; use"),
        ({"engine": "memcached"}, "engine must be one of redis, valkey, got memcached; this demonstration needs"),
        ({"authentication": "x"}, "authentication must be one of none, password, iam, got x; choose one of them"),
        ({"cache_name": ""}, "IAM authentication needs cache_name, which is missing; write it into the file"),
        ({"authentication": "password"}, "password authentication needs secret_arn, which is missing; write it into"),
        ({"endpoints": []}, "endpoints has no primary or configuration endpoint; name the cache's endpoint in it"),
        ({"endpoints": [{"role": "primary", "host": "", "port": 1}]}, "endpoints.host must be a name or an address"),
        ({"endpoints": [{"role": "primary", "host": "c", "port": 0}]}, "endpoints.port must be 1 to 65535, got 0;"),
    ],
)
def test_what_is_wrong_is_said_with_its_fix(read: Any, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(CannotRunError) as raised:
        read(changes)
    assert str(raised.value).startswith(f"configuration: {message}")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read (No such file or directory); pass the path of the client's config.json"),
        ("{", "must be JSON, got "),
        ("[]", "must be a JSON object, got list; correct the file"),
    ],
)
def test_a_file_that_is_no_configuration(tmp_path: Path, content: str | None, message: str) -> None:
    path = tmp_path / "config.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(CannotRunError, match="configuration: ") as raised:
        config.read(str(path), None, {})
    assert message in str(raised.value)


@pytest.mark.parametrize(("content", "message"), [(None, "cannot be read"), ("\n", "is empty; write the password")])
def test_a_password_file_that_cannot_be_used(read: Any, tmp_path: Path, content: str | None, message: str) -> None:
    path = tmp_path / "secret"
    if content is not None:
        path.write_text(content)
    with pytest.raises(CannotRunError) as raised:
        read({}, str(path))
    assert message in str(raised.value)
