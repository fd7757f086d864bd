"""The answer of `capacity`: memory, the cheapest nodes that suffice, serverless, and the same on other engines."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from elasticache_operations.capacity import nodes
from elasticache_operations.capacity.engines import EngineVersion
from elasticache_operations.capacity.memory import MemoryModel
from elasticache_operations.capacity.plan import DEFAULT_NODES, Limits, Nodes, Planner, Workload
from elasticache_operations.capacity.serverless import Serverless, serverless
from elasticache_operations.lines import HOURS
from elasticache_rules.output import counted

_LISTED: Final = 3
_MILLION: Final = 1e6
NEWEST: Final = EngineVersion("valkey", 9, 1)
"""The newest version of Valkey that was measured."""
REDIS: Final = EngineVersion("redis", 7, 1)


@dataclass(frozen=True, slots=True)
class ServerlessPrice:
    """The prices of serverless caches in USD.

    :param gigabyte: for a GB and hour.
    :param million: for a million ECPU.
    :param least: GB that are billed at least.
    """

    gigabyte: float
    million: float
    least: float


class Prices(Protocol):
    """On-demand prices of one region in USD."""

    def node(self, node_type: str, engine: str) -> float | None:
        """An hour of a node; None if it is not known."""

    def serverless(self, engine: str) -> ServerlessPrice | None:
        """The prices of serverless caches; None if they are not known."""


@dataclass(frozen=True, slots=True)
class Priced:
    """Nodes that suffice, with their price for a month; None if it is not known."""

    use: Nodes
    month: float | None


@dataclass(frozen=True, slots=True)
class ServerlessPriced:
    """A serverless cache, with the two parts of its price for a month."""

    use: Serverless
    storage: float | None
    processing: float | None

    @property
    def month(self) -> float | None:
        """The whole price; None if it is not known."""
        return None if self.storage is None or self.processing is None else self.storage + self.processing


@dataclass(frozen=True, slots=True, kw_only=True)
class OnEngine:
    """The workload on one engine version.

    :param item: bytes of a key now.
    :param now: bytes of all keys now.
    :param later: bytes of all keys at the end of the months, in the worst fill of the tables.
    :param plans: the cheapest first; those without a known price last.
    """

    engine: EngineVersion
    item: float
    now: float
    later: float
    plans: tuple[Priced, ...]
    serverless: ServerlessPriced

    @property
    def cheapest(self) -> Priced | None:
        """The cheapest nodes; None if no nodes suffice."""
        return self.plans[0] if self.plans else None


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked.

    :param fits: a node type and a number of shards that are to be checked.
    """

    engine: EngineVersion
    region: str
    workload: Workload
    limits: Limits
    fits: tuple[str, int] | None = None
    others: Sequence[EngineVersion] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """The answer.

    :param fits: the use of the nodes of `Request.fits`, and whether it is within the limits.
    :param others: the same workload on other engine versions.
    """

    request: Request
    planned: OnEngine
    others: tuple[OnEngine, ...]
    fits: tuple[Nodes, bool] | None

    @property
    def suffices(self) -> bool:
        """Whether there are nodes that suffice, and those of `fits` do."""
        return bool(self.planned.plans) and (self.fits is None or self.fits[1])

    @property
    def notes(self) -> tuple[str, ...]:
        """Assumptions and limits of the answer."""
        request = self.request
        limits, workload = request.limits, request.workload
        notes = [
            f"usable is maxmemory less {limits.reserved:g} % reserved, filled to {limits.filled:g} %; "
            f"{counted(limits.replicas, 'replica')} a shard",
            f"a node serves {limits.operations:,} operations a second, an assumption; measure and give --ops-per-node",
            "network is compared with the baseline bandwidth, not with the burst",
        ]
        notes.append(
            f"the memory model is within 2 % of measured servers of {request.engine.title}"
            if request.engine.measured
            else f"the memory model was not compared with a server of {request.engine.title}"
        )
        if workload.measured != 1:
            notes.append(f"memory is that of the model times {workload.measured:.3f}, as the server shows")
        if self.planned.plans and self.planned.plans[0].use.nodes > DEFAULT_NODES:
            notes.append(f"more than {DEFAULT_NODES} nodes need a higher quota of nodes per cluster (L-AF354865)")
        return tuple(notes)


def answer(request: Request, prices: Prices) -> Result:
    """Plan a workload on its engine version and on others."""
    fits = None
    if request.fits is not None:
        planner = Planner(request.workload, MemoryModel(request.engine), request.limits)
        use = planner.use(nodes.node_type(request.fits[0]), request.fits[1])
        fits = (use, planner.suffices(use))
    others = tuple(_on(engine, request, prices) for engine in request.others)
    return Result(request, _on(request.engine, request, prices), others, fits)


def default_others(engine: EngineVersion) -> tuple[EngineVersion, ...]:
    """The version to compare with: for Redis OSS the newest Valkey that was measured, for Valkey Redis OSS 7.1."""
    return (NEWEST,) if engine.name == "redis" else (REDIS,)


def _on(engine: EngineVersion, request: Request, prices: Prices) -> OnEngine:
    workload, region = request.workload, request.region
    model = MemoryModel(engine)
    planner = Planner(workload, model, request.limits)
    priced = [
        Priced(use, _month(prices.node(use.node_type.name, engine.name), use.nodes))
        for use in planner.plans(nodes.offered(region, engine.name))
    ]
    priced.sort(key=_order)
    return OnEngine(
        engine=engine,
        item=model.per_item(workload.data) * workload.measured,
        now=model.used(workload.data) * workload.measured,
        later=model.worst(workload.later) * workload.measured,
        plans=tuple(priced[:_LISTED]),
        serverless=_serverless(workload, model, prices.serverless(engine.name)),
    )


def _month(hour: float | None, count: int) -> float | None:
    return None if hour is None else hour * count * HOURS


def _order(plan: Priced) -> tuple[bool, float, int, int]:
    size = plan.use.node_type.maxmemory * plan.use.nodes
    return (plan.month is None, round(plan.month or 0.0, 2), plan.use.shards, size)


def _serverless(workload: Workload, model: MemoryModel, price: ServerlessPrice | None) -> ServerlessPriced:
    use = serverless(workload, model)
    if price is None:
        return ServerlessPriced(use, None, None)
    storage = max(use.gigabytes, price.least) * price.gigabyte * HOURS
    return ServerlessPriced(use, storage, use.units * 3600 * HOURS / _MILLION * price.million)
