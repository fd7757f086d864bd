"""States of the cache that begin after the authentication: the stages wait for them, and report those that last."""

import re
import time
from typing import Any

import pytest
from connection_test import runner, stage_engine, waiting
from connection_test import transport as transport_module
from connection_test.context import Context
from connection_test.options import parser, read_config
from connection_test.report import StageFailure
from connection_test.stages import STAGES

from tests.connection_test import probe
from tests.connection_test.hostile import END, Hostile, bulk
from tests.connection_test.stage_fakes import Server, context_of

_SECRET = "correct-horse-battery"
_AS_USER = ["--authentication=password", "--user=app"]
_SHARD = b"*3\r\n:%d\r\n:%d\r\n*2\r\n$9\r\n127.0.0.1\r\n:%d\r\n"
_WITH_REPLICA = b"*1\r\n*4\r\n:0\r\n:16383\r\n*2\r\n$9\r\n127.0.0.1\r\n:%d\r\n*2\r\n$9\r\n127.0.0.1\r\n:%d\r\n"
LOADING = b"-LOADING Redis is loading the dataset in memory\r\n"
DOWN = b"-CLUSTERDOWN The cluster is down\r\n"
READONLY = b"-READONLY You can't write against a read only replica.\r\n"
MASTERDOWN = b"-MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.\r\n"


class State:
    """An answer to some commands, from a command on.

    :param begins: the command with which it begins.
    :param seconds: how long it lasts.
    :param commands: those that it concerns; none for all but AUTH.
    """

    def __init__(self, answer: bytes, *commands: bytes, begins: bytes = b"AUTH", seconds: float = 2.0) -> None:
        self._answer, self._commands, self._begins, self._seconds = answer, commands, begins, seconds
        self.since: float | None = None

    @property
    def lasts(self) -> bool:
        return self.since is not None and time.monotonic() - self.since < self._seconds

    def __call__(self, words: list[bytes]) -> bytes | None:
        if words[0] == self._begins and self.since is None:
            self.since = time.monotonic()
        concerned = words[0] in self._commands if self._commands else words[0] != b"AUTH"
        return self._answer if concerned and self.lasts else None


def run(server: Hostile, *words: str, wait: float = 20) -> probe.Outcome:
    return probe.run(*server.words, *_AS_USER, f"--wait-network={wait}", *words, password=_SECRET)


def of_one_shard(server: Hostile) -> list[str]:
    server._slots = b"*1\r\n" + _SHARD % (0, 16383, server.port)
    return ["--cluster-mode=enabled", "--shards=1"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("state", "stage"),
    [
        (State(LOADING), "ping"),
        (State(LOADING, b"INFO"), "ping"),
        (State(LOADING, b"INFO", begins=b"SET"), None),
        (State(LOADING, b"SET", b"GET"), "data"),
        (State(DOWN, b"SET"), "data"),
        (State(READONLY, b"SET"), "data"),
        (State(END, b"GET"), "data"),
        (State(END, b"CLUSTER"), "topology"),
        (State(LOADING, b"CLUSTER"), "topology"),
        (State(LOADING, b"DEL", begins=b"DEL"), "data"),
    ],
)
def test_a_state_that_ends_is_waited_for(state: State, stage: str | None) -> None:
    with Hostile(state) as server:
        outcome = run(server, *of_one_shard(server))
    assert (outcome.status, outcome.report["verdict"]) == (0, "PASS"), outcome.output
    waited = [each["stage"] for each in outcome.report["stages"] if "after a wait of" in each.get("detail", "")]
    assert waited == ([stage] if stage else [])
    if stage:
        assert 2000 < outcome.stage(stage)["milliseconds"] < 15_000


@pytest.mark.slow
@pytest.mark.parametrize(
    ("state", "end", "cause", "action"),
    [
        (State(LOADING, seconds=900), "ping loading", "the node loads its data", "wait until it has loaded"),
        (
            State(DOWN, b"SET", b"GET", seconds=900),
            "data slots-not-covered",
            "the cluster does not serve this key",
            "wait for a failover to end",
        ),
        (State(READONLY, b"SET", seconds=900), "data read-only-primary", "is read-only", "look the name up again"),
        (State(END, b"CLUSTER", seconds=900), "topology no-answer", "the connection ended", "failover or a restart"),
    ],
)
@pytest.mark.parametrize("limits", [(3, 300), (300, 18)])
def test_a_state_that_lasts_has_its_own_cause(
    state: State, end: str, cause: str, action: str, limits: tuple[float, float]
) -> None:
    state.since = None
    wait, limit = limits
    with Hostile(state) as server:
        started = time.monotonic()
        outcome = run(server, *of_one_shard(server), f"--time-limit={limit}", wait=wait)
    failed = outcome.failed
    assert f"{failed['stage']} {failed['code']}" == end, outcome.output
    assert cause in failed["cause"]
    assert "; this lasted for " in failed["cause"]
    assert action in failed["action"]
    assert 1 < time.monotonic() - started < 15


