"""What a picture shows: regions, VPCs, zones, caches with their shards, clients, users and changes."""

from dataclasses import dataclass, field
from typing import ClassVar, Final

ADDED: Final = "added"
CHANGED: Final = "changed in place"
REPLACED: Final = "replaced"
REMOVED: Final = "removed"
SIGNS: Final = {ADDED: "+", CHANGED: "~", REPLACED: "!", REMOVED: "\N{MINUS SIGN}"}
"""The sign of each change, which stands beside the word."""
SLOTS: Final = 16_384

PRIMARY: Final = "primary"
REPLICA: Final = "replica"
READS_ONLY: Final = "reads only"
NODE: Final = "node"
STANDBY: Final = "standby"
WRITER: Final = "writer"
READER: Final = "reader"
INSTANCE: Final = "instance"
WRITTEN: Final = (PRIMARY, NODE, WRITER, INSTANCE)
"""The roles of nodes that take writes."""


@dataclass(frozen=True, slots=True)
class Node:
    """One node of a shard.

    :param role: `PRIMARY`, `REPLICA`, `READS_ONLY` or `NODE`; of a database `INSTANCE`, `STANDBY`, `WRITER` or
        `READER`.
    :param zone: the Availability Zone of the template; None where the service chooses it.
    """

    role: str
    zone: str | None = None
    change: str = ""


@dataclass(frozen=True, slots=True)
class Shard:
    """One shard, or for Memcached all nodes of the cluster.

    :param slots: the first and the last slot of each range; empty without cluster mode.
    """

    number: int
    nodes: tuple[Node, ...]
    slots: tuple[tuple[int, int], ...] = ()
    change: str = ""


@dataclass(frozen=True, slots=True)
class Store:
    """A cache or a database.

    :param key: unique in the picture, the anchor of its column in the table.
    :param identity: the stack and the logical id, which a change is looked up by.
    :param title: what it is, such as `Redis 7.1 replication group`.
    :param name: its construct path, or its logical id.
    :param summary: short facts, for the box.
    :param facts: names and values, for the table.
    :param shards: None where their number is only known at deployment; the instances of a database are one.
    :param notes: what the template leaves open, for the box.
    :param ports: of the endpoints; empty where only known at deployment.
    :param proof: how clients authenticate.
    """

    kind: ClassVar[str] = "store"
    key: str
    identity: tuple[str, str]
    title: str
    name: str
    engine: str
    sentence: str
    summary: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    shards: tuple[Shard, ...] | None
    notes: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    tls: bool = False
    proof: str = ""
    change: str = ""


@dataclass(frozen=True, slots=True)
class Cache(Store):
    """A cache.

    :param node_count: None where only known at deployment.
    """

    kind: ClassVar[str] = "cache"
    node_type: str = ""
    node_count: int | None = None
    cluster_mode: bool = False
    primary: str | None = None
    secondary: bool = False
    cost: float | None = None


@dataclass(frozen=True, slots=True)
class Database(Store):
    """An RDS database in the VPC of a cache: a DB instance or a cluster."""

    kind: ClassVar[str] = "database"


@dataclass(frozen=True, slots=True)
class Route:
    """A path from a client to a cache or a database, which the security groups allow.

    :param store: the key of the cache or the database.
    :param label: protocol and port, encryption, and how the client authenticates.
    :param note: what the templates do not show about it.
    """

    store: str
    label: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Client:
    """A client of caches and databases, or a range of addresses that may connect.

    :param columns: the positions of its zones among those of the VPC; empty where unknown.
    :param source: whether it is an address range or a foreign security group, not a resource.
    """

    key: str
    identity: tuple[str, str]
    title: str
    name: str
    columns: tuple[int, ...]
    routes: tuple[Route, ...]
    source: bool = False
    change: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """An Availability Zone of a VPC with its subnets.

    :param zone: its name; None where only its position or nothing is known.
    :param titles: from the longest to the shortest; the longest that fits is drawn.
    :param subnets: a line each: the kind and the addresses.
    """

    zone: str | None
    titles: tuple[str, ...]
    subnets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Vpc:
    """A VPC with its caches, their databases and the clients.

    :param ways: the ways out of it; empty where the template does not show them.
    :param notes: endpoints and flow logs.
    """

    title: str
    columns: tuple[Column, ...]
    caches: tuple[Cache, ...]
    clients: tuple[Client, ...]
    ways: str = ""
    notes: tuple[str, ...] = ()
    databases: tuple[Database, ...] = ()

    @property
    def stores(self) -> tuple[Store, ...]:
        """What is drawn across the zones: the caches, and then the databases."""
        return (*self.caches, *self.databases)


@dataclass(frozen=True, slots=True)
class Region:
    """A region with its VPCs.

    :param name: empty for the region of the deploy.
    :param note: its role in a Global Datastore.
    """

    name: str
    vpcs: tuple[Vpc, ...]
    note: str = ""

    @property
    def title(self) -> str:
        """Its heading."""
        return f"Region {self.name}" if self.name else "Region of the deploy"


@dataclass(frozen=True, slots=True)
class User:
    """A user of a cache, and what it may do, in words."""

    identity: tuple[str, str]
    name: str
    of: str
    proof: str
    may: str
    change: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything that is drawn.

    :param edges: replication of Global Datastores, as positions of two regions.
    :param sentence: the text alternative of the picture.
    """

    title: str
    source: str
    stacks: int
    resources: int
    regions: tuple[Region, ...]
    users: tuple[User, ...]
    sentence: str
    edges: tuple[tuple[int, int], ...] = ()
    cost: float | None = None

    @property
    def caches(self) -> tuple[Cache, ...]:
        """All caches, region by region."""
        return tuple(cache for region in self.regions for vpc in region.vpcs for cache in vpc.caches)

    @property
    def databases(self) -> tuple[Database, ...]:
        """All databases, region by region."""
        return tuple(database for region in self.regions for vpc in region.vpcs for database in vpc.databases)

    @property
    def stores(self) -> tuple[Store, ...]:
        """All caches and databases."""
        return (*self.caches, *self.databases)

    @property
    def clients(self) -> tuple[tuple[Region, Client], ...]:
        """All clients with their regions."""
        return tuple((region, client) for region in self.regions for vpc in region.vpcs for client in vpc.clients)


@dataclass(frozen=True, slots=True)
class Row:
    """One change of one resource, in the list of changes.

    :param effect: `ADDED`, `CHANGED`, `REPLACED` or `REMOVED`.
    :param main: whether it is a cache or of its access; others are folded.
    """

    effect: str
    name: str
    what: str
    lost: str = ""
    kept_by: str = ""
    steps: tuple[str, ...] = ()
    main: bool = True
    decision: bool = False


@dataclass(frozen=True, slots=True)
class Delta:
    """Two pictures and what changes between them.

    :param effects: by stack and logical id, the change that the box shows.
    """

    before: Picture
    after: Picture
    rows: tuple[Row, ...]
    effects: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def decisions(self) -> tuple[Row, ...]:
        """The changes that need a decision."""
        return tuple(row for row in self.rows if row.decision)

    def count(self, effect: str) -> int:
        """How many resources have this effect, each counted once."""
        return sum(value == effect for value in self.effects.values())
