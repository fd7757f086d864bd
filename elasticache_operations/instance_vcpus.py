"""The vCPUs of EC2 instances, which the quota of on-demand standard instances counts."""

import re
from collections.abc import Mapping
from typing import Any

from elasticache_rules import facts


def is_standard(instance_type: str) -> bool:
    """Whether an instance type counts against the quota of standard instances: A, C, D, H, I, M, R, T and Z.

    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-on-demand-instances.html
    """
    family = re.match("[a-z]+", instance_type)
    return family is not None and family[0] in facts.load("instance_vcpus")["standard_families"]


def vcpus(instance_type: str) -> int | None:
    """The default vCPUs of a standard instance type; None if they are not known.

    Example: `vcpus("t4g.nano")` is 2.
    """
    known = facts.load("instance_vcpus")
    if instance_type in known["exceptions"]:
        return int(known["exceptions"][instance_type])
    family, _, size = instance_type.partition(".")
    sizes = {**known["sizes"], **(known["burstable_sizes"] if re.match(r"t\d", family) else {})}
    if size in sizes:
        return int(sizes[size])
    multiple = re.fullmatch(r"(?:(\d+)xlarge|metal-(\d+)xl)", size)
    return int(sizes["xlarge"]) * int(multiple[1] or multiple[2]) if multiple else None


def running(instance: Mapping[str, Any]) -> int:
    """The vCPUs of an instance in the answer of DescribeInstances that count; 0 for Spot and other families.

    The default of the type is counted, the higher number where CPU options turn vCPUs off. A type that is not known is
    counted with its CPU options.
    """
    name = str(instance.get("InstanceType", ""))
    if instance.get("InstanceLifecycle") or not is_standard(name):
        return 0
    options = instance.get("CpuOptions", {})
    known = vcpus(name)
    return known if known is not None else int(options.get("CoreCount", 0)) * int(options.get("ThreadsPerCore", 1))
