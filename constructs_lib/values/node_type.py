"""Node types."""

import re
from dataclasses import dataclass
from typing import ClassVar, Self, final

from elasticache_rules import facts

from .._core.checking import is_token

_FORM = re.compile(r"cache\.[a-z][a-z0-9]*\.[a-z0-9]+\Z")


@final
@dataclass(frozen=True, slots=True)
class NodeType:
    """The size of a node: its family and size decide memory, processors and price.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheNodes.SupportedTypes.html

    :param name: such as `cache.t4g.micro`.
    :raises ValueError: when the name has another form.
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
            raise ValueError(
                f"NodeType: name must have the form cache.<family>.<size>, got {self.name!r}; "
                "use one such as cache.t4g.micro"
            )

    @classmethod
    def of(cls, name: str) -> Self:
        """A node type by name.

        A family newer than this release, or a larger size of a known family, is a warning; another unknown name is an
        error of the cache that uses it.

        :param name: such as `cache.r7g.large`.
        """
        return cls(name)

    @property
    def family(self) -> str:
        """The family: t4g for cache.t4g.micro; empty where only the deployment knows the name."""
        return "" if is_token(self.name) else self.name.split(".")[1]

    @property
    def has_data_tiering(self) -> bool:
        """Whether its data spills to disk: r6gd nodes always do, and no other."""
        return self.family in facts.load("features")["families"]["data_tiering"]

    @property
    def vcpus(self) -> int | None:
        """How many virtual processors it has; None for a size that is not known here.

        https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
        """
        if is_token(self.name):
            return None
        known, size = facts.load("node_sizes"), self.name.split(".")[2]
        exact = known["vcpus"].get(self.name) or known["vcpus_by_size"].get(size)
        if exact is not None:
            return int(exact)
        many = re.match(r"(\d+)xlarge\Z", size)
        return int(many[1]) * int(known["vcpus_per_xlarge"]) if many else None

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
