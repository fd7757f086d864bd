"""A secondary of a Global Datastore: a read-only copy in another region."""

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticache as elasticache
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct

from elasticache_rules import facts

from .._core.checking import error, must_be_known
from .._core.lookups import child_path, region_of
from .._core.names import description as describe
from .._core.resource import create, reference_to
from ..access.access import Access
from ..access.bound_access import BoundAccess
from ..network.subnet_group import SubnetGroupBase
from ..values.authentication import Authentication
from ..values.cluster_mode import ClusterMode
from ..values.log_delivery import LogDelivery, bind_logs
from ..values.node_type import NodeType
from ..values.options import Backup
from .global_datastore import GlobalDatastoreBase
from .placement import InSubnetGroup, require_subnets, security_groups_of, subnet_group_of
from .replication_group_base import ReplicationGroupBase, endpoint_address
from .replication_group_words import SECONDARY_WORDS


class GlobalDatastoreSecondary(InSubnetGroup, ReplicationGroupBase):
    """A secondary member of a Global Datastore, in a stack of another region.

    It inherits engine, version, node type, shards, parameters, TLS and encryption at rest from the Global Datastore, so
    there are no props for them. It is read-only until it is promoted. By default it has one replica, Multi-AZ, IAM
    authentication with new users, and daily snapshots kept for 15 days.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Redis-Global-Datastore.html

    ```python
    # In a stack of another region than the stack of `global_datastore`.
    GlobalDatastoreSecondary(self, "Orders", global_datastore=global_datastore, vpc=vpc)
    ```

    :param global_datastore: the Global Datastore. A reference to the stack of another region is a weak reference.
    :param vpc: the VPC of the nodes and the security group. Not needed with both `subnet_group` and `security_groups`.
        Default: none.
    :param vpc_subnets: the subnets of the nodes. Default: the isolated subnets, or the private subnets if there are
        none.
    :param replicas_per_shard: the number of replicas in each shard, 1 to 5. Default: 1.
    :param access: the authentication of clients of this region: IAM, users, or none. Default: IAM.
    :param description: 1 to 255 characters. Default: a text with the name of the stack.
    :param replication_group_id: 1 to 40 letters, digits and hyphens. Default: CloudFormation generates an id.
    :param subnet_group: an existing subnet group, instead of `vpc_subnets`. Default: a new subnet group.
    :param security_groups: existing security groups. Default: a new security group without rules.
    :param port: 1150 to 65535, not 8005. Default: the port of the primary.
    :param kms_key: the key for encryption at rest, from this region. Default: the service-owned key.
    :param backup: automatic snapshots in this region. Default: daily, kept for 15 days.
    :param maintenance_window: weekly, `ddd:hh24:mi-ddd:hh24:mi` in UTC. Default: ElastiCache chooses.
    :param multi_az: whether the nodes of a shard are in different Availability Zones. Default: True.
    :param logs: the slow log and the engine log of this region. Default: none.
    :param notification_topic: the SNS topic for failovers and other events, in this region. Default: none.
    :param removal_policy: what happens to the data on removal. Default: a final snapshot is taken.
    :raises ValueError: for what ElastiCache would refuse, or a stack in the region of the primary.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        global_datastore: GlobalDatastoreBase,
        vpc: ec2.IVpc | None = None,
        vpc_subnets: ec2.SubnetSelection | None = None,
        replicas_per_shard: int = 1,
        access: Access | None = None,
        description: str | None = None,
        replication_group_id: str | None = None,
        subnet_group: SubnetGroupBase | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
        port: int | None = None,
        kms_key: kms.IKey | None = None,
        backup: Backup | None = None,
        maintenance_window: str | None = None,
        multi_az: bool | cdk.IResolvable = True,
        logs: Sequence[LogDelivery] = (),
        notification_topic: sns.ITopic | None = None,
        removal_policy: cdk.RemovalPolicy = cdk.RemovalPolicy.SNAPSHOT,
    ) -> None:
        primary, path = global_datastore.primary, child_path(scope, id)
        region = _region(path, scope, primary)
        must_be_known(path, "replicas_per_shard", replicas_per_shard)
        require_subnets(path, vpc, vpc_subnets, subnet_group)
        most = facts.limit("replicas_per_shard", "max")
        if not 1 <= replicas_per_shard <= most:
            raise error(
                path,
                "replicas_per_shard",
                f"be 1 to {most}, because a secondary inherits automatic failover",
                replicas_per_shard,
                "leave it out for one replica",
            )
        mode = (
            ClusterMode.enabled(shards=primary.cluster_mode.shards, replicas_per_shard=replicas_per_shard)
            if primary.cluster_mode.is_clustered
            else ClusterMode.disabled(replicas=replicas_per_shard)
        )
        super().__init__(
            scope,
            id,
            cluster_mode=mode,
            engine=primary.engine,
            transit_encryption=primary.transit_encryption,
            port=primary.port if port is None else port,
            access=lambda cache: _bound(cache, path, access or Access.iam(), primary),
            security_groups=lambda cache: security_groups_of(cache, vpc, security_groups),
            global_role="secondary",
        )
        self._primary, self._vpc = primary, vpc
        subnets = subnet_group_of(self, vpc, vpc_subnets, subnet_group)
        self._subnet_group = subnets
        self._resource = create(
            self,
            elasticache.CfnReplicationGroup,
            {
                "ReplicationGroupDescription": description or describe("Secondary of a Global Datastore", self),
                "GlobalReplicationGroupId": global_datastore.global_replication_group_id,
                "ReplicationGroupId": replication_group_id,
                # The Global Datastore decides the number of shards.
                "NumCacheClusters": None if mode.is_clustered else replicas_per_shard + 1,
                "ReplicasPerNodeGroup": replicas_per_shard if mode.is_clustered else None,
                "MultiAZEnabled": multi_az,
                "CacheSubnetGroupName": subnets.subnet_group_name,
                "SecurityGroupIds": [security_group.security_group_id for security_group in self._security_groups],
                "KmsKeyId": kms_key.key_arn if kms_key else None,
                "PreferredMaintenanceWindow": maintenance_window,
                "LogDeliveryConfigurations": bind_logs(self, path, logs),
                "NotificationTopicArn": notification_topic.topic_arn if notification_topic else None,
                "Port": self._port,
                **self.access.render(),
                **(backup or Backup()).render(),
            },
            words=SECONDARY_WORDS,
            related=[] if self.access.user_group is None else [self.access.user_group],
            region=region,
            removal_policy=removal_policy,
        )

    @property
    def node_type(self) -> NodeType:
        """The node type, which is inherited from the primary."""
        return self._primary.node_type

    @property
    def data_tiering(self) -> bool:
        """Whether the nodes use data tiering, which is inherited from the primary."""
        return self._primary.data_tiering

    @property
    def replication_group_id(self) -> str:
        """The id in lower case, for which clients sign IAM tokens; a token."""
        return reference_to(self)

    def _address(self, role: str) -> str:
        return endpoint_address(self._resource, role)


def _region(path: str, scope: Construct, primary: ReplicationGroupBase) -> str:
    region = region_of(scope)
    if region == region_of(primary):
        raise error(
            path,
            "global_datastore",
            "have its primary in another region",
            f"{primary.node.path} in {region}",
            "put the secondary's stack into another region",
        )
    return region


def _bound(cache: Construct, path: str, access: Access, primary: ReplicationGroupBase) -> BoundAccess:
    bound = access.bind(cache, path, primary.engine, or_auth_token=False)
    if bound.authentication is Authentication.TOKEN:
        raise error(
            path,
            "access",
            "be users or none for a secondary",
            repr(access),
            "use Access.iam(); a secondary inherits an AUTH token and cannot set one",
        )
    return bound
