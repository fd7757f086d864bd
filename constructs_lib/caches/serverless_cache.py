"""Serverless caches, which scale automatically and are charged by usage."""

from collections.abc import Sequence
from typing import Final, Literal

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticache as elasticache
from aws_cdk import aws_kms as kms
from constructs import Construct

from .._core.checking import error
from .._core.lookups import child_path, subnet_ids
from .._core.nag import SERVERLESS_CONNECTION_TYPE, acknowledge
from .._core.names import description as describe
from .._core.names import physical_name
from .._core.removal import keep_final_snapshot
from .._core.renamed import renamed
from .._core.resource import create, reference_to
from .._core.words import Words
from ..access.access import Access, NoAccess
from ..access.bound_access import BoundAccess
from ..network.subnet_selection import one_per_zone, select_cache_subnets
from ..values.authentication import Authentication
from ..values.engine import ServerlessEngine, ServerlessEngineName
from ..values.options import Backup, NetworkType
from ..values.usage_limits import UsageLimits
from .final_snapshot import final_snapshot_name as final_name
from .placement import InVpc, security_groups_of
from .restore import RestoreFrom
from .serverless_cache_base import ServerlessCacheBase
from .serverless_cache_import import import_serverless_cache

WORDS: Final = Words(
    {
        "ServerlessCacheName": "serverless_cache_name",
        "Engine": "engine",
        "MajorEngineVersion": "engine",
        "Description": "description",
        "CacheUsageLimits": "usage_limits",
        "SnapshotRetentionLimit": "backup.retention",
        "DailySnapshotTime": "backup.window",
        "FinalSnapshotName": "final_snapshot_name",
        "SnapshotArnsToRestore": "restore_from",
        "KmsKeyId": "kms_key",
        "UserGroupId": "access",
        "SubnetIds": "vpc_subnets",
        "NetworkType": "network_type",
        "ConnectionType": "connection_type",
    },
    {
        "serverless/users": (
            "access must be a user group of engine redis for a redis cache, got {value}; create the user group "
            "with engine=Engine.REDIS, or use a valkey version as engine"
        ),
    },
)


