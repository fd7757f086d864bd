"""The command `elasticache-caching`, with real servers."""

import re
from pathlib import Path

import pytest
import redis

from elasticache_caching.command.check import main
from tests.cache_servers import Server, free_port

pytestmark = pytest.mark.servers

_PASSED = r"""PASS connect     an answer after [0-9.]+ ms
PASS load        a miss was loaded and stored
PASS read        20 of 20 reads were hits, p50 [0-9.]+ ms
PASS invalidate  the next read loaded the value again
"""


def check(server: Server, *words: str) -> int:
    return main(["127.0.0.1", "--port", str(server.port), "--no-tls", "--timeout", "5", "--reads", "20", *words])


def test_a_cache_that_can_be_used_passes_and_keeps_no_value(
    shared_server: Server, admin: redis.Redis, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(shared_server) == 0
    assert re.fullmatch(_PASSED, capsys.readouterr().out)
    assert admin.keys("*") == []


def test_a_user_without_scripts_is_told_what_it_needs(
    shared_server: Server, admin: redis.Redis, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    admin.acl_setuser("reader", enabled=True, passwords=["+secret"], keys=["*"], commands=["+get"])
    monkeypatch.setenv("CACHE_PASSWORD", "secret")
    try:
        assert check(shared_server, "--user", "reader") == 1
    finally:
        admin.acl_deluser("reader")
    first, last = capsys.readouterr().out.splitlines()
    assert first.startswith("PASS connect")
    assert last.startswith("FAIL load: the cache did not serve the value: loads 1, ")
    assert "allow the user GET, SET, DEL, EVAL and EVALSHA for the keys {elasticache-caching:*, and" in last


def test_a_prefix_that_the_user_may_not_read_is_an_error_of_the_cache(
    shared_server: Server, admin: redis.Redis, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    admin.acl_setuser("app", enabled=True, passwords=["+secret"], keys=["{app:*"], commands=["+@all"])
    monkeypatch.setenv("CACHE_PASSWORD", "secret")
    try:
        assert check(shared_server, "--user", "app") == 1
        assert capsys.readouterr().out.startswith("FAIL NoPermissionError: ")
        assert check(shared_server, "--user", "app", "--prefix", "app") == 0
    finally:
        admin.acl_deluser("app")


def test_a_cache_that_does_not_answer_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["127.0.0.1", "--port", str(free_port()), "--no-tls"]) == 1
    out = capsys.readouterr().out
    assert out.startswith("FAIL ConnectionError: ")
    assert out.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "the following arguments are required: HOST"),
        (["h", "--port", "0"], "--port must be 1 to 65535, got 0"),
        (["h", "--port", "65536"], "--port must be 1 to 65535, got 65536"),
        (["h", "--reads", "0"], "--reads must be 1 to 1000000, got 0"),
        (["h", "--reads", "1000001"], "--reads must be 1 to 1000000, got 1000001"),
        (["h", "--timeout", "11"], "CacheClient: timeout must be 0.01 to 10.0 seconds, got 11.0"),
        (["h", "--prefix", "a{b}"], "Cache: prefix must be 1 to 128 printable ASCII characters without braces, got"),
        (["h", "--ca-file", "none.pem"], "--ca-file must be a file that can be read, got none.pem"),
    ],
)
def test_a_wrong_argument_is_one_line(capsys: pytest.CaptureFixture[str], words: list[str], message: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    error = capsys.readouterr().err
    assert error.startswith(f"elasticache-caching: {message}")
    assert error.count("\n") == 1


def test_the_library_does_not_import_the_command() -> None:
    folder = Path(__file__).parents[2] / "elasticache_caching"
    for path in folder.rglob("*.py"):
        assert path.parent.name == "command" or "elasticache_caching.command" not in path.read_text()
