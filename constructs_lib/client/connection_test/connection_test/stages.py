"""The stages: their order, exit statuses and steps for each type of cache and for a database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Optional

from connection_test import config as configuration
from connection_test import (
    stage_data,
    stage_database,
    stage_engine,
    stage_memcached,
    stage_network,
    stage_replicas,
    stage_secondary,
    stage_topology,
    waiting,
)
from connection_test.config import Config
from connection_test.context import Context
from connection_test.report import EXIT_CODES

Step = Callable[[Context], Optional[str]]


@dataclass(frozen=True)
class Stage:
    """A stage. A step returns a detail for the report; if it returns None or there is no step, nothing is tested.

    :param redis: of Redis OSS and Valkey.
    :param memcached: of Memcached.
    :param secondary: in a secondary region of a Global Datastore.
    """

    name: str
    redis: Optional[Step]
    memcached: Optional[Step]
    secondary: Optional[Step]

    @property
    def exit_code(self) -> int:
        """The command's exit status when this stage fails; it never changes."""
        return EXIT_CODES[self.name]

    def step(self, config: Config) -> Optional[Step]:
        """The step for a cache."""
        if config.engine == "memcached":
            return self.memcached
        return self.secondary if config.global_role == "secondary" else self.redis


def _config(context: Context) -> Optional[str]:
    return configuration.check(context.config)


def _of_engine(name: str, redis: Step, memcached: Optional[Step], secondary: Step) -> Stage:
    """A stage after `auth`; it waits for states of Redis OSS and Valkey that end by themselves."""
    return Stage(name, waiting.patient(redis), memcached, waiting.patient(secondary))


def _same(name: str, step: Step) -> Stage:
    return Stage(name, step, step, step)


# A failure of one of them is a warning where the cache is optional.
CACHE_STAGES = frozenset(["dns", "tcp", "tls", "auth", "ping", "topology", "data", "replicas", "latency"])
STAGES = (
    _same("config", _config),
    _same("clock", stage_network.clock),
    _same("dns", stage_network.dns),
    _same("tcp", stage_network.tcp),
    _same("tls", stage_network.tls),
    Stage("auth", stage_engine.auth, None, stage_engine.auth),
    _of_engine("ping", stage_engine.ping, stage_memcached.ping, stage_engine.ping),
    _of_engine("topology", stage_topology.topology, stage_memcached.topology, stage_topology.topology),
    _of_engine("data", stage_data.data, stage_memcached.data, stage_secondary.data),
    _of_engine("replicas", stage_replicas.replicas, None, stage_secondary.replicas),
    _of_engine("latency", stage_data.latency, stage_memcached.latency, stage_secondary.latency),
    _same("db-dns", stage_database.dns),
    _same("db-tcp", stage_database.tcp),
    _same("db-tls", stage_database.tls),
    _same("db-auth", stage_database.auth),
    _same("db-query", stage_database.query),
)
