"""Imported serverless caches."""

from collections.abc import Sequence

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from .._core.imports import Imported, imported
from .._core.lookups import child_path
from ..access.access import Access
from ..values.engine import ServerlessEngine
from ..values.usage_limits import UsageLimits
from .serverless_cache_base import ServerlessCacheBase


class ImportedServerlessCache(ServerlessCacheBase):
    """An imported serverless cache; created by the `from_...` methods of `ServerlessCache`."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        imported: Imported,
        addresses: tuple[str | None, str | None],
        security_groups: Sequence[ec2.ISecurityGroup] | None,
        engine: ServerlessEngine | None,
        usage_limits: UsageLimits | None,
        access: Access | None,
    ) -> None:
        bound = None if access is None else access.bind_imported(child_path(scope, id))
        super().__init__(
            scope,
            id,
            engine=engine,
            access=lambda _: bound,
            security_groups=lambda _: security_groups,
            imported=imported,
        )
        self._name, self._hosts = imported.name, addresses
        self._usage_limits = usage_limits or UsageLimits()

    @property
    def serverless_cache_name(self) -> str:
        """The name that was passed to the import, or the name in the ARN."""
        return self._name

    @property
    def usage_limits(self) -> UsageLimits:
        """The usage limits that were passed to the import; no limits by default."""
        return self._usage_limits

    def _addresses(self) -> tuple[str | None, str | None]:
        return self._hosts


def import_serverless_cache(
    scope: Construct,
    id: str,
    *,
    serverless_cache_name: str | None = None,
    serverless_cache_arn: str | None = None,
    addresses: tuple[str | None, str | None] = (None, None),
    security_groups: Sequence[ec2.ISecurityGroup] | None = None,
    engine: ServerlessEngine | None = None,
    usage_limits: UsageLimits | None = None,
    access: Access | None = None,
) -> ImportedServerlessCache:
    """Import a serverless cache by its name or its ARN.

    :raises ValueError: if both or neither of name and ARN are passed, or if one is malformed.
    """
    return ImportedServerlessCache(
        scope,
        id,
        imported=imported(
            scope,
            id,
            kind="serverlesscache",
            name_prop="serverless_cache_name",
            name=serverless_cache_name,
            arn_prop="serverless_cache_arn",
            arn=serverless_cache_arn,
        ),
        addresses=addresses,
        security_groups=security_groups,
        engine=engine,
        usage_limits=usage_limits,
        access=access,
    )
