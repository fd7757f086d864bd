"""The initial data of a new cache."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self, final

from aws_cdk import aws_s3 as s3

from .._core.checking import error, is_token, problem
from .._core.factories import CreatedByFactory

if TYPE_CHECKING:
    from .snapshot import ServerlessCacheSnapshotBase, SnapshotBase

_ARN: Final = re.compile(r"arn:[a-z-]+:[a-z0-9-]+:[^,]*\Z")


@final
@dataclass(frozen=True, slots=True, init=False)
class RestoreFrom(CreatedByFactory):
    """The initial data of a new cache; created by `snapshot`, `serverless_snapshot` or `s3`.

    It is used only when the cache is created. A later change replaces the cache.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/backups-restoring.html

    ```python
    ReplicationGroup(self, "Restored", vpc=vpc, restore_from=RestoreFrom.snapshot("nightly-2026-11-01"))
    ```
    """

    _factories: ClassVar = ("snapshot(...)", "serverless_snapshot(...)", "s3(...)")

    snapshot_name: str | None = None
    snapshot_arns: tuple[str, ...] = ()

    @classmethod
    def snapshot(cls, snapshot: "str | SnapshotBase") -> Self:
        """A snapshot of the same account and region, for a replication group.

        :param snapshot: the name of the snapshot, or its construct.
        """
        return cls._of(snapshot_name=snapshot if isinstance(snapshot, str) else snapshot.snapshot_name)

    @classmethod
    def serverless_snapshot(cls, *snapshots: "str | ServerlessCacheSnapshotBase") -> Self:
        """Snapshots of serverless caches, for a serverless cache.

        :param snapshots: the ARNs of the snapshots, or their constructs.
        :raises ValueError: for no snapshot, or a string that is not an ARN.
        """
        return cls._of(
            snapshot_arns=_arns(
                [
                    snapshot if isinstance(snapshot, str) else snapshot.serverless_cache_snapshot_arn
                    for snapshot in snapshots
                ]
            )
        )

    @classmethod
    def s3(cls, bucket: s3.IBucket, *keys: str) -> Self:
        """RDB files in a bucket of the same region. ElastiCache needs permission to read them.

        https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/backups-seeding-redis.html

        :param bucket: the bucket.
        :param keys: the object keys, one per shard, without commas.
        :raises ValueError: for no key, or a key with a comma.
        """
        for key in keys:
            if "," in key:
                raise error("RestoreFrom", "keys", "contain no comma", repr(key), "copy the file to another key")
        return cls._of(snapshot_arns=_arns([bucket.arn_for_objects(key) for key in keys]))

    def render(self) -> dict[str, Any]:
        """The snapshot or the files, by the CloudFormation names of a replication group."""
        return {"SnapshotName": self.snapshot_name, "SnapshotArns": list(self.snapshot_arns) or None}


def _arns(arns: list[str]) -> tuple[str, ...]:
    if not arns:
        raise problem("RestoreFrom", "there is nothing to restore", "pass at least one snapshot or key")
    for arn in arns:
        if not is_token(arn) and not _ARN.match(arn):
            raise error("RestoreFrom", "snapshots", "be ARNs", repr(arn), "copy the ARN of the snapshot")
    return tuple(arns)
