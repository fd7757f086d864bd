"""In any order of reads, writes and failures, no read is older than the last invalidation that returned."""

from typing import Any, ClassVar

import pytest
import redis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from elasticache_caching import Cache, CacheClient, InvalidationFailedError, Json, Versioned

pytestmark = pytest.mark.servers

IDS = st.sampled_from(["1", "2"])


class Unreachable:
    """A connection that is not there."""

    def execute_command(self, *_: Any, **__: Any) -> Any:
        raise redis.ConnectionError("gone")

    def pipeline(self, **_: Any) -> Any:
        raise redis.ConnectionError("gone")


class Machine(RuleBasedStateMachine):
    """One row for each id, of which only the version matters."""

    port: ClassVar[int]
    versioned: ClassVar[bool]

    @initialize()
    def start(self) -> None:
        self.admin = redis.Redis(port=self.port)
        self.admin.flushall()
        self.client = CacheClient.connect("127.0.0.1", port=self.port, tls=False, timeout=5)
        self.client.failures = 10**9
        options: dict[str, Any] = {"codec": Json(dict), "ttl": 100, "stale": 100, "lease": 0.06, "early": 0}
        self.cache: Any
        if self.versioned:
            self.cache = Versioned(
                self.client, "row", load=self.load, version=lambda row: row["version"], lag=1, **options
            )
        else:
            self.cache = Cache(self.client, "row", load=self.load, **options)
        self.offset = 0.0
        clock = self.cache._protocol.clock
        self.cache._protocol.clock = lambda: clock() + self.offset
        self.rows = {"1": 1, "2": 1}
        self.replica = dict(self.rows)
        # What a read must reach, and what a load from the replica may give instead.
        self.floor = dict(self.rows)
        self.fails = False
        # Ids whose tombstone is gone: then a late put of an older version is taken, as the guide says.
        self.evicted: set[str] = set()
        self.connection: Any = None

    def load(self, id: str) -> dict[str, int] | None:
        if self.fails:
            raise OSError("database")
        version = (self.replica if self.versioned else self.rows)[id]
        return {"version": version} if version % 5 else None  # each fifth version is a deleted row

    @property
    def is_down(self) -> bool:
        return isinstance(self.client.connection, Unreachable)

    def accept(self, id: str, value: dict[str, int] | None, source: str) -> None:
        if self.versioned and source in {"load", "down"}:
            assert value == self.load_quietly(id)
            return
        if value is None:
            assert any(version % 5 == 0 for version in range(self.floor[id], self.rows[id] + 1))
            return
        assert value["version"] >= self.floor[id], (source, self.floor, self.rows)

    @rule(id=IDS)
    def get(self, id: str) -> None:
        try:
            loaded = self.cache.inspect(id)
        except OSError:
            assert self.fails
        else:
            self.accept(id, loaded.value, loaded.source)

    @rule()
    def get_many(self) -> None:
        try:
            values = self.cache.get_many(["1", "2"])
        except OSError:
            assert self.fails
        else:
            for id, value in values.items():
                self.accept(id, value, "load" if self.versioned and value == self.load_quietly(id) else "hit")

    def load_quietly(self, id: str) -> dict[str, int] | None:
        fails, self.fails = self.fails, False
        try:
            return self.load(id)
        finally:
            self.fails = fails

    @rule(id=IDS)
    def update_and_invalidate(self, id: str) -> None:
        self.rows[id] += 1
        try:
            if self.versioned:
                self.cache.invalidate(id, version=self.rows[id])
            else:
                self.cache.invalidate(id)
        except InvalidationFailedError:
            assert self.is_down
        else:
            self.floor[id] = self.rows[id]
            self.evicted.discard(id)

    @precondition(lambda self: self.versioned)
    @rule(id=IDS)
    def update_and_put(self, id: str) -> None:
        self.rows[id] += 1
        try:
            assert self.cache.put(id, {"version": self.rows[id]}) is True
        except InvalidationFailedError:
            assert self.is_down
        else:
            self.floor[id] = self.rows[id]
            self.evicted.discard(id)

    @precondition(lambda self: self.versioned)
    @rule(id=IDS)
    def a_late_put_of_an_older_version(self, id: str) -> None:
        if self.rows[id] > 1 and id not in self.evicted and not self.is_down and self.floor[id] == self.rows[id]:
            self.cache.put(id, {"version": self.rows[id] - 1})

    @rule(id=IDS)
    def replicate(self, id: str) -> None:
        self.replica[id] = self.rows[id]

    @rule(seconds=st.sampled_from([50.0, 101.0]))
    def expire(self, seconds: float) -> None:
        """The caller's clock alone: what the server keeps is then stale."""
        self.offset += seconds

    @rule(id=IDS)
    def evict(self, id: str) -> None:
        # A tombstone as well: then a load from a replica may fill what is older, up to the declared lag.
        if not self.versioned or self.replica[id] == self.rows[id]:
            self.admin.delete(f"{{row:{id}}}")
            self.evicted.add(id)

    @rule(id=IDS)
    def somebody_else_loads_and_dies(self, id: str) -> None:
        self.admin.set(f"{{row:{id}}}!", "killed", px=60, nx=True)

    @rule()
    def the_database_fails_or_works(self) -> None:
        self.fails = not self.fails

    @rule()
    def the_cache_goes_or_comes(self) -> None:
        if self.is_down:
            self.client.connection = self.connection
        else:
            self.connection, self.client.connection = self.client.redis(), Unreachable()

    def teardown(self) -> None:
        if hasattr(self, "client"):
            if self.is_down:
                self.client.connection = self.connection
            self.client.close()
            self.admin.close()


@pytest.mark.parametrize("versioned", [False, True])
def test_any_order(shared_server: Any, versioned: bool) -> None:
    kind = type("Chosen", (Machine,), {"port": shared_server.port, "versioned": versioned})
    chosen = settings(max_examples=40, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(kind, settings=chosen)