def test_without_a_wait_a_state_ends_the_stage_at_once() -> None:
    with Hostile(State(LOADING, seconds=900)) as server:
        failed = run(server, wait=0).failed
    assert (failed["stage"], failed["code"]) == ("ping", "loading")
    assert failed["milliseconds"] < 900
    assert "lasted" not in failed["cause"]


@pytest.mark.slow
def test_slots_that_no_shard_owns_for_a_time() -> None:
    state = State(b"", begins=b"AUTH")
    with Hostile() as server:
        words = of_one_shard(server)
        half = b"*1\r\n" + _SHARD % (0, 8191, server.port)

        def gap(words: list[bytes]) -> bytes | None:
            state(words)
            return half if words[0] == b"CLUSTER" and state.lasts else None

        server._answer = gap
        outcome = run(server, *words)
        assert outcome.report["verdict"] == "PASS", outcome.output
        detail = outcome.stage("topology")["detail"]
        assert re.search(r"after a wait of [2-9] s because 8192 of 16384 hash slots belong to no shard", detail)
        state = State(b"", seconds=900)
        failed = run(server, *words, wait=2).failed
    assert (failed["stage"], failed["code"]) == ("topology", "slots-not-covered")


def test_a_late_answer_is_not_taken_for_that_of_the_next_attempt() -> None:
    late = [b"GET"]

    def answer(words: list[bytes]) -> bytes | None:
        if words[0] in late:
            late.clear()
            time.sleep(2.5)
            return bulk(b"late")
        return None

    with Hostile(answer) as server:
        outcome = run(server)
    assert outcome.report["verdict"] == "PASS", outcome.output
    assert "because GET was not answered within 2 s" in outcome.stage("data")["detail"]


def test_a_node_that_takes_over_a_shard() -> None:
    """The primary of the second shard ends its connections, and later the cluster names another node."""
    state = State(b"", seconds=1.5)
    with Hostile(lambda words: END) as former, Hostile() as second, Hostile() as first:
        shards = b"*2\r\n" + _SHARD % (0, 8191, first.port)
        first._slots = shards + _SHARD % (8192, 16383, second.port)
        before = shards + _SHARD % (8192, 16383, former.port)

        def announced(words: list[bytes]) -> bytes | None:
            state(words)
            return before if words[0] == b"CLUSTER" and state.lasts else None

        first._answer = announced
        outcome = run(first, "--cluster-mode=enabled", "--shards=2")
    assert outcome.report["verdict"] == "PASS", outcome.output
    assert "SET, GET and DEL on 2 shards, after a wait of" in outcome.stage("data")["detail"]


def test_a_name_that_leads_to_another_node_after_a_failover(monkeypatch: pytest.MonkeyPatch) -> None:
    demoted = State(READONLY, b"SET", begins=b"SET", seconds=900)
    with Hostile(demoted) as former, Hostile() as promoted:

        def resolve(*_: Any) -> list[tuple[str, int]]:
            return [("127.0.0.1", promoted.port if demoted.since else former.port)]

        monkeypatch.setattr(transport_module, "resolve", resolve)
        words = ["--host=cache.example", "--no-tls", "--engine-version=7.1", "--wait-network=20"]
        report = runner.run(read_config(parser().parse_args(words), ""))
    assert report.verdict == "PASS", report.as_json()


@pytest.mark.slow
@pytest.mark.parametrize(("reply", "code"), [(LOADING, "replica-loading"), (MASTERDOWN, "replica-detached")])
def test_a_replica_that_cannot_be_read_for_a_time(reply: bytes, code: str) -> None:
    key: list[bytes] = []

    def written(words: list[bytes]) -> None:
        if words[0] == b"SET":
            key[:] = [words[2]]

    for seconds, wait, expected in ((4.0, 20.0, "PASS"), (900.0, 2.0, "WARN")):
        state = State(reply, b"GET", seconds=seconds)

        def replica(words: list[bytes], state: State = state) -> bytes | None:
            info = bulk(b"role:slave\r\nmaster_link_status:up\r\n") if words[0] == b"INFO" else None
            return state(words) or info or (bulk(key[0]) if words[0] == b"GET" else None)

        with Hostile(written) as server, Hostile(replica) as other:
            server._slots = _WITH_REPLICA % (server.port, other.port)
            words = ["--cluster-mode=enabled", "--shards=1", "--replicas-per-shard=1"]
            outcome = run(server, *words, wait=wait)
        result = outcome.stage("replicas")
        assert (outcome.status, result["status"]) == (0, expected), outcome.output
        assert result.get("code", "") == (code if expected == "WARN" else "")
        assert ("read from 1 replica" in result["detail"]) == (expected == "PASS")
        assert outcome.stage("latency")["status"] == "PASS"


