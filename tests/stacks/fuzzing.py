"""Generated contexts of the app, over every deployment and every field.

Each case depends on its number alone. To run more than the tests do, and to repeat one:
`python -m tests.stacks.fuzzing 0 2000`, `python -m tests.stacks.fuzzing 471 472`.
"""

import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final, Literal, get_args, get_origin
from unittest import mock

import app as project
from stacks.deployments import DEPLOYMENTS, field_types
from tests.bounded import Case, report
from tests.conftest import CONTEXT

_build_app: Final = project.build_app
_INTEGERS: Final = (-1, 0, 1, 2, 3, 5, 6, 35, 36, 60, 500, 1000, 5000, 5001, 6379, 8005, 65535, 65536, 10**9)
_NETWORK: Final = {
    "vpc_id": "vpc-0123456789abcdef0",
    "subnet_ids": "subnet-0a1b2c3d4e5f60711,subnet-0a1b2c3d4e5f60722",
    "availability_zones": "eu-west-1a,eu-west-1b",
}
_UNKNOWN_INSTANCE_TYPE: Final = "zz9.large"
"""Of the right form, so that the checks of the templates refuse it."""
_TEXTS: Final[Mapping[str, tuple[Any, ...]]] = {
    "engine_version": (
        *("7.1", 7.1, "7.0", "6.2", "6.x", "5.0.6", "8.2", "9.0", "8", 7, "1.6", "1.6.22", "99.9", "7-1", "v7"),
    ),
    "node_type": (
        *("cache.t4g.micro", "cache.r7g.large", "cache.r6gd.xlarge", "cache.m9g.large", "cache.x.y", "t4g.micro"),
    ),
    "database_instance_class": ("db.t4g.micro", "db.m7g.large", "db.x", "t4g.micro", "db.t4g.micro\n"),
    "snapshot_window": ("03:00-04:00", "23:30-00:30", "03:00-03:30", "24:00-25:00", "3-4"),
    "maintenance_window": ("sun:05:00-sun:06:00", "sun:23:00-mon:00:00", "sun:5-sun:6", "xyz:05:00-xyz:06:00"),
    "region": (
        *("eu-west-1", "us-east-1", "cn-north-1", "us-gov-west-1", "eusc-de-east-1", "xx-new-1", "a,b", "moon"),
        *("eu-west-1a",),
    ),
    "regions": (
        *("us-east-1,eu-west-1", "eu-west-1,us-east-1,ap-south-1", ["us-east-1", "eu-west-1"], "us-east-1", "a,b"),
        *("xx-new-1,xx-new-2",),
    ),
    "account": ("111122223333", 111122223333, "../x", "123", "1/2"),
    "instance_type": (
        *("t4g.nano", "t3.micro", "m7i-flex.large", "u-6tb1.112xlarge", "p6-b200.48xlarge", _UNKNOWN_INSTANCE_TYPE),
        *("foo", 5, "t4g", "x.y.z"),
    ),
    "vpc_id": ("vpc-0123456789abcdef0", "vpc-1"),
    "subnet_ids": ("subnet-0a1b2c3d4e5f60711", "subnet-0a1b2c3d4e5f60711,subnet-0a1b2c3d4e5f60711", "a,b"),
    "availability_zones": ("eu-west-1a", "eu-west-1a,eu-west-1a", "us-west-2-lax-1a", "a,b"),
}
_HOSTILE: Final[tuple[Any, ...]] = (
    *(None, True, 0, -1, 1.5, 1e308, 10**30, [], {}, [[]], [None], {"a": 1}, "", " ", ",", "null", "--5", "\u0663"),
    *("\0", "\n", "\x1b[31m", "\ud800", "\u202e", "\U0001f600", "x" * 300, "x" * 100_000, "9" * 5000, "../x", "a/b"),
    *("${Token[TOKEN.1]}", "${Token[AWS.Region.4]}", "${AWS::Region}", "{{resolve:ssm:x}}", "$(id)", "%s{0}", "'\""),
)
_FOREIGN: Final[Mapping[str, tuple[Any, ...]]] = {
    "@aws-cdk/core:defaultCrossStackReferences": ("moon", [], 5),
    "@aws-cdk/core:bootstrapQualifier": ("../x", "a" * 300, 5, "mine"),
    "@aws-cdk/core:permissionsBoundary": (5, {"name": 5}, {}),
    "@aws-cdk/core:target-partitions": ("x", 5, ["moon"]),
    "availability-zones:account=111111111111:region=eu-west-1": ("x", [], ["a"]),
    "aws:cdk:bundling-stacks": (5, "x"),
    "cli-telemetry": (5,),
}


