"""Node types: the instance sizes of cache nodes."""

import re
from dataclasses import dataclass
from typing import ClassVar, Self, final

from elasticache_rules import facts

from .._core.checking import error, is_token

_FORM = re.compile(r"cache\.[a-z][a-z0-9]*\.[a-z0-9]+\Z")


@final
@dataclass(frozen=True, slots=True)
class NodeType:
    """A node type, which determines memory, vCPUs, network bandwidth and price of a node.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheNodes.SupportedTypes.html

    ```python
    ReplicationGroup(self, "Cache", vpc=vpc, node_type=NodeType.R7G_LARGE)
    assert NodeType.of("cache.r6gd.xlarge").has_data_tiering
    ```

    :param name: such as `cache.t4g.micro`.
    :raises ValueError: for a name in another format.
    """

    name: str

    T4G_MICRO: ClassVar[Self]
    T4G_SMALL: ClassVar[Self]
    T4G_MEDIUM: ClassVar[Self]
    M7G_LARGE: ClassVar[Self]
    R7G_LARGE: ClassVar[Self]
    R7G_XLARGE: ClassVar[Self]

    def __post_init__(self) -> None:
        if not is_token(self.name) and not _FORM.match(self.name):
            raise error(
                "NodeType",
                "name",
                "have the form cache.<family>.<size>",
                repr(self.name),
                "use one such as cache.t4g.micro",
            )

    @classmethod
    def of(cls, name: str) -> Self:
        """A node type by name.

        The cache that uses it adds a warning for a family newer than this release of the library, or an unknown size of
        a known family, and raises an error for any other unknown name.

        :param name: such as `cache.r7g.large`.
        """
        return cls(name)

    @property
    def family(self) -> str:
        """The family, such as `t4g` for cache.t4g.micro; empty if the name is a token."""
        return "" if is_token(self.name) else self.name.split(".")[1]

    @property
    def has_data_tiering(self) -> bool:
        """Whether the nodes store data on disk as well (data tiering): True for r6gd, which always does."""
        return self.family in facts.load("features")["families"]["data_tiering"]

    @property
    def vcpus(self) -> int | None:
        """The number of vCPUs; None for a token, or for a size that this release does not know.

        https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
        """
        if is_token(self.name):
            return None
        known, size = facts.load("node_sizes"), self.name.split(".")[2]
        exact = known["vcpus"].get(self.name) or known["vcpus_by_size"].get(size)
        if exact is not None:
            return int(exact)
        xlarge = re.match(r"(\d+)xlarge\Z", size)
        return int(xlarge[1]) * int(known["vcpus_per_xlarge"]) if xlarge else None

    @property
    def maximum_connections(self) -> int:
        """How many clients a node of redis or valkey takes; 65,000 for a node type that is not known.

        https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html
        """
        return facts.maximum_connections(self.name)

    def __str__(self) -> str:
        return self.name


NodeType.T4G_MICRO = NodeType("cache.t4g.micro")
NodeType.T4G_SMALL = NodeType("cache.t4g.small")
NodeType.T4G_MEDIUM = NodeType("cache.t4g.medium")
NodeType.M7G_LARGE = NodeType("cache.m7g.large")
NodeType.R7G_LARGE = NodeType("cache.r7g.large")
NodeType.R7G_XLARGE = NodeType("cache.r7g.xlarge")
