"""The templates of the app, deployed with boto3: real servers, and the instance's user data."""

import time

import pytest

from local_cloud.session import PYTHON, LocalCloudError, Session
from local_cloud.stacks import Stacks
from tests.local_cloud.processes import listening, processes

pytestmark = pytest.mark.servers

_STAGES = ("config", "dns", "tcp", "tls", "ping", "data", "latency")
# The servers have the distribution's minor version and not that of the template, which is a note; of another engine,
# a warning. A busy machine can add a warning on the latency.
_REDIS = (": redis 7.0.",)
_OTHER_ENGINE = ("WARN: redis 7.0.", "warnings at ping")


@pytest.mark.parametrize(
    ("context", "says", "stages"),
    [
        (
            {},
            (": redis 7.0.", "cluster mode disabled, shards 1, replicas read 1"),
            (*_STAGES, "clock", "auth", "topology", "replicas"),
        ),
        (
            {"deployment": "cluster-mode-enabled"},
            (*_REDIS, "cluster mode enabled, shards 3, replicas read 3"),
            (*_STAGES, "clock", "auth", "topology", "replicas"),
        ),
        ({"deployment": "cluster-mode-enabled", "shards": "2"}, (*_REDIS, "shards 2"), _STAGES),
        ({"replicas": "0"}, (*_REDIS, "shards 1"), _STAGES),
        ({"access": "password"}, _REDIS, (*_STAGES, "auth")),
        ({"access": "auth-token"}, _REDIS, (*_STAGES, "auth")),
        ({"access": "none"}, _REDIS, _STAGES),
        ({"deployment": "memcached"}, (": memcached 1.6.", "nodes 2"), ("config", "dns", "tcp", "tls", "data")),
        (
            {"deployment": "serverless"},
            (*_OTHER_ENGINE, "replicas read 1"),
            (*_STAGES, "clock", "auth", "topology", "replicas"),
        ),
        (
            {"deployment": "serverless", "engine": "memcached"},
            ("memcached 1.6.",),
            ("config", "dns", "tcp", "tls", "data"),
        ),
    ],
    ids=lambda context: " ".join(context.values()) or "default" if isinstance(context, dict) else "",
)
def test_each_deployment_tests_its_connection(
    stacks: Stacks, context: dict[str, str], says: tuple[str, ...], stages: tuple[str, ...]
) -> None:
    known = set(stacks.session.consoles())
    result = stacks.deploy("Here", stacks.templates(**context))
    assert result.status == "CREATE_COMPLETE", result.reason
    for text in says:
        assert text in result.verdict, result.verdict
    assert ("warnings at ping" in result.verdict) == ("warnings at ping" in says), result.verdict
    (console,) = [text for instance, text in stacks.session.consoles().items() if instance not in known]
    for stage in stages:
        assert f"{stage}: " in console or f" {stage} " in console, console


def test_deleting_the_stacks_ends_every_server_and_sandbox(stacks: Stacks) -> None:
    assert stacks.deploy("Here", stacks.templates()).status == "CREATE_COMPLETE"
    stacks.delete_all()
    until = time.monotonic() + 10
    while time.monotonic() < until and len(processes(stacks.session.folder)) > 1:
        time.sleep(0.1)
    # Only the emulator still runs.
    assert len(processes(stacks.session.folder)) == 1


def test_every_listener_is_on_loopback(stacks: Stacks) -> None:
    for prefix, context in (("Redis", {}), ("Memcached", {"deployment": "memcached"})):
        assert stacks.deploy(prefix, stacks.templates(**context)).status == "CREATE_COMPLETE"
    addresses = [address for pid in processes(stacks.session.folder) for address in listening(pid)]
    # The emulator and two redis servers. Memcached, the metadata services and the gateways listen on no host address.
    assert len(addresses) == 3
    assert [address for address in addresses if not address.startswith("127.")] == []


def test_the_error_without_the_emulator_names_the_fix(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr("local_cloud.session.PYTHON", tmp_path / "python")
    with pytest.raises(LocalCloudError, match="does not exist; run 'make local-setup'"):
        Session(tmp_path / "x").start()
    assert PYTHON.name == "python"
