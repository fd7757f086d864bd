"""The script that runs the comparison on the client, in place of the command-line client."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import redis

from elasticache_operations.drills.restore import comparison
from tests.cache_servers import Server
from tests.elasticache_operations.drills.comparing import AGE, counts, restored, servers, source

__all__ = ["restored", "servers", "source"]

pytestmark = pytest.mark.servers


CACHE_CLI = """#!/bin/sh
# As the one of CacheClient: runs the first command-line client of the PATH, with the endpoint and the login.
export REDISCLI_AUTH=''
exec valkey-cli -h 127.0.0.1 -p {port} "$@"
"""


def sh(folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": f"{folder}:{Path(sys.executable).parent}:{os.environ['PATH']}"}
    return subprocess.run(
        ["sh"], input=script, env=environment, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize("value", ["1", "2"])
def test_the_script_runs_the_comparison_in_place_of_the_command_line_client(
    servers: tuple[Server, Server], source: redis.Redis, restored: redis.Redis, tmp_path: Path, value: str
) -> None:
    source.set("a", "1")
    restored.set("a", value)
    (tmp_path / "cache-cli").write_text(CACHE_CLI.format(port=servers[0].port))
    (tmp_path / "cache-cli").chmod(0o755)
    settings = {"host": "127.0.0.1", "port": servers[1].port, "password": "", "sample": 10, "age": AGE, "seconds": 60}
    done = sh(tmp_path, comparison.script(settings))
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert counts(found) == {"sampled": 1, "same" if value == "1" else "changed": 1}
    wrong = sh(tmp_path, comparison.script({**settings, "port": 1}))
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert wrong.stderr == "ConnectionRefusedError: [Errno 111] Connection refused\n"
    refused = sh(tmp_path, comparison.script({**settings, "password": "a-token-that-is-wrong"}))
    assert refused.returncode == 1
    assert "a-token-that-is-wrong" not in refused.stderr


def test_without_the_client_the_script_says_so(tmp_path: Path) -> None:
    assert sh(tmp_path, comparison.script({})).returncode == 3
