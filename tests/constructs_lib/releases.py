"""Releases of aws-cdk-lib that tests need, for the run on the lower bound."""

from importlib import metadata
from typing import Any

from packaging.version import Version

import constructs_lib
from constructs_lib._core.checking import ReleaseError, ReleaseImportError

INSTALLED = Version(metadata.version("aws-cdk-lib"))
WEAK_REFERENCES = "2.258.0"
"""The first release that refers to a stack of another region without `cross_region_references`."""
# The error of earlier releases for such a reference.
_REFUSED_REFERENCE = "Cross stack references are only supported for stacks deployed to the same environment"


def missing_release(problem: BaseException | None, installed: Version = INSTALLED) -> str | None:
    """The later release that an error requires; None for any other error.

    The error may be the context of another one, as for `pytest.raises` with another message. The text of an error of
    another type is not taken into account.

    :param problem: the error.
    """
    while problem is not None:
        release = _required(problem)
        if release is not None and Version(release) > installed:
            return release
        problem = problem.__cause__ or problem.__context__
    return None


def _required(problem: BaseException) -> str | None:
    if isinstance(problem, ReleaseError | ReleaseImportError):
        return problem.release
    return WEAK_REFERENCES if isinstance(problem, RuntimeError) and _REFUSED_REFERENCE in str(problem) else None


def public_members() -> dict[str, Any]:
    """The public members by name, except those that need a later release than the installed one."""
    members = {}
    for name in constructs_lib.__all__:
        try:
            members[name] = getattr(constructs_lib, name)
        except ImportError as problem:
            if missing_release(problem) is None:
                raise
    return members
