"""Parameters by family; written by `make facts`, not by hand."""

from constructs_lib.parameters.base import Parameters
from constructs_lib.parameters.memcached14 import Memcached14Parameters
from constructs_lib.parameters.memcached15 import Memcached15Parameters
from constructs_lib.parameters.memcached16 import Memcached16Parameters
from constructs_lib.parameters.redis6x import Redis6xParameters
from constructs_lib.parameters.redis7 import Redis7Parameters
from constructs_lib.parameters.redis40 import Redis40Parameters
from constructs_lib.parameters.redis50 import Redis50Parameters
from constructs_lib.parameters.valkey7 import Valkey7Parameters
from constructs_lib.parameters.valkey8 import Valkey8Parameters
from constructs_lib.parameters.valkey9 import Valkey9Parameters

__all__ = [
    "Memcached14Parameters",
    "Memcached15Parameters",
    "Memcached16Parameters",
    "Parameters",
    "Redis6xParameters",
    "Redis7Parameters",
    "Redis40Parameters",
    "Redis50Parameters",
    "Valkey7Parameters",
    "Valkey8Parameters",
    "Valkey9Parameters",
]
