"""The app: selects a deployment from the context, builds its stacks and registers the checks.

The CDK CLI runs it as a program; tests call `build_app`.
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
    """Create the app of one deployment.

    :param context: context values, in addition to those that the CLI passes. Default: none.
    :param env: account and region. Default: environment-agnostic stacks.
    :param outdir: the folder for the cloud assembly. Default: that of the CLI.
    :param builtin_validation: whether the CDK validates the templates, which takes 2 s and 200 MiB. Default: True.
    :raises ValueError: for a deployment that ElastiCache would refuse, or an option that does not exist.
    """
    app = cdk.App(context=dict(context or {}), outdir=outdir, builtin_cloud_formation_validation=builtin_validation)
    values = {str(key): value for key, value in app.node.get_all_context().items()}
    deployment = choose(values, also_valid=frozenset({PREFLIGHT_KEY}))
    register_checks(app, preflight=parse_bool(PREFLIGHT_KEY, values.get(PREFLIGHT_KEY, False)))
    check_environment(env)
    deployment.build(app, env)
    cdk.Tags.of(app).add("project", PROJECT)
    cdk.Tags.of(app).add("deployment", deployment.name)
    return app


def main() -> None:
    """Synthesise for the CLI, which passes the account and the region as environment variables.

    `BUILTIN_VALIDATION=false` disables the validation of the CDK, for a machine with little memory. Errors of the CDK,
    such as a feature flag with an unsupported value, are printed as one line; `build_app` and `App.synth` raise them.
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
        # A report of findings has many lines; other errors are shortened to the first line.
        cause = text if text.startswith("ValidationFailed: ") else text.splitlines()[0]
        sys.exit(f"error: CDK: {cause}; correct what it names")


if __name__ == "__main__":
    main()
