"""No order of the steps of readers and writers leaves a stale value for good; the plain strategies are the control."""

from functools import partial

import pytest
import redis

from tests.elasticache_caching import programs as p

pytestmark = pytest.mark.servers

LEASES = partial(p.protocol, versioned=False)
VERSIONS = partial(p.protocol, versioned=True)
lagging = partial(p.reader, lagging=True)
lagging.name = "lagging_reader"  # type: ignore[attr-defined]  # for the message


@pytest.mark.parametrize(
    ("actors", "count", "stale", "shortest"),
    [
        ([p.plain_reader, p.deleting_after], 10, 1, ""),
        ([p.plain_reader, p.deleting_before], 10, 1, ""),
        ([p.plain_reader, p.setting], 10, 1, ""),
        ([p.setting, p.setting], 6, 2, ""),
    ],
)
def test_the_plain_strategies_leave_stale_values(admin: redis.Redis, actors, count, stale, shortest) -> None:
    """The control: a test that finds nothing here finds nothing at all."""
    found = p.schedules(admin, LEASES, actors)
    assert (found.schedules, found.stale, found.shortest) == (count, stale, shortest)


def show(admin, make, actors, **o):
    import time
    t=time.time(); f = p.schedules(admin, make, actors, **o); print(f, round(time.time()-t,2))

def test_show(admin):
    for a in ([p.plain_reader, p.deleting_after],[p.plain_reader, p.deleting_before],[p.plain_reader, p.setting],[p.setting, p.setting]):
        show(admin, LEASES, a)
    show(admin, LEASES, [p.reader, p.invalidating])
    show(admin, LEASES, [p.reader, p.invalidating, p.invalidating])
    show(admin, LEASES, [p.reader, p.invalidating, p.putting])
    show(admin, LEASES, [lagging, p.invalidating, p.replicating])
    show(admin, VERSIONS, [p.reader, p.invalidating, p.putting])
    show(admin, VERSIONS, [lagging, p.invalidating, p.replicating])
    show(admin, VERSIONS, [lagging, p.invalidating, p.putting, p.replicating])
    show(admin, LEASES, [p.reader, p.reader, p.invalidating])
    show(admin, VERSIONS, [p.reader, p.reader, p.putting])
    show(admin, LEASES, [p.reader, p.reader, p.invalidating, p.invalidating], draws=1000)
    assert 0
