"""Releases of aws-cdk-lib that tests need, for the run on the lower bound."""

import re
from importlib import metadata
from typing import Any

from packaging.version import Version

import constructs_lib

INSTALLED = Version(metadata.version("aws-cdk-lib"))
WEAK_REFERENCES = "2.258.0"
"""The first release that refers to a stack of another region without `cross_region_references`."""
# The error of earlier releases for such a reference.
_REFUSED_REFERENCE = "Cross stack references are only supported for stacks deployed to the same environment"
# The error of the library for a prop, a construct or a name that needs a later release.
_NEEDS = re.compile(r"(?:needs|must have) aws-cdk-lib (\d+\.\d+\.\d+) or later")


def missing_release(text: str) -> str | None:
    """The release that an error requires; None if it is installed."""
    match = _NEEDS.search(text)
    release = match[1] if match is not None else WEAK_REFERENCES if _REFUSED_REFERENCE in text else None
    return release if release is not None and Version(release) > INSTALLED else None


def public_members() -> dict[str, Any]:
    """The public members by name, except those that need a later release than the installed one."""
    members = {}
    for name in constructs_lib.__all__:
        try:
            members[name] = getattr(constructs_lib, name)
        except ImportError as problem:
            if missing_release(str(problem)) is None:
                raise
    return members
