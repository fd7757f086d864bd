"""Snapshots that are taken when a stack is deployed, of replication groups and serverless caches."""

from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_elasticache as elasticache
from aws_cdk import aws_kms as kms
from constructs import Construct

from .._core.aws_resource import AwsResource, require_same_environment
from .._core.checking import error, must_be_known
from .._core.installed import require_class
from .._core.nag import SNAPSHOT_TYPE, acknowledge
from .._core.names import physical_name
from .._core.names import snapshot_name as generated_name
from .._core.resource import create, reference_to
from .._core.words import Words
from .replication_group_base import ReplicationGroupBase
from .serverless_cache_base import ServerlessCacheBase

WORDS: Final = Words(
    {
        "SnapshotName": "snapshot_name",
        "ReplicationGroupId": "replication_group",
        "CacheClusterId": "node",
        "ServerlessCacheSnapshotName": "snapshot_name",
        "ServerlessCacheName": "serverless_cache",
        "KmsKeyId": "kms_key",
    }
)


class SnapshotBase(AwsResource):
    """A snapshot of a replication group, taken by this app or imported.

    ```python
    nightly = Snapshot.from_snapshot_name(self, "Nightly", "nightly-2026-11-01")
    ReplicationGroup(self, "Restored", vpc=vpc, restore_from=RestoreFrom.snapshot(nightly))
    ```
    """

    @property
    def snapshot_name(self) -> str:
        """The name of the snapshot; a token unless it is imported by a literal name."""
        raise NotImplementedError

    @property
    def snapshot_arn(self) -> str:
        """The ARN: `arn:<partition>:elasticache:<region>:<account>:snapshot:<name>`."""
        return self._arn("snapshot", self.snapshot_name)


