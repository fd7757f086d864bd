"""Replaced users, user groups and security groups: the data stays, and clients may not connect."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from elasticache_rules.compare_steps import Change
from elasticache_rules.rules.common import CACHE_CLUSTER, REPLICATION_GROUP, SERVERLESS_CACHE, USER, USER_GROUP
from elasticache_rules.template import Resource, Template

SECURITY_GROUP: Final = "AWS::EC2::SecurityGroup"
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroup.html
SECURITY_GROUP_CREATE_ONLY: Final = ("GroupDescription", "GroupName", "VpcId")
_STEPS: Final = {
    USER: (
        "keep the old UserId and UserName, with the props user_id and user_name, if the change is not wanted",
        "or else deploy, and redeploy every client that has the old user name in its configuration",
    ),
    USER_GROUP: (
        "keep the old UserGroupId, with the prop user_group_id, if the change is not wanted",
        "or else deploy: the cache changes to the new group, and connections of the old users end",
    ),
    SECURITY_GROUP: (
        "keep the old description, name and VPC, if the change is not wanted",
        "or else deploy, and then add the rules that other stacks and people have made in the old one",
    ),
}
TYPES: Final = tuple(_STEPS)


def security_groups_of_caches(template: Template) -> set[str]:
    """The logical ids of the security groups that caches have."""
    found: set[str] = set()
    for kind in (REPLICATION_GROUP, CACHE_CLUSTER, SERVERLESS_CACHE):
        for cache in template.of_type(kind):
            for name in ("SecurityGroupIds", "VpcSecurityGroupIds"):
                groups = cache.get(name)
                targets = [template.follow(each) for each in groups] if isinstance(groups, list | tuple) else []
                found |= {each.logical_id for each in targets if each is not None}
    return found


def replacement(before: Resource, replaced: Sequence[tuple[str, Any, Any]]) -> Change:
    """One whose logical id stays."""
    changes = ", ".join(f"{name} from {first!r} to {second!r}" for name, first, second in replaced)
    return _change(before, f"{before.logical_id} is replaced by {changes}")


def moved(before: Resource, old: Template, new: Template) -> Iterator[Change]:
    """One that is removed while others of its type are created, as when a construct moves in the tree."""
    created = [each.logical_id for each in new.of_type(before.type) if each.logical_id not in old.resources]
    if created:
        what = f"{before.logical_id} is removed, and {' and '.join(sorted(created))} of the same type is created"
        yield _change(before, what)


def _change(before: Resource, what: str) -> Change:
    return Change("replacement", before.logical_id, before.type, what, _STEPS[before.type])
