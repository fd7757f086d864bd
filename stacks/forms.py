"""Format checks of accounts, regions, Availability Zones, ids and instance types."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

import aws_cdk as cdk

from elasticache_rules import facts

# The values are ASCII. `\Z` is used because `$` also matches before a line break.
_ACCOUNT: Final = re.compile(r"[0-9]{12}\Z")
# ec2.InstanceType derives the architecture from a family of this form and refuses others, such as u-6tb1.
_INSTANCE_TYPE: Final = re.compile(
    r"[a-z]{1,10}[0-9]{1,2}[a-z-]{0,12}\.(nano|micro|small|medium|large|[0-9]{0,3}xlarge|metal(-[0-9]{1,3}xl)?)\Z"
)
_IDS: Final[Mapping[str, re.Pattern[str]]] = {
    "vpc_id": re.compile(r"vpc-([0-9a-f]{8}|[0-9a-f]{17})\Z"),
    "subnet_ids": re.compile(r"subnet-([0-9a-f]{8}|[0-9a-f]{17})\Z"),
}
_ID_EXAMPLES: Final = {"vpc_id": "vpc-0123456789abcdef0", "subnet_ids": "subnet-0a1b2c3d4e5f60711"}
_INSTANCE_CLASS: Final = re.compile(r"db\.[a-z][a-z0-9-]{1,15}\.[a-z0-9.-]{1,40}\Z")
LONGEST_RETENTION: Final = 35
"""Days for which RDS keeps automated backups."""
_ZONE: Final = re.compile(r"[a-z]{2,4}(-[a-z]{2,12}){1,3}-[0-9]{1,2}([a-z]|(-[a-z0-9]{2,6}){2,4}[a-z]?)\Z")


def check_region(where: str, value: str | None, *, fix: str = "write it like -c region=eu-west-1") -> None:
    """Refuse text that cannot be the name of a region; unknown regions are accepted.

    :param where: the start of the error message.
    :raises ValueError: for an invalid format.
    """
    if value is not None and not facts.is_region(value):
        raise ValueError(f"{where}: region must be the name of one region, got {value!r}; {fix}")


def check_account(where: str, value: str | None, *, fix: str = "write it like -c account=111122223333") -> None:
    """Refuse text that cannot be an account id.

    :param where: the start of the error message.
    :raises ValueError: for an invalid format.
    """
    if value is not None and not _ACCOUNT.match(value):
        raise ValueError(f"{where}: account must have 12 digits, got {value!r}; {fix}")


def check_environment(env: cdk.Environment | None) -> None:
    """Check the format of the account and the region from the CLI or the caller.

    :raises ValueError: for an invalid format, with the source of the value.
    """
    if env is None:
        return
    if env.account is not None and not cdk.Token.is_unresolved(env.account):
        check_account("env", env.account, fix="correct CDK_DEFAULT_ACCOUNT, or the credentials' profile")
    if env.region is not None and not cdk.Token.is_unresolved(env.region):
        check_region("env", env.region, fix="correct AWS_REGION, or the region of the credentials' profile")


def check_regions(where: str, values: Sequence[str]) -> None:
    """Require two or three different regions, for a Global Datastore.

    :raises ValueError: for another number, duplicate regions, or an invalid format.
    """
    wrong = [region for region in values if not facts.is_region(region)]
    if wrong or not 2 <= len(values) <= 3 or len(set(values)) < len(values):
        raise ValueError(
            f"{where}: regions must be two or three different ones, got {','.join(values) or 'none'}; "
            "name them like -c regions=us-east-1,eu-west-1, the primary's first"
        )


def check_instance_type(where: str, value: str) -> None:
    """Refuse an instance type whose CPU architecture cannot be derived from its name.

    :raises ValueError: for an invalid format.
    """
    if not _INSTANCE_TYPE.match(value):
        raise ValueError(
            f"{where}: instance_type must have the form family.size, with a family like t4g or m7i-flex, got {value!r}"
            "; write it like -c instance_type=t4g.nano"
        )


def is_instance_class(value: str) -> bool:
    """Whether a value has the form of a DB instance class, such as db.t4g.micro."""
    return bool(_INSTANCE_CLASS.match(value))


def check_existing_network(
    where: str, vpc_id: str | None, subnet_ids: Sequence[str], availability_zones: Sequence[str]
) -> None:
    """Require subnets and Availability Zones for an existing VPC, and check their format.

    :raises ValueError: for missing values, or an invalid format.
    """
    existing = (vpc_id is not None, bool(subnet_ids), bool(availability_zones))
    if any(existing) and not all(existing):
        raise ValueError(
            f"{where}: vpc_id, subnet_ids and availability_zones must be given together, got vpc_id={vpc_id}, "
            f"subnet_ids={','.join(subnet_ids)}, availability_zones={','.join(availability_zones)}; add the others"
        )
    if len(subnet_ids) != len(availability_zones):
        raise ValueError(
            f"{where}: availability_zones must name one zone for each subnet, got {len(availability_zones)} for "
            f"{len(subnet_ids)} subnets; list them in the same order"
        )
    for field, values in (("vpc_id", [vpc_id] if vpc_id is not None else []), ("subnet_ids", subnet_ids)):
        wrong = [value for value in values if not _IDS[field].match(value)]
        if wrong:
            example = _ID_EXAMPLES[field]
            raise ValueError(f"{where}: {field} must have the form of an id, got {wrong[0]!r}; write it like {example}")
    wrong_zones = [zone for zone in availability_zones if not _ZONE.match(zone)]
    if wrong_zones:
        raise ValueError(
            f"{where}: availability_zones must be names of Availability Zones, got {wrong_zones[0]!r}; write them like "
            "eu-west-1a"
        )
