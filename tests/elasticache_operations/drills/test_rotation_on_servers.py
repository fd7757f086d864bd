"""`elasticache drill rotation` with the rotation function, a real server and the connection test of the client."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from elasticache_operations.drills.rotation import drill
from tests import cache_servers
from tests.cache_servers import Certificates, Server
from tests.elasticache_operations.closed_schemas import check_schema
from tests.elasticache_operations.drills.rotating import ARN, FIRST, Rotating
from tests.elasticache_operations.drills.watching_client import INSTANCE
from tests.elasticache_operations.run import Elasticache, Result

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def server(tmp_path: Path, certificates: Certificates) -> Iterator[Server]:
    started = cache_servers.start(tmp_path, "master", certificates)
    yield started
    started.stop()


@pytest.fixture(params=["token", "user"])
def rotating(tmp_path: Path, server: Server, request: pytest.FixtureRequest) -> Iterator[Rotating]:
    found = Rotating(tmp_path, server, request.param)
    yield found
    found.close()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drill, "_POLL", 0.05)


def run(elasticache: Elasticache, rotating: Rotating, *words: str) -> Result:
    given = ("--secret", ARN, "--instance", INSTANCE, "--run", *words)
    return elasticache("drill", "rotation", "orders", *given, aws=rotating.recorded())


def test_two_rotations_without_a_refused_login(elasticache: Elasticache, rotating: Rotating, tmp_path: Path) -> None:
    record = tmp_path / "drills.jsonl"
    result = run(elasticache, rotating, "--record", str(record), "--format", "json")
    assert result.status == 0, result
    document = json.loads(record.read_text())
    check_schema("drill", document)
    assert document == result.data
    figures = document["figures"]
    assert figures["logins"] >= 2
    assert figures["refused_logins"] == 0
    assert figures["oldest_password_refused"] is True
    first, second = (version for version in rotating.secrets.values if version != FIRST)
    assert [step["what"] for step in document["steps"]] == [
        f"the cache accepts the current password, that of version {FIRST}",
        f"RotateSecret was called; version {first} is pending",
        f"rotation 1 is complete; version {first} is current",
        f"the cache accepts the new password, that of version {first}",
        f"the cache accepts the previous password, that of version {FIRST}",
        f"RotateSecret was called; version {second} is pending",
        f"rotation 2 is complete; version {second} is current",
        f"the cache accepts the new password, that of version {second}",
        f"the cache accepts the previous password, that of version {first}",
        f"the cache refuses the password from before both rotations, that of version {FIRST}",
        "the cache accepts the current password, that of version AWSCURRENT",
    ]
    assert rotating.secrets.holder("AWSCURRENT") == second


def test_no_password_is_printed_or_sent(elasticache: Elasticache, rotating: Rotating, tmp_path: Path) -> None:
    record = tmp_path / "drills.jsonl"
    result = run(elasticache, rotating, "--record", str(record))
    assert len(rotating.passwords) >= 3
    for text in (result.out, result.err, record.read_text(), *rotating.outputs):
        assert text.count("version") >= 0
        assert not [
            password for password in rotating.passwords if password in text or json.dumps(password)[1:-1] in text
        ]


def test_a_function_that_does_not_change_the_cache(elasticache: Elasticache, rotating: Rotating) -> None:
    """The function makes a password current that the cache does not have."""
    rotating.elasticache.deaf = True
    rotating.broken = ("testSecret", "finishSecret")
    started = Rotating._run

    def run_and_finish(version: str) -> None:
        started(rotating, version)
        before = rotating.secrets.holder("AWSCURRENT")
        rotating.secrets.update_secret_version_stage(ARN, "AWSCURRENT", version, before)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rotating, "_run", lambda self, version: run_and_finish(version))
        result = run(elasticache, rotating)
    assert result.status == 1, result
    assert "failed: the cache refuses the new password, that of version " in result.out.splitlines()[-1]


def test_a_wrong_password_in_the_secret_changes_nothing(elasticache: Elasticache, rotating: Rotating) -> None:
    text = rotating.secrets.values[FIRST]
    rotating.secrets.values[FIRST] = (
        "another-token" if rotating.kind == "token" else json.dumps({**json.loads(text), "password": "another"})
    )
    recorded = rotating.recorded()
    result = elasticache("drill", "rotation", "orders", "--secret", ARN, "--instance", INSTANCE, "--run", aws=recorded)
    assert (result.status, result.out.splitlines()[-1]) == (
        1,
        f"failed: the cache refuses the current password, that of version {FIRST}; nothing was changed",
    )
    assert ("secretsmanager", "RotateSecret") not in recorded.operations


def test_a_server_that_does_not_answer(elasticache: Elasticache, rotating: Rotating) -> None:
    rotating.server.stop()
    result = run(elasticache, rotating)
    assert (result.status, result.out) == (1, "")
    assert f"the login on {INSTANCE} cannot be tried: tcp: " in result.err.splitlines()[-1]


def test_a_shell_on_the_client(elasticache: Elasticache, rotating: Rotating) -> None:
    """The command reads the script on its standard input."""
    rotating.publish()
    given = ("--secret", ARN, "--client-shell", rotating.client_shell, "--run")
    started = rotating.secrets._attach

    def attach(label: str, version: str) -> None:
        started(label, version)
        rotating.publish()

    rotating.secrets._attach = attach  # type: ignore[method-assign]
    recorded = rotating.recorded()
    result = elasticache("drill", "rotation", "orders", *given, aws=recorded)
    assert result.status == 0, result
    assert "ssm" not in {service for service, _ in recorded.operations}
