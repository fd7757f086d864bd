"""Parameters by family; written by `make facts`, not by hand."""

from .base import Parameters
from .memcached14 import Memcached14Parameters
from .memcached15 import Memcached15Parameters
from .memcached16 import Memcached16Parameters
from .redis6x import Redis6xParameters
from .redis7 import Redis7Parameters
from .redis40 import Redis40Parameters
from .redis50 import Redis50Parameters
from .valkey7 import Valkey7Parameters
from .valkey8 import Valkey8Parameters
from .valkey9 import Valkey9Parameters

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
