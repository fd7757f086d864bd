"""Serverless caches: no nodes to choose, paid by what they hold and do."""

from collections.abc import Sequence
from typing import Any, Final, Literal

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticache as elasticache
from aws_cdk import aws_kms as kms
from constructs import Construct

from .._core.checking import check, error
from .._core.installed import accepted
from .._core.lookups import subnet_ids
from .._core.nag import SERVERLESS_CONNECTION_TYPE, acknowledge
from .._core.names import description as describe
from .._core.names import physical_name
from ..access.access import Access, BoundAccess
from ..access.user import UserBase
from ..access.user_group import UserGroup
from ..network.subnet_selection import one_per_zone, select_cache_subnets
from ..values.authentication import Authentication
from ..values.engine import ServerlessEngine, ServerlessEngineName
from ..values.options import NetworkType
from ..values.usage_limits import UsageLimits
from .final_snapshot import final_snapshot_name as _final_name
from .final_snapshot import follow_removal_policy
from .placement import security_groups_of
from .restore import RestoreFrom
from .serverless_cache_base import ImportedServerlessCache, ServerlessCacheBase

_PROPS: Final = {
    "ServerlessCacheName": "serverless_cache_name",
    "Engine": "engine",
    "MajorEngineVersion": "engine",
    "Description": "description",
    "CacheUsageLimits": "usage_limits",
    "SnapshotRetentionLimit": "snapshot_retention_days",
    "DailySnapshotTime": "daily_snapshot_time",
    "FinalSnapshotName": "final_snapshot_name",
    "SnapshotArnsToRestore": "restore_from",
    "KmsKeyId": "kms_key",
    "UserGroupId": "access",
    "SubnetIds": "vpc_subnets",
    "NetworkType": "network_type",
    "ConnectionType": "connection_type",
}


class ServerlessCache(ServerlessCacheBase):
    """A cache without nodes: the service scales it, and the bill follows what it holds and does.

    By default: valkey 8 in two or three isolated subnets, IAM authentication, daily snapshots kept for 15 days, and
    a last snapshot when it is removed. TLS and encryption at rest are always on. Without `usage_limits` it grows, and
    costs, as much as clients ask of it.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateServerlessCache.html

    :param vpc: where its endpoints and its security group live. Default: none, where both `vpc_subnets` and
        `security_groups` list theirs.
    :param vpc_subnets: two or three subnets in different zones. Default: one isolated subnet of each zone, or else a
        private one, at most three.
    :param engine: valkey, redis or memcached, and its major version. Default: valkey 8.
    :param serverless_cache_name: 1 to 40 letters, digits and hyphens, lower case. Default: made from the path, because
        CloudFormation asks for a name.
    :param description: up to 255 characters without < and >. Default: names the stack.
    :param usage_limits: how much it may use. Default: no limit.
    :param access: how clients authenticate: IAM, users with passwords, or nobody. Default: IAM; memcached has none.
    :param security_groups: those made elsewhere. Default: a new one that lets nobody in.
    :param kms_key: the key of its data, in the same region. Default: the service's own.
    :param snapshot_retention_days: 0 to 35; 0 turns daily snapshots off. Default: 15.
    :param daily_snapshot_time: `hh24:mi` in UTC. Default: the service chooses.
    :param restore_from: snapshots or RDB files that it is filled from. Default: it begins empty.
    :param network_type: IPv4, IPv6 or both. Default: IPv4.
    :param connection_type: `vpc`, or `public` for an endpoint outside, which needs valkey 9. Default: vpc.
    :param final_snapshot_name: of the final snapshot; one of that name must not exist yet, so that only the first
        removal succeeds. Default: the cache's name and the UUID of the stack's id, another one for every new stack.
    :param removal_policy: what becomes of the data. A policy set later, by an aspect or on the L1, decides instead.
        Default: a final snapshot is taken.
    :raises ValueError: for what ElastiCache would refuse, and for props that contradict each other. Limits of names,
        times and texts that AWS does not document are warnings (ADR 9).
    """

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
        snapshot_retention_days: int = 15,
        daily_snapshot_time: str | None = None,
        restore_from: RestoreFrom | None = None,
        network_type: NetworkType | None = None,
        connection_type: Literal["vpc", "public"] | None = None,
        final_snapshot_name: str | None = None,
        removal_policy: cdk.RemovalPolicy = cdk.RemovalPolicy.SNAPSHOT,
    ) -> None:
        super().__init__(scope, id, engine=engine)
        path = self.node.path
        self._name = serverless_cache_name or physical_name(self, path)
        self._access = self._bind(path, access)
        subnets = _subnets_of(self, vpc, vpc_subnets)
        self._security_groups = security_groups_of(self, vpc, security_groups)
        final = _final_name(self, self._name, final_snapshot_name, removal_policy)
        if restore_from is not None and restore_from.snapshot_name is not None:
            raise error(
                self,
                "restore_from",
                "name ARNs",
                f"the snapshot name {restore_from.snapshot_name}",
                "use RestoreFrom.serverless_snapshot(...) or RestoreFrom.s3(...)",
            )
        properties: dict[str, Any] = {
            "ServerlessCacheName": self._name,
            "Engine": engine.engine.value,
            "MajorEngineVersion": engine.major_version,
            "Description": description or describe("Cache", self),
            "CacheUsageLimits": (usage_limits or UsageLimits()).render() or None,
            "SnapshotRetentionLimit": snapshot_retention_days,
            "DailySnapshotTime": daily_snapshot_time,
            "FinalSnapshotName": final,
            "SnapshotArnsToRestore": list(restore_from.snapshot_arns) if restore_from else None,
            "KmsKeyId": kms_key.key_arn if kms_key else None,
            "UserGroupId": self._access.user_group.user_group_id if self._access.user_group else None,
            "SubnetIds": subnet_ids(subnets),
            "SecurityGroupIds": [each.security_group_id for each in self._security_groups],
            "NetworkType": network_type.value if network_type else None,
            "ConnectionType": connection_type,
        }
        self._usage_limits = usage_limits or UsageLimits()
        self._check(properties)
        self._resource = _make(self, properties)
        follow_removal_policy(self._resource, final)
        if connection_type is not None:
            acknowledge(self._resource, SERVERLESS_CONNECTION_TYPE)
        if removal_policy is not cdk.RemovalPolicy.SNAPSHOT:
            self._resource.apply_removal_policy(removal_policy)

    def _bind(self, path: str, access: Access | None) -> BoundAccess:
        memcached = self._engine.engine is ServerlessEngineName.MEMCACHED
        if access is None:
            access = Access.none() if memcached else Access.iam()
        bound = access._bind(self, path, self._engine)
        if bound.authentication is Authentication.TOKEN or (
            memcached and bound.authentication is not Authentication.NONE
        ):
            raise error(
                self,
                "access",
                "be none for memcached" if memcached else "be users or none for a serverless cache",
                bound.authentication.value,
                "leave it out" if memcached else "use Access.iam(), which is the default",
            )
        return bound

    def _check(self, properties: dict[str, Any]) -> None:
        stated = dict(properties)
        resources: dict[str, dict[str, Any]] = {
            "Resource": {"Type": "AWS::ElastiCache::ServerlessCache", "Properties": stated}
        }
        if isinstance(self.access.user_group, UserGroup):
            users = self.access.user_group.as_resources()
            resources["UserGroup"] = users.pop("Resource")
            resources.update(users)
            stated["UserGroupId"] = {"Ref": "UserGroup"}
        check(self, resources, only="Resource", names=_PROPS)

    @property
    def serverless_cache_name(self) -> str:
        """The name, lower case; IAM tokens are signed for it."""
        return self._resource.ref

    @property
    def usage_limits(self) -> UsageLimits:
        """How much it may use."""
        return self._usage_limits

    def _addresses(self) -> tuple[str, str]:
        return self._resource.attr_endpoint_address, self._resource.attr_reader_endpoint_address

    @staticmethod
    def from_serverless_cache_attributes(
        scope: Construct,
        id: str,
        *,
        serverless_cache_name: str,
        endpoint_address: str,
        reader_endpoint_address: str,
        security_groups: Sequence[ec2.ISecurityGroup],
        engine: ServerlessEngine,
        iam_users: Sequence[UserBase] = (),
    ) -> ServerlessCacheBase:
        """A serverless cache that exists already; nothing about it is checked or changed.

        :param security_groups: those of its endpoints, that clients need a rule in.
        :param iam_users: users that authenticate with IAM, for `grants.connect`. Default: clients do not authenticate.
        """
        return ImportedServerlessCache(
            scope,
            id,
            engine=engine,
            name=serverless_cache_name,
            addresses=(endpoint_address, reader_endpoint_address),
            security_groups=security_groups,
            access=BoundAccess(
                authentication=Authentication.IAM if iam_users else Authentication.NONE, users=tuple(iam_users)
            ),
        )