@pytest.mark.slow
@pytest.mark.parametrize("command", [b"GET", b"SET"])
def test_a_secondary_that_loads_for_a_time(command: bytes) -> None:
    loads = State(LOADING, command)

    def answer(words: list[bytes]) -> bytes | None:
        beat = bulk(b"%d" % (time.time() * 1000)) if words[0] == b"GET" else None
        return loads(words) or beat or (READONLY if words[0] == b"SET" else None)

    with Hostile(answer) as server:
        outcome = run(server, "--global-role=secondary")
    assert outcome.report["verdict"] == "PASS", outcome.output
    assert "because the node loads its data" in outcome.stage("data")["detail"]


class TestPatient:
    """The step by itself, with a clock that only its pauses move."""

    @pytest.fixture(autouse=True)
    def clock(self, monkeypatch: pytest.MonkeyPatch) -> list[float]:
        pauses: list[float] = []
        monkeypatch.setattr(time, "sleep", pauses.append)
        monkeypatch.setattr(time, "monotonic", lambda: 1000 + sum(pauses))
        monkeypatch.setattr(stage_engine, "connect", lambda *_: Server())
        return pauses

    def fails(self, code: str) -> Any:
        def step(context: Context) -> str:
            raise StageFailure(code, "the cause", "the action")

        return waiting.patient(step)

    def test_the_stages_share_the_wait(self, clock: list[float]) -> None:
        context = context_of(Server(), wait_network=10.0)
        for expected in ([1.0, 1.5, 2.25, 3.375], [1.0], []):
            clock.clear()
            context.started = time.monotonic()
            with pytest.raises(StageFailure):
                self.fails("loading")(context)
            assert clock == expected

    def test_pauses_have_a_limit(self, clock: list[float]) -> None:
        with pytest.raises(StageFailure, match="the cause; this lasted for 98 s"):
            self.fails("loading")(context_of(Server(), wait_network=100.0))
        assert max(clock) == 5.0

    @pytest.mark.parametrize("code", ["missing-permission", "other-value", "malformed-reply", "wrong-credentials"])
    def test_what_does_not_end_by_itself_is_not_waited_for(self, code: str, clock: list[float]) -> None:
        with pytest.raises(StageFailure, match=r"the cause$"):
            self.fails(code)(context_of(Server(), wait_network=100.0))
        assert clock == []

    def test_the_time_limit_does_not_hide_the_cause(self) -> None:
        codes = iter(["loading", "time-limit"])

        def step(context: Context) -> str:
            raise StageFailure(next(codes), "the cause", "the action")

        with pytest.raises(StageFailure) as caught:
            waiting.patient(step)(context_of(Server(), wait_network=100.0))
        assert caught.value.code == "loading"

    def test_warnings_of_an_attempt_that_failed_are_dropped(self) -> None:
        attempts: list[int] = []

        def step(context: Context) -> str:
            attempts.append(1)
            context.warn(f"warning-{len(attempts)}", "the cause", "the action")
            if len(attempts) < 3:
                raise StageFailure("loading", "the cause", "the action")
            return "done"

        context = context_of(Server(), wait_network=100.0)
        assert waiting.patient(step)(context) == "done, after a wait of 2 s because the cause"
        assert [code for code, _, _ in context.warnings] == ["warning-3"]

    def test_the_time_limit_of_a_retry_does_not_hide_the_cause(self) -> None:
        codes = iter(["loading", "time-limit"])

        def attempt() -> None:
            raise StageFailure(next(codes), "the cause", "the action")

        with pytest.raises(StageFailure) as caught:
            context_of(time_limit=600).retry(attempt, seconds=100, codes=("loading",))
        assert caught.value.code == "loading"


def test_stages_before_the_authentication_have_waits_of_their_own() -> None:
    names = [stage.name for stage in STAGES if stage.redis is not None and stage.redis.__module__ == waiting.__name__]
    assert names == ["ping", "topology", "data", "replicas", "latency"]