class Snapshot(SnapshotBase):
    """A snapshot that is taken once, when it is first deployed, and kept when it is removed from the stack.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateSnapshot.html

    ```python
    Snapshot(self, "BeforeTheUpgrade", replication_group=cache)
    ```

    :param replication_group: the replication group.
    :param node: with cluster mode disabled, the number of the node to take the snapshot from, from 1. Choose a replica
        to reduce the load on the primary. It needs a replication group with a `replication_group_id`. Default:
        ElastiCache chooses.
    :param snapshot_name: letters, digits and hyphens. Default: generated from the stack name, the construct path and
        the UUID in the stack id, so that a later stack of the same name can also take one.
    :param kms_key: the key for the encryption of the snapshot. Default: the service-owned key.
    :param removal_policy: what happens to the snapshot on removal. Default: it is kept.
    :raises ValueError: for a name or a node that AWS would refuse.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        replication_group: ReplicationGroupBase,
        node: int | None = None,
        snapshot_name: str | None = None,
        kms_key: kms.IKey | None = None,
        removal_policy: cdk.RemovalPolicy = cdk.RemovalPolicy.RETAIN,
    ) -> None:
        super().__init__(scope, id)
        must_be_known(self, "node", node)
        require_same_environment(self, "replication_group", replication_group)
        if node is not None and replication_group.metrics.numbered_shards:
            raise error(
                self,
                "node",
                "be absent with cluster mode enabled",
                node,
                "leave it out, because the snapshot contains all shards",
            )
        require_class(self, "CfnSnapshot")
        self._resource = create(
            self,
            elasticache.CfnSnapshot,
            {
                "SnapshotName": _name_of(self, snapshot_name),
                "ReplicationGroupId": replication_group.replication_group_id if node is None else None,
                "CacheClusterId": None if node is None else replication_group.metrics.node_id(node=node),
                "KmsKeyId": kms_key.key_arn if kms_key else None,
            },
            words=WORDS,
            removal_policy=removal_policy,
        )
        acknowledge(self._resource, SNAPSHOT_TYPE)
        self._resource.node.add_dependency(replication_group)

    @property
    def snapshot_status(self) -> str:
        """The status that CloudFormation returns, such as `available`; a token."""
        return self._resource.attr_snapshot_status

    @property
    def snapshot_name(self) -> str:
        """The name of the snapshot. It is a token that makes resources depend on the snapshot."""
        return reference_to(self)

    @staticmethod
    def from_snapshot_name(scope: Construct, id: str, snapshot_name: str) -> SnapshotBase:
        """Import a snapshot by its name.

        :param snapshot_name: the name of the snapshot.
        """
        return _ImportedSnapshot(scope, id, snapshot_name)


class _ImportedSnapshot(SnapshotBase):
    def __init__(self, scope: Construct, id: str, name: str) -> None:
        super().__init__(scope, id)
        self._name = name

    @property
    def snapshot_name(self) -> str:
        return self._name


class ServerlessCacheSnapshotBase(AwsResource):
    """A snapshot of a serverless cache, taken by this app or imported.

    ```python
    old = ServerlessCacheSnapshot.from_serverless_cache_snapshot_name(self, "Old", "sessions-2026-11-01")
    ServerlessCache(self, "Restored", vpc=vpc, restore_from=RestoreFrom.serverless_snapshot(old))
    ```
    """

    @property
    def serverless_cache_snapshot_name(self) -> str:
        """The name of the snapshot; a token unless it is imported by a literal name."""
        raise NotImplementedError

    @property
    def serverless_cache_snapshot_arn(self) -> str:
        """The ARN, which `RestoreFrom.serverless_snapshot` accepts.

        `arn:<partition>:elasticache:<region>:<account>:serverlesscachesnapshot:<name>`
        """
        return self._arn("serverlesscachesnapshot", self.serverless_cache_snapshot_name)


class ServerlessCacheSnapshot(ServerlessCacheSnapshotBase):
    """A snapshot that is taken once, when it is first deployed, and kept when it is removed from the stack.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateServerlessCacheSnapshot.html

    ```python
    ServerlessCacheSnapshot(self, "BeforeTheMove", serverless_cache=serverless)
    ```

    :param serverless_cache: the serverless cache.
    :param snapshot_name: lower case letters, digits and single hyphens. Default: generated from the stack name, the
        construct path and the UUID in the stack id, so that a later stack of the same name can also take one.
    :param kms_key: the key for the encryption of the snapshot. Default: the service-owned key.
    :param removal_policy: what happens to the snapshot on removal. Default: it is kept.
    :raises ValueError: for a name that AWS would refuse.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        serverless_cache: ServerlessCacheBase,
        snapshot_name: str | None = None,
        kms_key: kms.IKey | None = None,
        removal_policy: cdk.RemovalPolicy = cdk.RemovalPolicy.RETAIN,
    ) -> None:
        super().__init__(scope, id)
        require_same_environment(self, "serverless_cache", serverless_cache)
        require_class(self, "CfnServerlessCacheSnapshot")
        self._resource = create(
            self,
            elasticache.CfnServerlessCacheSnapshot,
            {
                "ServerlessCacheSnapshotName": _name_of(self, snapshot_name),
                "ServerlessCacheName": serverless_cache.serverless_cache_name,
                "KmsKeyId": kms_key.key_arn if kms_key else None,
            },
            words=WORDS,
            removal_policy=removal_policy,
        )
        acknowledge(self._resource, SNAPSHOT_TYPE)
        self._resource.node.add_dependency(serverless_cache)

    @property
    def serverless_cache_snapshot_status(self) -> str:
        """The status that CloudFormation returns, such as `available`; a token."""
        return self._resource.attr_status

    @property
    def serverless_cache_snapshot_name(self) -> str:
        """The name of the snapshot. It is a token that makes resources depend on the snapshot."""
        return reference_to(self)

    @staticmethod
    def from_serverless_cache_snapshot_name(
        scope: Construct, id: str, serverless_cache_snapshot_name: str
    ) -> ServerlessCacheSnapshotBase:
        """Import a snapshot by its name.

        :param serverless_cache_snapshot_name: the name of the snapshot.
        """
        return _ImportedServerlessCacheSnapshot(scope, id, serverless_cache_snapshot_name)


class _ImportedServerlessCacheSnapshot(ServerlessCacheSnapshotBase):
    def __init__(self, scope: Construct, id: str, name: str) -> None:
        super().__init__(scope, id)
        self._name = name

    @property
    def serverless_cache_snapshot_name(self) -> str:
        return self._name


def _name_of(snapshot: Construct, name: str | None) -> str:
    return generated_name(snapshot, physical_name(snapshot)) if name is None else name