class ServerlessCache(InVpc, ServerlessCacheBase):
    """A serverless cache: ElastiCache scales it automatically, and charges for stored data and requests.

    By default, it runs valkey 8 in two or three isolated subnets, with IAM authentication, daily snapshots kept for 15
    days, and a final snapshot on removal. TLS and encryption at rest are always on. Without `usage_limits`, size and
    cost grow with the usage.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateServerlessCache.html

    ```python
    sessions = ServerlessCache(
        self, "Sessions", vpc=vpc, usage_limits=UsageLimits(maximum_storage=cdk.Size.gibibytes(5))
    )
    sessions.grant_connect(function)
    ```

    :param vpc: the VPC of the endpoints and the security group. Not needed if both `vpc_subnets` and `security_groups`
        are lists of resources. Default: none.
    :param vpc_subnets: two or three subnets in different Availability Zones. Default: one isolated subnet per zone, or
        one private subnet if there are no isolated ones, at most three.
    :param engine: valkey, redis or memcached, and its major version. Default: valkey 8.
    :param serverless_cache_name: 1 to 40 lower case letters, digits and hyphens. Default: generated from the stack name
        and the construct path, because CloudFormation requires a name.
    :param description: up to 255 characters without < and >. Default: a text with the name of the stack.
    :param usage_limits: the maximum and minimum usage. Default: no limits.
    :param access: the authentication of clients: IAM, users with passwords, or none. Default: IAM; none for memcached.
    :param security_groups: existing security groups. Default: a new security group without rules.
    :param kms_key: the key for encryption at rest, in the same region. Default: the service-owned key.
    :param backup: daily snapshots, taken at the start of the window. Default: kept for 15 days, at a time that
        ElastiCache chooses.
    :param restore_from: snapshots or RDB files with the initial data. Default: the cache starts empty.
    :param network_type: IPv4, IPv6 or both. Default: IPv4.
    :param connection_type: `vpc`, or `public` for an endpoint outside of the VPC, which needs valkey 9. Default: vpc.
    :param final_snapshot_name: the name of the final snapshot. The removal fails if a snapshot with this name exists.
        Default: the name of the cache with the UUID in the stack id, which is different for every stack.
    :param removal_policy: what happens to the data on removal. A policy that is set later, by an aspect or on the L1,
        takes precedence. Default: a final snapshot is taken.
    :raises ValueError: for what ElastiCache would refuse, and for props that contradict each other. Values outside
        undocumented limits of names, times and texts are warnings (ADR 9).
    """

    @renamed(
        snapshot_retention_days="backup=Backup(retention=cdk.Duration.days(...))",
        daily_snapshot_time='backup=Backup(window="04:00-05:00"), whose start is the time',
    )
    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        vpc: ec2.IVpc | None = None,
        vpc_subnets: ec2.SubnetSelection | None = None,
        engine: ServerlessEngine = ServerlessEngine.VALKEY_8,
        serverless_cache_name: str | None = None,
        description: str | None = None,
        usage_limits: UsageLimits | None = None,
        access: Access | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
        kms_key: kms.IKey | None = None,
        backup: Backup | None = None,
        restore_from: RestoreFrom | None = None,
        network_type: NetworkType | None = None,
        connection_type: Literal["vpc", "public"] | None = None,
        final_snapshot_name: str | None = None,
        removal_policy: cdk.RemovalPolicy = cdk.RemovalPolicy.SNAPSHOT,
    ) -> None:
        path = child_path(scope, id)
        name = physical_name(scope, path) if serverless_cache_name is None else serverless_cache_name
        final = final_name(scope, path, name, final_snapshot_name, removal_policy)
        _refuse_no_network(path, vpc, vpc_subnets, security_groups)
        if restore_from is not None and restore_from.snapshot_name is not None:
            raise error(
                path,
                "restore_from",
                "name ARNs",
                f"the snapshot name {restore_from.snapshot_name}",
                "use RestoreFrom.serverless_snapshot(...) or RestoreFrom.s3(...)",
            )
        super().__init__(
            scope,
            id,
            engine=engine,
            access=lambda cache: _bound(cache, path, engine, access),
            security_groups=lambda cache: security_groups_of(cache, vpc, security_groups),
        )
        self._usage_limits, self._vpc = usage_limits or UsageLimits(), vpc
        group = self.access.user_group
        self._resource = create(
            self,
            elasticache.CfnServerlessCache,
            {
                "ServerlessCacheName": name,
                "Engine": engine.engine.value,
                "MajorEngineVersion": engine.major_version,
                "Description": description or describe("Cache", self),
                "CacheUsageLimits": self._usage_limits.render() or None,
                "FinalSnapshotName": final,
                "SnapshotArnsToRestore": list(restore_from.snapshot_arns) if restore_from else None,
                "KmsKeyId": kms_key.key_arn if kms_key else None,
                "UserGroupId": group.user_group_id if group else None,
                "SubnetIds": subnet_ids(_subnets_of(self, vpc, vpc_subnets)),
                "SecurityGroupIds": [security_group.security_group_id for security_group in self._security_groups],
                "NetworkType": network_type.value if network_type else None,
                "ConnectionType": connection_type,
                **(backup or Backup()).render_serverless(),
            },
            words=WORDS,
            related=[group] if group else [],
            removal_policy=removal_policy,
            final_snapshot="FinalSnapshotName",
        )
        if connection_type is not None:
            acknowledge(self._resource, SERVERLESS_CONNECTION_TYPE)

    @property
    def serverless_cache_name(self) -> str:
        """The name in lower case, for which clients sign IAM tokens; a token."""
        return reference_to(self)

    @property
    def serverless_cache_status(self) -> str:
        """The status that CloudFormation returns, such as `available`; a token."""
        return self._resource.attr_status

    @property
    def full_engine_version(self) -> str:
        """The engine version with its minor version, such as `8.0`; a token."""
        return self._resource.attr_full_engine_version

    @property
    def create_time(self) -> str:
        """The time of creation in UTC; a token."""
        return self._resource.attr_create_time

    @property
    def usage_limits(self) -> UsageLimits:
        """The maximum and minimum usage; without values if there are no limits."""
        return self._usage_limits

    def apply_removal_policy(self, policy: cdk.RemovalPolicy) -> None:
        """Set what CloudFormation does with the cache when it is removed from the stack or replaced.

        :param policy: `DESTROY`, `RETAIN`, or `SNAPSHOT` for a final snapshot.
        """
        if policy is cdk.RemovalPolicy.SNAPSHOT:
            keep_final_snapshot(self._resource)
        else:
            super().apply_removal_policy(policy)

    def _addresses(self) -> tuple[str, str]:
        return self._resource.attr_endpoint_address, self._resource.attr_reader_endpoint_address

    @staticmethod
    def from_serverless_cache_name(scope: Construct, id: str, serverless_cache_name: str) -> ServerlessCacheBase:
        """Import a serverless cache of the stack's account and region by its name.

        The name is enough for permissions, metrics, alarms, a dashboard and events. Members that need another attribute
        raise an error; pass it to `from_serverless_cache_attributes`.

        Example: `ServerlessCache.from_serverless_cache_name(self, "Sessions", "sessions").metrics.evictions()`.

        :param serverless_cache_name: letters, digits and hyphens.
        :raises ValueError: for a name that is malformed.
        """
        return import_serverless_cache(scope, id, serverless_cache_name=serverless_cache_name)

    @staticmethod
    def from_serverless_cache_arn(scope: Construct, id: str, serverless_cache_arn: str) -> ServerlessCacheBase:
        """Import a serverless cache by its ARN, also from another account or region.

        Example: `ServerlessCache.from_serverless_cache_arn(self, "Sessions", cdk.Fn.import_value("SessionsArn"))`.

        :param serverless_cache_arn: `arn:aws:elasticache:<region>:<account>:serverlesscache:<name>`.
        :raises ValueError: for an ARN that is malformed, or of another kind of resource.
        """
        return import_serverless_cache(scope, id, serverless_cache_arn=serverless_cache_arn)

    @staticmethod
    @renamed(iam_users="access=Access.users([...])")
    def from_serverless_cache_attributes(
        scope: Construct,
        id: str,
        *,
        serverless_cache_name: str | None = None,
        serverless_cache_arn: str | None = None,
        endpoint_address: str | None = None,
        reader_endpoint_address: str | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
        engine: ServerlessEngine | None = None,
        usage_limits: UsageLimits | None = None,
        access: Access | None = None,
    ) -> ServerlessCacheBase:
        """Import a serverless cache with attributes; its properties are not checked.

        Only the name or the ARN is required. Members that need an attribute that was not passed raise an error.

        Example: `from_serverless_cache_attributes(self, "Sessions", serverless_cache_name="sessions",
        security_groups=[security_group], engine=ServerlessEngine.VALKEY_8)` has the attributes that
        `connections` needs.

        :param serverless_cache_name: the name. Default: the name in the ARN.
        :param serverless_cache_arn: the ARN, also from another account or region. Default: built from the name.
        :param endpoint_address: the DNS name of the endpoint, for clients. Default: not known.
        :param reader_endpoint_address: the DNS name of the reader endpoint, for clients. Default: not known.
        :param security_groups: the security groups of the endpoints, for connections. Default: not known.
        :param engine: the engine and its major version, which determine the port. Default: not known.
        :param usage_limits: the usage limits, for alarms near the limits. Default: no limits.
        :param access: the authentication of clients, for a client and `grant_connect`: `Access.users([...])` with
            imported users, `Access.user_group(...)` or `Access.none()`. Default: not known.
        :raises ValueError: if both or neither of name and ARN are passed, or if one is malformed.
        """
        return import_serverless_cache(
            scope,
            id,
            serverless_cache_name=serverless_cache_name,
            serverless_cache_arn=serverless_cache_arn,
            addresses=(endpoint_address, reader_endpoint_address),
            security_groups=security_groups,
            engine=engine,
            usage_limits=usage_limits,
            access=access,
        )


