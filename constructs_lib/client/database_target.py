"""The database that a client tests in addition to the cache."""

import functools
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self, TypeVar, final

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from constructs import Construct, IConstruct

from .._core.checking import error, is_token, problem
from .._core.database_names import check_database_name
from .._core.factories import CreatedByFactory
from .._core.lazy import LazyModule

if TYPE_CHECKING:
    from aws_cdk import aws_rds as rds
else:
    rds = LazyModule("aws_cdk.aws_rds")  # a tenth of the library's import, for the few apps that have a database

T = TypeVar("T")
_CLASS: Final = "DatabaseTarget"
_POSTGRES: Final = "POSTGRESQL"
_AUTHORITIES: Final = Path(__file__).parent / "connection_test" / "connection_test" / "rds_authorities.json"
_WARNING: Final = "elasticache-constructs:rds-authorities"


@final
@dataclass(frozen=True, slots=True, kw_only=True, init=False)
class DatabaseTarget(CreatedByFactory):
    """A PostgreSQL of RDS or Aurora that a client tests and uses; created by `instance`, `cluster` or `of`.

    The client signs in with IAM tokens alone, as the master user and as the application's user, so that the database
    must have IAM authentication turned on; no password and no secret reaches the instance.

    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.html

    ```python
    CacheClient(
        self,
        "Client",
        vpc=vpc,
        cache=cache,
        database=DatabaseTarget.instance(database, name="shop", user="cache_admin", application_user="shop"),
    )
    ```
    """

    _factories: ClassVar = ("instance(...)", "cluster(...)", "of(...)")

    host: str
    port: float
    resource_id: str
    name: str
    user: str
    connectable: ec2.IConnectable
    application_user: str | None = None
    reader_host: str | None = None
    region: str | None = None
    source: IConstruct | None = None

    @classmethod
    def instance(
        cls,
        database: "rds.IDatabaseInstance",
        *,
        user: str,
        name: str = "postgres",
        application_user: str | None = None,
    ) -> Self:
        """A DB instance of RDS.

        :param database: a PostgreSQL with IAM authentication; an imported one needs `instance_resource_id`.
        :param user: the user of the connection test, with which a program creates the application's user: the
            master user, or another member of `rds_iam`. 1 to 63 letters, digits and `_.@+-`.
        :param name: the database that sessions open. Default: postgres.
        :param application_user: the user of a program for its own work; it must differ from `user`. Default: none.
        :raises ValueError: for another engine, an import without its resource id, or a name that does not fit.
        """
        _require_postgres(database, database.engine)
        endpoint = database.instance_endpoint
        return cls._checked(
            host=endpoint.hostname,
            port=endpoint.port,
            resource_id=_known(
                lambda: database.instance_resource_id,
                f"{database.node.path} is imported without its resource id",
                "pass instance_resource_id to DatabaseInstance.from_database_instance_attributes",
            ),
            name=name,
            user=user,
            application_user=application_user,
            connectable=database,
            region=database.env.region,
            source=database,
        )

    @classmethod
    def cluster(
        cls,
        database: "rds.IDatabaseCluster",
        *,
        user: str,
        name: str = "postgres",
        application_user: str | None = None,
    ) -> Self:
        """An Aurora or Multi-AZ DB cluster; its reader endpoint is tested as well.

        :param database: a PostgreSQL with IAM authentication; an imported one needs `cluster_resource_identifier`,
            `cluster_endpoint_address` and `port`, and for reads `reader_endpoint_address`.
        :param user: the user of the connection test, with which a program creates the application's user: the
            master user, or another member of `rds_iam`. 1 to 63 letters, digits and `_.@+-`.
        :param name: the database that sessions open. Default: postgres.
        :param application_user: the user of a program for its own work; it must differ from `user`. Default: none.
        :raises ValueError: for another engine, an import without an endpoint or its resource id, or a name that does
            not fit.
        """
        _require_postgres(database, database.engine)
        fix = "pass {} to DatabaseCluster.from_database_cluster_attributes"
        endpoint = _known(
            lambda: database.cluster_endpoint,
            f"{database.node.path} is imported without its endpoint",
            fix.format("cluster_endpoint_address and port"),
        )
        return cls._checked(
            host=endpoint.hostname,
            port=endpoint.port,
            resource_id=_known(
                lambda: database.cluster_resource_identifier,
                f"{database.node.path} is imported without its resource id",
                fix.format("cluster_resource_identifier"),
            ),
            name=name,
            user=user,
            application_user=application_user,
            connectable=database,
            reader_host=_or_none(lambda: database.cluster_read_endpoint.hostname),
            region=database.env.region,
            source=database,
        )

    @classmethod
    def of(
        cls,
        *,
        host: str,
        resource_id: str,
        user: str,
        connectable: ec2.IConnectable,
        port: float = 5432,
        name: str = "postgres",
        application_user: str | None = None,
        reader_host: str | None = None,
        region: str | None = None,
    ) -> Self:
        """A database by its attributes, such as those of an L1 resource.

        :param host: the endpoint of the instance, or the writer endpoint of the cluster; not an alias of it, because
            tokens are signed for this name.
        :param resource_id: its resource id in IAM policies: `DbiResourceId` of an instance (`db-...`),
            `DBClusterResourceId` of a cluster (`cluster-...`), or the id of a proxy (`prx-...`).
        :param user: the user of the connection test, with which a program creates the application's user: the
            master user, or another member of `rds_iam`. 1 to 63 letters, digits and `_.@+-`.
        :param connectable: the database's security group, or several as `ec2.Connections`; the rule for the client is
            added to it.
        :param port: a whole number from 1150 to 65535, or a token: `cdk.Token.as_number(resource.attr_endpoint_port)`.
            Default: 5432.
        :param name: the database that sessions open. Default: postgres.
        :param application_user: the user of a program for its own work; it must differ from `user`. Default: none.
        :param reader_host: the reader endpoint of a cluster. Default: none.
        :param region: the database's region. Default: that of the client's stack.
        :raises ValueError: for a port outside of the range, or a host, an id or a name that does not fit.
        """
        return cls._checked(
            host=host,
            port=port,
            resource_id=resource_id,
            name=name,
            user=user,
            application_user=application_user,
            connectable=connectable,
            reader_host=reader_host,
            region=region,
        )

    @classmethod
    def _checked(cls, **values: object) -> Self:
        created = cls._of(**values)
        _check_hosts(created)
        _check_names(created)
        return created

    def config(self, scope: Construct) -> Mapping[str, Any]:
        """The configuration of the connection test; its keys are those of `connection_test.database.Database`."""
        return {
            "engine": "postgres",
            "host": self.host,
            "port": self.port,
            "name": self.name,
            "user": self.user,
            "application_user": self.application_user or "",
            "region": self._region(scope),
            "reader_host": self.reader_host or "",
        }

    def admit(self, client: Construct, connections: ec2.Connections, role: iam.IRole) -> list[IConstruct]:
        """Add the rule for the port on both sides and the permission to connect; returns the prerequisites.

        :param client: the client, whose path appears in the rule, in errors, and in the warning for a region without
            known certificate authorities of RDS.
        """
        _warn_of_unknown_authorities(client, self._region(client))
        connections.allow_to(self.connectable, ec2.Port.tcp(self.port), "database")
        stack, users = cdk.Stack.of(client), [self.user, *filter(None, [self.application_user])]
        role.add_to_principal_policy(
            iam.PolicyStatement(
                actions=["rds-db:connect"],
                resources=[
                    stack.format_arn(
                        service="rds-db",
                        region=self._region(client),
                        resource="dbuser",
                        resource_name=f"{self.resource_id}/{user}",
                        arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
                    )
                    for user in users
                ],
            )
        )
        return [*self.connectable.connections.security_groups, *filter(None, [self.source])]

    def _region(self, scope: Construct) -> str:
        return self.region or cdk.Stack.of(scope).region


