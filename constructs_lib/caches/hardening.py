"""Hardening of replication groups that somebody else has written as an L1."""

import aws_cdk as cdk
import jsii
from aws_cdk import aws_elasticache as elasticache
from constructs import IConstruct

from .._core.checking import error, is_token
from .._core.renamed import renamed
from ..values.options import Backup


class HardenedReplicationGroup(cdk.Mixin):
    """A mixin that makes an L1 of a replication group as safe as the construct here is by default.

    It states what is not stated: TLS, encryption at rest, failover and Multi-AZ where there is a replica, snapshots of
    15 days, and a last snapshot on removal. It never overrides what is stated: an insecure value is refused.

    `cdk.Mixins.of(stack).apply(HardenedReplicationGroup())`

    A group that is deployed already without encryption is replaced by it; see `python -m elasticache_rules compare`.

    https://docs.aws.amazon.com/cdk/v2/guide/mixins.html

    :param backup: automatic snapshots, where the group sets none. Default: kept for 15 days.
    """

    @renamed(snapshot_retention_days="backup=Backup(retention=cdk.Duration.days(...))")
    def __init__(self, *, backup: Backup | None = None) -> None:
        super().__init__()
        self._backup = backup or Backup()

    @jsii.member(jsii_name="supports")
    def supports(self, construct: IConstruct) -> bool:
        """Whether this is the L1 of a replication group, and no secondary of a Global Datastore, which inherits."""
        return isinstance(construct, elasticache.CfnReplicationGroup) and construct.global_replication_group_id is None

    @jsii.member(jsii_name="applyTo")
    def apply_to(self, construct: IConstruct) -> None:
        """State what is missing.

        :raises ValueError: when encryption is turned off.
        """
        assert isinstance(construct, elasticache.CfnReplicationGroup)  # noqa: S101 - as `supports` says
        for prop in ("transit_encryption_enabled", "at_rest_encryption_enabled"):
            stated = getattr(construct, prop)
            if stated is False:
                raise error(construct, prop, "be True", "False", "turn it on, or leave this group out of the mixin")
            if stated is None:
                setattr(construct, prop, True)
        if _has_replica(construct):
            if construct.automatic_failover_enabled is None:
                construct.automatic_failover_enabled = True
            if construct.multi_az_enabled is None:
                construct.multi_az_enabled = construct.automatic_failover_enabled
        if construct.snapshot_retention_limit is None:
            construct.snapshot_retention_limit = self._backup.retention_days
            if construct.snapshot_window is None:
                construct.snapshot_window = self._backup.window
        if construct.cfn_options.deletion_policy is None:
            construct.apply_removal_policy(cdk.RemovalPolicy.SNAPSHOT)


def _has_replica(group: elasticache.CfnReplicationGroup) -> bool:
    nodes, replicas = group.num_cache_clusters, group.replicas_per_node_group
    return any(
        number is not None and not is_token(number) and number >= least for number, least in ((nodes, 2), (replicas, 1))
    )
