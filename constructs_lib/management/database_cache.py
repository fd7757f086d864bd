"""A cache for an existing database: in the same subnets, for the same clients, with alarms."""

from collections.abc import Sequence
from dataclasses import replace

import aws_cdk as cdk
import jsii
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_rds as rds
from aws_cdk import aws_sns as sns
from constructs import Construct

from .._core.aws_resource import require_same_environment
from .._core.checking import error, is_token, problem
from .._core.database_names import check_database_name
from ..caches import presets
from ..caches.preset_kinds import ReplicationGroupPreset, ServerlessPreset
from ..caches.replication_group import ReplicationGroup
from ..caches.serverless_cache import ServerlessCache
from ..values.engine import EngineVersion
from ..values.node_type import NodeType
from .alarms import AlarmThresholds, CacheAlarms


@jsii.implements(ec2.IConnectable)
class DatabaseCache(Construct):
    """A cache for an RDS instance or an Aurora cluster, in the subnets of the database.

    It corresponds to "Create ElastiCache cluster" in the RDS console: a cache in the VPC and the subnets of the
    database, encrypted at rest and in transit, with IAM authentication, a new security group, and alarms.

    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/creating-elasticache-cluster-with-RDS-settings.html

    ```python
    shop = DatabaseCache(self, "ShopCache", database=database, clients=[service])
    shop.grant_connect(service.task_definition.task_role, database_user="shop")
    ```

    :param database: the database, created here or imported. An L1 resource is imported by its attributes, with
        `rds.DatabaseInstance.from_database_instance_attributes` or the method of `rds.DatabaseCluster`.
    :param vpc: the VPC of the database. Default: the VPC in which it is created; required for an imported database.
    :param vpc_subnets: the subnets of the cache. Default: those of the subnet group that is created with the database;
        required for an imported database or subnet group.
    :param preset: kind, engine and size of the cache, such as `presets.production(EngineVersion.VALKEY_9_0)`.
        Default: the newest Valkey on two cache.t4g.micro nodes in two zones, with a daily snapshot.
    :param clients: the clients of the database, which may connect to the cache; security group rules are added on
        both sides, in the stack of the client, or in that of the cache for a client beside the database. Default:
        none; add more with `connections`.
    :param kms_key: the key for encryption at rest, in the same region. Default: the customer managed key of a database
        that is created with one; otherwise the service-owned key. An imported database does not tell its key.
    :param topic: the SNS topic that the alarms notify, also when they end. Default: none.
    :param thresholds: the thresholds of the alarms. Default: `AlarmThresholds()`.
    :raises ValueError: for a database whose VPC or subnets are not known, or in another region or account, and for
        what ElastiCache would refuse.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        database: rds.IDatabaseInstance | rds.IDatabaseCluster,
        vpc: ec2.IVpc | None = None,
        vpc_subnets: ec2.SubnetSelection | None = None,
        preset: ReplicationGroupPreset | ServerlessPreset | None = None,
        clients: Sequence[ec2.IConnectable] = (),
        kms_key: kms.IKey | None = None,
        topic: sns.ITopic | None = None,
        thresholds: AlarmThresholds | None = None,
    ) -> None:
        super().__init__(scope, id)
        require_same_environment(self, "database", database)
        self._database = database
        where = self._vpc_of(vpc)
        self._cache = (preset or _default()).create(
            self,
            "Cache",
            vpc=where,
            vpc_subnets=vpc_subnets or self._subnets_of(where),
            kms_key=kms_key or self._key_of_database(),
        )
        self._alarms = CacheAlarms(self, "Alarms", cache=self._cache, topic=topic, thresholds=thresholds)
        for client in clients:
            self._admit(client, where)

    @property
    def cache(self) -> ReplicationGroup | ServerlessCache:
        """The cache."""
        return self._cache

    @property
    def database(self) -> rds.IDatabaseInstance | rds.IDatabaseCluster:
        """The database behind the cache."""
        return self._database

    @property
    def alarms(self) -> CacheAlarms:
        """The alarms of the cache."""
        return self._alarms

    @property
    def connections(self) -> ec2.Connections:
        """The security group of the cache, with the port of the cache as default port."""
        return self._cache.connections

    def grant_connect(self, grantee: iam.IGrantable, *, database_user: str | None = None) -> iam.Grant:
        """Let a role authenticate at the cache, and at the database as one of its users.

        Example: `shop.grant_connect(function, database_user="shop")`.

        :param grantee: the role, or a construct with a role.
        :param database_user: a user of the database that is a member of `rds_iam`, 1 to 63 letters, digits and
            `_.@+-`. Default: access to the cache only.
        :returns: one grant with all statements.
        :raises ValueError: for a name that does not fit, and for a database without IAM authentication, or imported
            without its resource id.
        """
        check_database_name(self, "database_user", database_user)
        granted = self._cache.grant_connect(grantee)
        if database_user is None:
            return granted
        try:
            return granted.combine(self._database.grant_connect(grantee, database_user))
        except RuntimeError as refused:
            raise problem(
                self,
                f"{self._database.node.path} cannot be connected to with IAM",
                "create it with iam_authentication=True, or import it with its resource id",
            ) from refused

    def _admit(self, client: ec2.IConnectable, vpc: ec2.IVpc) -> None:
        """Add the rules of a client to the stack of the client, or to that of the cache where it needs the other."""
        needed = {cdk.Stack.of(construct).node.addr for construct in (self._database, vpc)}
        if any(cdk.Stack.of(group).node.addr in needed for group in client.connections.security_groups):
            self._cache.connections.allow_default_port_from(client, "cache")
        else:
            client.connections.allow_to_default_port(self._cache.connections, "cache")

    def _vpc_of(self, given: ec2.IVpc | None) -> ec2.IVpc:
        # The interfaces do not have this property, because an imported database has no VPC.
        known: ec2.IVpc | None = getattr(self._database, "vpc", None)
        vpc = given or known
        if vpc is None:
            raise error(
                self,
                "vpc",
                "be given for an imported database",
                "None",
                "pass the VPC and the subnets of the database",
            )
        if known is not None and known.vpc_id != vpc.vpc_id:
            raise error(
                self,
                "vpc",
                f"be the one of the database ({known.node.path})",
                vpc.node.path,
                "leave it out",
            )
        return vpc

    def _key_of_database(self) -> kms.IKey | None:
        """The key with which the database is created; values of the database are in the cache, too."""
        resource = self._database.node.default_child
        if not isinstance(resource, rds.CfnDBInstance | rds.CfnDBCluster):
            return None
        arn = resource.kms_key_id
        # An id or an alias, which only an escape hatch sets, is no ARN.
        if arn is None or not (is_token(arn) or arn.startswith("arn:")):
            return None
        return kms.Key.from_key_arn(self, "KeyOfDatabase", arn)

    def _subnets_of(self, vpc: ec2.IVpc) -> ec2.SubnetSelection:
        """The subnets of the subnet group that was created with the database."""
        ids = {
            subnet
            for group in self._database.node.find_all()
            if isinstance(group, rds.CfnDBSubnetGroup)
            for subnet in group.subnet_ids
        }
        available = (*vpc.isolated_subnets, *vpc.private_subnets, *vpc.public_subnets)
        subnets = [subnet for subnet in available if subnet.subnet_id in ids]
        if not subnets:
            raise error(
                self,
                "vpc_subnets",
                "be given for a database that is imported or has a subnet group made elsewhere",
                "None",
                "pass the subnets of the database",
            )
        return ec2.SubnetSelection(subnets=subnets)


def _default() -> ReplicationGroupPreset:
    """Like `presets.dev_test`, on the smallest nodes."""
    preset = presets.dev_test(EngineVersion.latest("valkey"))
    return replace(preset, node_type=NodeType.T4G_MICRO)
