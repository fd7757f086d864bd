"""What a workload uses of ElastiCache Serverless."""

from dataclasses import dataclass
from typing import Final

from elasticache_operations.capacity.memory import MemoryModel
from elasticache_operations.capacity.plan import Workload

MOST_GIGABYTES: Final = 5000
MOST_UNITS: Final = 15_000_000
_KILOBYTE: Final = 1024
_GIGABYTE: Final = 2**30


@dataclass(frozen=True, slots=True)
class Serverless:
    """Storage and processing of a serverless cache.

    :param gigabytes: stored on average, of 2^30 bytes.
    :param units: ElastiCache processing units (ECPU) a second.
    """

    gigabytes: float
    units: float

    @property
    def offered(self) -> bool:
        """Whether one serverless cache can be as large."""
        return self.gigabytes <= MOST_GIGABYTES and self.units <= MOST_UNITS


def serverless(workload: Workload, model: MemoryModel) -> Serverless:
    """The use of a serverless cache at the end of the months.

    A simple command takes one ECPU for each KB that it transfers, and at least one.

    Source: https://aws.amazon.com/elasticache/pricing/
    """
    stored = model.used(workload.later) * workload.measured
    each = max(1.0, workload.data.data / _KILOBYTE)
    return Serverless(stored / _GIGABYTE, workload.operations * each)