def _bound(cache: Construct, path: str, engine: ServerlessEngine, access: Access | None) -> BoundAccess:
    memcached = engine.engine is ServerlessEngineName.MEMCACHED
    chosen = access or (Access.none() if memcached else Access.iam())
    if memcached and not isinstance(chosen, NoAccess):
        raise error(path, "access", "be Access.none() for memcached", chosen, "leave it out")
    bound = chosen.bind(cache, path, engine, or_auth_token=False)
    if bound.authentication is Authentication.TOKEN:
        raise error(
            path,
            "access",
            "be users or Access.none() for a serverless cache",
            chosen,
            "use Access.iam(), which is the default",
        )
    return bound


def _subnets_of(cache: Construct, vpc: ec2.IVpc | None, selection: ec2.SubnetSelection | None) -> Sequence[ec2.ISubnet]:
    subnets = select_cache_subnets(cache, vpc, selection)
    return subnets if selection is not None else one_per_zone(subnets)


def _refuse_no_network(
    path: str,
    vpc: ec2.IVpc | None,
    vpc_subnets: ec2.SubnetSelection | None,
    security_groups: Sequence[ec2.ISecurityGroup] | None,
) -> None:
    if vpc is None and (vpc_subnets is None or security_groups is None):
        raise error(
            path,
            "vpc",
            "be given for new resources",
            "None",
            "pass vpc, or both vpc_subnets=ec2.SubnetSelection(subnets=[...]) and security_groups",
        )
