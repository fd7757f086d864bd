"""What a test needs of aws-cdk-lib, for the run on the lowest release that the library admits."""

import re
from importlib import metadata
from typing import Any

from packaging.version import Version

import constructs_lib

INSTALLED = Version(metadata.version("aws-cdk-lib"))
WEAK_REFERENCES = "2.258.0"
"""The first release that refers to a stack of another region without `cross_region_references`."""
# What CDK says of such a reference before.
_REFUSED_REFERENCE = "Cross stack references are only supported for stacks deployed to the same environment"
# What the library says of a prop, a construct or a name that needs a later release.
_NEEDS = re.compile(r"(?:needs|must have) aws-cdk-lib (\d+\.\d+\.\d+) or later")


def missing_release(text: str) -> str | None:
    """The release that a message asks for, where it is later than the installed one."""
    found = _NEEDS.search(text)
    release = found[1] if found is not None else WEAK_REFERENCES if _REFUSED_REFERENCE in text else None
    return release if release is not None and Version(release) > INSTALLED else None


def public_members() -> dict[str, Any]:
    """Everything public by name, without what needs a later release than the installed one."""
    members = {}
    for name in constructs_lib.__all__:
        try:
            members[name] = getattr(constructs_lib, name)
        except ImportError as problem:
            if missing_release(str(problem)) is None:
                raise
    return members