@functools.cache
def _regions_with_authorities() -> frozenset[str]:
    return frozenset(json.loads(_AUTHORITIES.read_text())["regions"])


def _warn_of_unknown_authorities(client: Construct, region: str) -> None:
    if not is_token(region) and region not in _regions_with_authorities():
        cdk.Annotations.of(client).add_warning_v2(
            _WARNING,
            f"{client.node.path}: the connection test has no certificate authorities of RDS for {region}, so TLS to "
            "the database fails; pass a machine_image whose trust store has them, or use another region",
        )


def _require_postgres(database: IConstruct, engine: "rds.IEngine | None") -> None:
    # An imported database may not specify its engine.
    family = engine.engine_family if engine is not None else None
    if engine is not None and family != _POSTGRES:
        raise error(
            _CLASS,
            "database",
            "be PostgreSQL",
            f"{database.node.path} with the engine {engine.engine_type}",
            "pass a PostgreSQL of RDS or Aurora, or leave database out",
        )


def _known(get: Callable[[], T | None], what: str, fix: str) -> T:
    result = _or_none(get)
    if result is None:
        raise problem(_CLASS, what, fix)
    return result


def _or_none(get: Callable[[], T]) -> T | None:
    """An attribute of an imported resource, or None; jsii raises an error if it is missing."""
    try:
        return get()
    except RuntimeError:
        return None


def _check_hosts(target: DatabaseTarget) -> None:
    for prop in ("host", "reader_host"):
        value = getattr(target, prop)
        if (
            value is not None
            and not is_token(value)
            and not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?", value)
        ):
            raise error(_CLASS, prop, "be a plain name", repr(value), "leave out the scheme and the port")
    if not is_token(target.port) and not (isinstance(target.port, int) and 1150 <= target.port <= 65535):
        raise error(
            _CLASS,
            "port",
            "be a whole number from 1150 to 65535",
            target.port,
            "pass the database's port, 5432 by default",
        )
    if not is_token(target.resource_id) and not re.fullmatch(r"(db|cluster|prx)-[A-Za-z0-9]+", target.resource_id):
        raise error(
            _CLASS,
            "resource_id",
            "be the id of a DB instance, a cluster or a proxy: db-, cluster- or prx- with letters and digits",
            repr(target.resource_id),
            "pass DbiResourceId or DBClusterResourceId, not the identifier that is in the host",
        )


def _check_names(target: DatabaseTarget) -> None:
    for prop in ("name", "user", "application_user"):
        check_database_name(_CLASS, prop, getattr(target, prop))
    if target.user == target.application_user:
        raise error(
            _CLASS,
            "application_user",
            "differ from user",
            repr(target.application_user),
            "name the role that the application signs in as, or leave it out",
        )