def _subnets_of(cache: Construct, vpc: ec2.IVpc | None, selection: ec2.SubnetSelection | None) -> Sequence[ec2.ISubnet]:
    if vpc is None and selection is None:
        raise error(
            cache,
            "vpc",
            "be given for new resources",
            "None",
            "pass vpc, or both vpc_subnets=ec2.SubnetSelection(subnets=[...]) and security_groups",
        )
    subnets = select_cache_subnets(cache, vpc, selection)
    return subnets if selection is not None else one_per_zone(subnets)


def _make(scope: Construct, properties: dict[str, Any]) -> elasticache.CfnServerlessCache:
    limits = properties["CacheUsageLimits"] or {}
    storage, ecpu = limits.get("DataStorage"), limits.get("ECPUPerSecond")
    cache = elasticache.CfnServerlessCache
    arguments = accepted(
        scope,
        cache,
        {
            "serverless_cache_name": properties["ServerlessCacheName"],
            "engine": properties["Engine"],
            "major_engine_version": properties["MajorEngineVersion"],
            "description": properties["Description"],
            "cache_usage_limits": cache.CacheUsageLimitsProperty(
                data_storage=cache.DataStorageProperty(
                    unit=storage["Unit"], maximum=storage.get("Maximum"), minimum=storage.get("Minimum")
                )
                if storage
                else None,
                ecpu_per_second=cache.ECPUPerSecondProperty(maximum=ecpu.get("Maximum"), minimum=ecpu.get("Minimum"))
                if ecpu
                else None,
            )
            if limits
            else None,
            "snapshot_retention_limit": properties["SnapshotRetentionLimit"],
            "daily_snapshot_time": properties["DailySnapshotTime"],
            "final_snapshot_name": properties["FinalSnapshotName"],
            "snapshot_arns_to_restore": properties["SnapshotArnsToRestore"],
            "kms_key_id": properties["KmsKeyId"],
            "user_group_id": properties["UserGroupId"],
            "subnet_ids": properties["SubnetIds"],
            "security_group_ids": properties["SecurityGroupIds"],
            "network_type": properties["NetworkType"],
            "connection_type": properties["ConnectionType"],
        },
        {},
    )
    return cache(scope, "Resource", **arguments)
