"""What a new cache is filled from."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self, final

from aws_cdk import aws_s3 as s3

from .._core.checking import is_token
from .._core.factories import CreatedByFactory

if TYPE_CHECKING:
    from .snapshot import ServerlessCacheSnapshotBase, SnapshotBase

_ARN: Final = re.compile(r"arn:[a-z-]+:[a-z0-9-]+:[^,]*\Z")


@final
@dataclass(frozen=True, slots=True, init=False)
class RestoreFrom(CreatedByFactory):
    """What a new cache is filled from; created by `snapshot`, `serverless_snapshot` or `s3`.

    It counts when the cache is made; another one later replaces the cache.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/backups-restoring.html
    """

    _factories: ClassVar = ("snapshot(...)", "serverless_snapshot(...)", "s3(...)")

    snapshot_name: str | None = None
    snapshot_arns: tuple[str, ...] = ()

    @classmethod
    def snapshot(cls, snapshot: "str | SnapshotBase") -> Self:
        """A snapshot of this account and region; for a replication group.

        :param snapshot: its name, or the construct.
        """
        return cls._of(snapshot_name=snapshot if isinstance(snapshot, str) else snapshot.snapshot_name)

    @classmethod
    def serverless_snapshot(cls, *snapshots: "str | ServerlessCacheSnapshotBase") -> Self:
        """Snapshots of serverless caches; for a serverless cache.

        :param snapshots: their ARNs, or the constructs.
        :raises ValueError: for none, or for what is no ARN.
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
        """RDB files in a bucket of the same region, which the service must be allowed to read.

        https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/backups-seeding-redis.html

        :param bucket: the bucket.
        :param keys: the files' keys, without commas; one for each shard.
        :raises ValueError: for no key, or one with a comma.
        """
        for key in keys:
            if "," in key:
                raise ValueError(f"RestoreFrom: keys must hold no comma, got {key!r}; copy the file to another key")
        return cls._of(snapshot_arns=_arns([bucket.arn_for_objects(key) for key in keys]))

    def render(self) -> dict[str, Any]:
        """The snapshot or the files, by the CloudFormation names of a replication group."""
        return {"SnapshotName": self.snapshot_name, "SnapshotArns": list(self.snapshot_arns) or None}


def _arns(arns: list[str]) -> tuple[str, ...]:
    if not arns:
        raise ValueError("RestoreFrom: something to restore must be named, got nothing; name at least one")
    for arn in arns:
        if not is_token(arn) and not _ARN.match(arn):
            raise ValueError(f"RestoreFrom: snapshots must be ARNs, got {arn!r}; copy the snapshot's ARN")
    return tuple(arns)
