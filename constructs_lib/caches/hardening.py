"""Secure defaults for replication groups that are defined as an L1."""

import aws_cdk as cdk
import jsii
from aws_cdk import aws_elasticache as elasticache
from constructs import IConstruct

from .._core.checking import error, is_token
from .._core.renamed import renamed
from ..values.options import Backup


class HardenedReplicationGroup(cdk.Mixin):
    """A mixin that gives L1 replication groups the secure defaults of `ReplicationGroup`.

    It sets properties that are not set: TLS, encryption at rest, failover and Multi-AZ if there is a replica, snapshots
    kept for 15 days, and a final snapshot on removal. It does not override properties that are set: it raises an error
    for a group that turns encryption off.

    Apply it with `cdk.Mixins.of(stack).apply(HardenedReplicationGroup())`.

    It causes the replacement of a deployed group without encryption; see `python -m elasticache_rules compare`.

    https://docs.aws.amazon.com/cdk/v2/guide/mixins.html

    ```python
    cdk.Mixins.of(self).apply(HardenedReplicationGroup())
    ```

    :param backup: automatic snapshots, for groups that do not set them. Default: daily, kept for 15 days.
    """

    @renamed(snapshot_retention_days="backup=Backup(retention=cdk.Duration.days(...))")
    def __init__(self, *, backup: Backup | None = None) -> None:
        super().__init__()
        self._backup = backup or Backup()

    @jsii.member(jsii_name="supports")
    def supports(self, construct: IConstruct) -> bool:
        """True for the L1 of a replication group, except for a secondary of a Global Datastore.

        :param construct: any construct of the tree.
        """
        return isinstance(construct, elasticache.CfnReplicationGroup) and construct.global_replication_group_id is None

    @jsii.member(jsii_name="applyTo")
    def apply_to(self, construct: IConstruct) -> None:
        """Set the properties that are missing.

        :param construct: the L1 of a replication group.
        :raises ValueError: if the group turns encryption off.
        """
        assert isinstance(construct, elasticache.CfnReplicationGroup)  # noqa: S101 - checked by `supports`
        for prop in ("transit_encryption_enabled", "at_rest_encryption_enabled"):
            value = getattr(construct, prop)
            if value is False:
                raise error(construct, prop, "be True", "False", "turn it on, or leave this group out of the mixin")
            if value is None:
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
