"""The interface of every source of prices."""

from dataclasses import dataclass
from typing import Protocol

from elasticache_operations.report import Source


@dataclass(frozen=True, slots=True)
class Price:
    """A price in USD, or why it is not known. A price that is not known is never counted as zero.

    :param source: where it comes from. Default: the source of the book.
    """

    usd: float | None
    why: str = ""
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class ServerlessPrice:
    """The prices of serverless caches of an engine.

    :param gb_hour: of a stored GB in an hour.
    :param million_ecpu: of a million ElastiCache processing units.
    """

    gb_hour: Price
    million_ecpu: Price


class PriceBook(Protocol):
    """The prices of one region."""

    @property
    def region(self) -> str:
        """The region."""

    @property
    def source(self) -> Source:
        """Where the prices come from, and their date."""

    def node(self, engine: str, node_type: str) -> Price:
        """On demand, of a node in an hour; `engine` is redis, valkey or memcached."""

    def durability(self, node_type: str) -> Price:
        """What durable writes add to a Valkey node in an hour."""

    def serverless(self, engine: str) -> ServerlessPrice:
        """Of serverless caches."""

    def backup(self) -> Price:
        """Of a stored GB of backups in a month."""

    def instance(self, instance_type: str) -> Price:
        """On demand, of a Linux instance of EC2 in an hour."""

    def volume(self, volume_type: str) -> Price:
        """Of a GB of an EBS volume in a month."""

    def database(self, engine: str, instance_class: str, *, multi_az: bool) -> Price:
        """On demand, of a DB instance of RDS in an hour."""

    def database_storage(self, storage_type: str, *, multi_az: bool) -> Price:
        """Of a GB of storage of RDS in a month."""

    def capacity_unit(self, engine: str) -> Price:
        """Of an Aurora capacity unit in an hour."""