def _plausible(rng: random.Random, field: str, kind: Any) -> Any:
    kinds = [kind, *get_args(kind)]
    choices = next((get_args(kind) for kind in kinds if get_origin(kind) is Literal), ())
    if choices:
        return rng.choice(choices)
    if bool in kinds:
        return rng.choice((True, False, "true", "false", "True"))
    if int in kinds:
        value = rng.choice(_INTEGERS)
        return rng.choice((value, str(value)))
    return rng.choice(_TEXTS[field])


def context(rng: random.Random) -> dict[str, Any]:
    """A context: a deployment with some of its fields, most of them as they should be."""
    name = rng.choice(list(DEPLOYMENTS))
    result: dict[str, Any] = {"deployment": name}
    types = field_types(type(DEPLOYMENTS[name]))
    fields = sorted(types)
    for field in rng.sample(fields, rng.choice((0, 1, 1, 2, 3, 6))):
        result[field] = rng.choice(_HOSTILE) if rng.random() < 0.1 else _plausible(rng, field, types[field])
    if "vpc_id" in fields and rng.random() < 0.1:
        result |= _NETWORK
    if rng.random() < 0.08:
        key = rng.choice(list(_FOREIGN))
        result[key] = rng.choice(_FOREIGN[key])
    if rng.random() < 0.04:
        result[rng.choice(("deployment", "preflight", "shard", "", "\n", "x" * 5000))] = rng.choice(_HOSTILE)
    return result


def environment(rng: random.Random) -> dict[str, str]:
    """The environment variables that the CLI sets for the app."""
    account = rng.choice(("111111111111", "111111111111", "", "../x", "1" * 13, None, None))
    region = rng.choice(("eu-west-1", "eu-west-1", "us-east-1", "", "a,b", "moon", None, None))
    found = {"CDK_DEFAULT_ACCOUNT": account, "CDK_DEFAULT_REGION": region} if rng.random() < 0.3 else {}
    return {key: value for key, value in found.items() if value is not None}


def run_app(given: Mapping[str, Any], variables: Mapping[str, str]) -> bool:
    """Run the app with a context, as the CLI does; returns whether it wrote templates."""
    with (
        tempfile.TemporaryDirectory() as folder,
        mock.patch.dict(os.environ, {**variables, "BUILTIN_VALIDATION": "false"}),
        mock.patch.object(project, "build_app", partial(_build_app, {**CONTEXT, **given}, outdir=folder)),
    ):
        project.main()
        return any(file.endswith(".template.json") for file in os.listdir(folder))


def check(given: Mapping[str, Any], variables: Mapping[str, str]) -> str:
    """Run the app; returns "built", "refused" or "findings", and raises for anything but templates or one line."""
    try:
        assert run_app(given, variables)
    except SystemExit as ended:
        said = ended.code
    else:
        return "built"
    assert isinstance(said, str), said
    assert said.startswith("error: "), said
    assert "; " in said, said
    assert len(said) < 1500, said
    assert not any(text in said for text in ("Traceback", "jsii", "invalid literal", "NoneType")), said
    if said.startswith("error: CDK: ValidationFailed: "):
        assert given["instance_type"] == _UNKNOWN_INSTANCE_TYPE, said
        return "findings"
    assert said.isprintable(), said
    # Of the values, only those of its own keys are left to CDK.
    assert not said.startswith("error: CDK: ") or not _FOREIGN.keys().isdisjoint(given), said
    return "refused"


def numbered(number: int) -> random.Random:
    """The random numbers of one case."""
    return random.Random(f"context {number}")


def cases(first: int, last: int) -> Iterator[Case]:
    """The cases of these numbers."""
    for number in range(first, last):
        rng = numbered(number)
        given, variables = context(rng), environment(rng)
        shown = f"{given!r} {variables!r}"
        yield f"context {number}: {shown if len(shown) < 2000 else shown[:2000]}", partial(check, given, variables)


if __name__ == "__main__":
    report(cases(int(sys.argv[1]), int(sys.argv[2])), clock=time.monotonic)
