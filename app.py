"""The app: chooses one deployment by the context, builds its stacks and registers the checks.

`build_app` is what the tests call; run as a program, it synthesises for the CDK CLI.
"""

import os
import sys
from collections.abc import Mapping
from typing import Final

import pinned_node  # noqa: F401 - chooses the pinned Node before CDK starts it

# isort: split
import aws_cdk as cdk
from jsii.errors import JavaScriptError

from stacks.checks import PREFLIGHT_KEY, register_checks
from stacks.context_values import parse_bool
from stacks.deployments import choose
from stacks.forms import check_environment

PROJECT: Final = "elasticache-stack"


def build_app(
    context: Mapping[str, object] | None = None,
    *,
    env: cdk.Environment | None = None,
    outdir: str | None = None,
    builtin_validation: bool = True,
) -> cdk.App:
    """The app of one deployment.

    :param context: what `-c` options say, on top of what the CLI hands over. Default: nothing.
    :param env: account and region, where they are known.
    :param outdir: where the templates go. Default: as the CLI says.
    :param builtin_validation: whether CDK validates the templates as well, which takes 2 s and 200 MiB. Default: True.
    :raises ValueError: for a deployment that ElastiCache would refuse, or an option that does not exist.
    """
    app = cdk.App(context=dict(context or {}), outdir=outdir, builtin_cloud_formation_validation=builtin_validation)
    given = {str(key): value for key, value in app.node.get_all_context().items()}
    deployment = choose(given, also_valid=frozenset({PREFLIGHT_KEY}))
    register_checks(app, preflight=parse_bool(PREFLIGHT_KEY, given.get(PREFLIGHT_KEY, False)))
    check_environment(env)
    deployment.build(app, env)
    cdk.Tags.of(app).add("project", PROJECT)
    cdk.Tags.of(app).add("deployment", deployment.name)
    return app


def main() -> None:
    """Synthesise for the CLI, whose account and region come by environment variables.

    `BUILTIN_VALIDATION=false` leaves out CDK's own validation, for a machine with little memory. An error of CDK, such
    as a feature flag with another value, is one line as well; `build_app` and `App.synth` raise it with its traceback.
    """
    env = cdk.Environment(account=os.environ.get("CDK_DEFAULT_ACCOUNT"), region=os.environ.get("CDK_DEFAULT_REGION"))
    try:
        app = build_app(env=env, builtin_validation=os.environ.get("BUILTIN_VALIDATION") != "false")
        app.synth()
    except ValueError as problem:
        sys.exit(f"error: {problem}")
    except RuntimeError as problem:
        if not isinstance(problem.__cause__, JavaScriptError):
            raise
        text = str(problem)
        # The findings of the checks are a report of many lines, here or already on standard error.
        cause = text if text.startswith("ValidationFailed: ") else text.splitlines()[0]
        sys.exit(f"error: CDK: {cause}; correct what it names")


if __name__ == "__main__":
    main()
