"""The deployment that a context chooses, and the names of all deployments."""

from collections.abc import Mapping
from typing import Any

from stacks import deployments

NAMES = "cluster-mode-disabled, cluster-mode-enabled, memcached, serverless, global-datastore, rds-behind-cache"


def choose(context: Mapping[str, Any]) -> Any:
    """The chosen deployment, of whatever kind: each has fields of its own."""
    return deployments.choose(context)
