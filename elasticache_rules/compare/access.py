"""Users, user groups and security groups of caches: replacing them keeps the data, but may deny access to clients."""

from collections.abc import Iterator
from typing import Final

from elasticache_rules.compare.change import Change
from elasticache_rules.rules.common import CACHE_CLUSTER, REPLICATION_GROUP, SERVERLESS_CACHE, USER, USER_GROUP
from elasticache_rules.template import Resource, Template

SECURITY_GROUP: Final = "AWS::EC2::SecurityGroup"
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroup.html
SECURITY_GROUP_CREATE_ONLY: Final = ("GroupDescription", "GroupName", "VpcId")
_GROUPS: Final = {
    REPLICATION_GROUP: "SecurityGroupIds",
    CACHE_CLUSTER: "VpcSecurityGroupIds",
    SERVERLESS_CACHE: "SecurityGroupIds",
}
STEPS: Final = {
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
        "or else deploy, and then add the rules that other stacks and people have created in the old one",
    ),
}
"""What to do about a replacement, by type."""


def security_groups_of_caches(template: Template) -> set[str]:
    """The logical ids of the caches' security groups."""
    return {
        target.logical_id
        for kind, name in _GROUPS.items()
        for cache in template.of_type(kind)
        for group in cache.items(name) or ()
        if (target := template.follow(group)) is not None and target.type == SECURITY_GROUP
    }


def moved(before: Resource, old: Template, new: Template) -> Iterator[Change]:
    """A resource that is removed while others of its type are created, as when a construct moves in the tree."""
    created = sorted(
        resource.logical_id for resource in new.of_type(before.type) if resource.logical_id not in old.resources
    )
    if created:
        yield Change(
            "replacement",
            before.logical_id,
            before.type,
            f"{before.logical_id} is removed, and {' and '.join(created)} of the same type is created",
            STEPS[before.type],
        )
