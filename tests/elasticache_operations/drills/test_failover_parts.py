"""The parts of the failover drill: events, figures, the steady second, and the watch on an instance."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from elasticache_operations.aws import Aws
from elasticache_operations.context import Context
from elasticache_operations.drills import run_command
from elasticache_operations.drills.clock import Clock
from elasticache_operations.drills.durations import duration
from elasticache_operations.drills.failover import drill as drill_module
from elasticache_operations.drills.failover import events
from elasticache_operations.drills.failover.drill import Drill
from elasticache_operations.drills.failover.events import Event
from elasticache_operations.drills.failover.measured import Measured, operations
from elasticache_operations.drills.failover.watch import CommandWatch, InstanceWatch
from elasticache_operations.drills.record import Record
from elasticache_operations.drills.run_command import Instance
from elasticache_operations.errors import CommandError, InputError
from elasticache_operations.progress import Progress
from elasticache_operations.status.caches import Cache, CacheKind
from tests.elasticache_operations.drills.watching_client import INSTANCE, Client, gap, start, summary
from tests.elasticache_operations.recorded import Recorded

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
CALLED = "Test Failover API called for node group 0002"
MOVED = "Failover from primary node orders-0002-001 to replica node orders-0002-002 completed"
NODES = ("orders-0002-001", "orders-0002-002")


def listed(*messages: str, seconds: float = 0) -> list[Event]:
    return [Event(NOW + timedelta(seconds=seconds + index), "orders", text) for index, text in enumerate(messages)]


@pytest.mark.parametrize(
    ("messages", "milliseconds", "new"),
    [
        ((CALLED, MOVED), 1000, "orders-0002-002"),
        ((CALLED, "Recovering cache nodes 0001", MOVED), 2000, "orders-0002-002"),
        ((CALLED, MOVED.replace("primary", "master") + "."), 1000, "orders-0002-002"),
        ((CALLED, MOVED.replace("0002-", "0001-"), MOVED), 2000, "orders-0002-002"),
        ((CALLED.replace("0002", "0001"), MOVED), None, "orders-0002-002"),
        ((CALLED,), None, ""),
        ((CALLED, MOVED.replace("completed", "started")), None, ""),
        ((), None, ""),
    ],
)
def test_the_events_of_a_failover(messages: Sequence[str], milliseconds: int | None, new: str) -> None:
    seen = events.seen(listed(*messages), (), "0002", NODES)
    assert (seen.milliseconds, seen.new_primary) == (milliseconds, new)


def test_events_before_the_call_are_left_out() -> None:
    before = listed(CALLED, MOVED)
    assert events.seen(before, before, "0002", NODES).completed is None
    later = listed(CALLED, MOVED, seconds=60.25)
    seen = events.seen([*before, *later], before, "0002", NODES)
    assert (seen.called, seen.milliseconds) == (later[0].time, 1000)


def test_failovers_of_a_day_are_counted() -> None:
    day = timedelta(hours=24)
    times = [NOW, NOW - day + timedelta(seconds=1), NOW - day, NOW - day - timedelta(seconds=1)]
    assert events.test_failovers([Event(time, "any", CALLED) for time in times], NOW) == 2
    assert events.test_failovers(listed(MOVED, "called"), NOW) == 0


def test_operations_that_are_measured() -> None:
    forbidden = [{"event": "not-permitted", "operation": "write", "shard": shard} for shard in (1, 2)]
    assert operations([]) == []
    assert operations([start(shards=2), forbidden[0]]) == ["write", "read", "replica-read"]
    assert operations([start(shards=2), *forbidden]) == ["read", "replica-read"]


def test_the_interruption_is_that_of_writes_and_reads_from_the_primary() -> None:
    def of(*gaps: Any) -> Measured:
        return Measured.of([start(), *gaps, summary(write=1)], 1)

    assert of(gap("replica-read", 900.0)).interruption == 0
    assert of(gap("read", 30.0), gap("write", 20.0), gap("read", 10.0)).interruption == 30
    assert of(gap("read", 20.0), gap("write", 30.0)).interruption == 30


class Script:
    """A watch whose readings a test decides, one each eighth of a second; the last one is empty for good."""

    place = "a test"

    def __init__(self, *readings: Sequence[dict[str, Any]]) -> None:
        self.readings, self.time, self.stopped = list(readings), 0.0, False

    def start(self) -> None:
        pass

    def read(self) -> Sequence[dict[str, Any]]:
        return self.readings.pop(0) if self.readings else ()

    def problem(self) -> str:
        return ""

    def stop(self) -> Sequence[dict[str, Any]]:
        self.stopped = True
        return ()

    def sleep(self, seconds: float) -> None:
        self.time += seconds


class FailedOverAtError(CommandError):
    """Ends the drill at the call, with the time of the call."""


@pytest.mark.parametrize(
    ("readings", "seconds"),
    [
        ([[start()]], 1.0),
        ([[], [], [start()]], 1.25),
        ([[start()], [gap("write", 5.0)]], 1.125),
        ([[start()], *([[]] * 7), [gap("write", 5.0)]], 2.0),
        ([[start()], [{"event": "node"}]], 1.0),
    ],
)
def test_the_client_is_steady_for_a_second(
    monkeypatch: pytest.MonkeyPatch, readings: list[list[dict[str, Any]]], seconds: float
) -> None:
    watch = Script(*readings)

    def call(self: Drill) -> None:
        raise FailedOverAtError(str(watch.time))

    monkeypatch.setattr(Drill, "_call", call)
    monkeypatch.setattr(drill_module, "_QUICK", 0.125)  # A sum of these is exact.
    aws = Aws(create=Recorded({("elasticache", "DescribeEvents"): {"Events": []}}).session)
    context = Context(None, date(2026, 11, 26), offline=False, aws=aws, progress=Progress(lambda line: None))
    cache = Cache(id="orders", kind=CacheKind.GROUP, engine="valkey", version="8.1.0", status="available")
    record = Record("failover", "orders", context, run=True)
    drill = Drill(context, record, cache, "0001", (), watch, 60, 60, Clock(lambda: watch.time, watch.sleep))
    with pytest.raises(FailedOverAtError) as raised:
        drill.run()
    assert float(str(raised.value)) == seconds
    assert watch.stopped


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr(run_command, "_POLL", 0.01)
    return Client(tmp_path)


def instance_of(client: Client) -> Instance:
    return Instance(Aws(create=Recorded(client.answers()).session), INSTANCE)


def test_records_that_are_longer_than_one_reading(client: Client) -> None:
    """A summary of 500 shards has more characters than SSM returns."""
    long = {"event": "summary", "totals": [], "text": "ü" * 9_000}
    client.plan(first=[start()], last=[gap("write", 1.0), long, gap("read", 2.0)])
    watch = InstanceWatch(instance_of(client), 60)
    watch.start()
    found: list[Any] = []
    while not found:
        found += watch.read()
    assert found == [start()]
    assert watch.problem() == ""
    # Each `ü` has six characters in the output of json.dumps.
    assert watch.stop() == [gap("write", 1.0), long, gap("read", 2.0)]
    assert len(client.scripts) > 5
    assert client.files == []
    assert watch.stop() == ()


def test_a_watch_that_cannot_be_started(client: Client) -> None:
    (client.folder / "run").rmdir()
    watch = InstanceWatch(instance_of(client), 60)
    with pytest.raises(CommandError, match=f"the watch was not started on {INSTANCE}: mkdir: "):
        watch.start()
    with pytest.raises(CommandError, match=f"the records on {INSTANCE} cannot be read: "):
        watch.read()


def test_a_watch_that_was_not_started_is_not_ended(client: Client) -> None:
    assert InstanceWatch(instance_of(client), 60).stop() == ()
    assert CommandWatch("sleep 60").stop() == ()
    assert client.scripts == []


def test_a_command_that_ignores_ctrl_c_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("elasticache_operations.drills.failover.watch._END", 0.2)
    watch = CommandWatch("""sh -c 'trap "" INT TERM; echo "{\\"event\\": \\"start\\"}"; sleep 60; sleep 60'""")
    watch.start()
    found: list[Any] = []
    while not found:
        found += watch.read()
    assert found == [{"event": "start"}]
    assert watch.stop() == []


def run(state: str, code: int, **more: str) -> Any:
    answers = iter(
        [
            {"Status": "Pending", "ResponseCode": -1},
            {"Status": "Delayed", "ResponseCode": -1},
            {"Status": state, "ResponseCode": code, **more},
        ]
    )
    aws = Recorded(
        {
            ("ssm", "SendCommand"): {"Command": {"CommandId": "1" * 36}},
            ("ssm", "GetCommandInvocation"): lambda params: next(answers),
        }
    )
    return Instance(Aws(create=aws.session), INSTANCE, Clock(sleep=lambda seconds: None)).run("true")


def test_the_end_of_a_script() -> None:
    done = run("Success", 0, StandardOutputContent="out\n", StandardErrorContent=f"{'x' * 900}\nlast line\n")
    assert (done.status, done.out) == (0, "out\n")
    assert done.error == f"{'x' * 590} last line"
    assert run("Failed", 3).status == 3


@pytest.mark.parametrize(
    ("state", "code", "detail"),
    [
        ("TimedOut", -1, "DeliveryTimedOut"),
        ("Cancelled", -1, ""),
        ("Failed", -1, "Undeliverable"),
        ("TimedOut", 137, "ExecutionTimedOut"),
    ],
)
def test_a_script_that_did_not_run_to_its_end(state: str, code: int, detail: str) -> None:
    with pytest.raises(CommandError, match=f"the command on {INSTANCE} ended with {detail or state}; check that the"):
        run(state, code, StatusDetails=detail)


def test_a_script_whose_end_is_not_reported() -> None:
    time = [0.0]

    def sleep(seconds: float) -> None:
        time[0] += seconds

    aws = Recorded(
        {
            ("ssm", "SendCommand"): {"Command": {"CommandId": "1" * 36}},
            ("ssm", "GetCommandInvocation"): {"Status": "InProgress", "ResponseCode": -1},
        }
    )
    instance = Instance(Aws(create=aws.session), INSTANCE, Clock(lambda: time[0], sleep))
    with pytest.raises(CommandError, match=f"SSM reports no end of command {'1' * 36} on {INSTANCE}; look at its SSM"):
        instance.run("true", seconds=5)
    assert time[0] == pytest.approx(75)
    assert aws.calls[0][2]["Parameters"] == {"commands": ["true"], "executionTimeout": ["5"]}


@pytest.mark.parametrize(
    ("text", "seconds"), [("500ms", 0.5), ("60s", 60), ("15m", 900), ("2.5", 2.5), (" 1s ", 1), ("3600", 3600)]
)
def test_durations(text: str, seconds: float) -> None:
    assert duration("--most", 0.5, 3600)(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["499ms", "3601s", "61m", "-1s", "1e3", "", "s", "1 s", "1h", "inf"])
def test_durations_that_are_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"--most must be 0\.5s to 3600s, got .*; write it like 500ms, 60s or 15m"):
        duration("--most", 0.5, 3600)(text)


def test_the_clock_waits_between_its_values() -> None:
    time = [0.0]

    def sleep(seconds: float) -> None:
        time[0] += seconds

    clock = Clock(lambda: time[0], sleep)
    assert list(clock.until(1.0, 0.4)) == pytest.approx([0.0, 0.4, 0.8, 1.2])
    assert list(clock.until(0.0, 0.4)) == [0.0]
