"""The checks of every synth: the ElastiCache rules, the packs of cdk-nag, and optionally cdk-preflight."""

from typing import Final

import aws_cdk as cdk
import cdk_nag

from constructs_lib import ElastiCacheChecks

PREFLIGHT_KEY: Final = "preflight"


def register_checks(app: cdk.App, *, preflight: bool) -> None:
    """Register the checks on the app.

    :param preflight: whether cdk-preflight runs as well, which adds about a second.
    """
    validations = cdk.Validations.of(app)
    validations.add_plugins(
        ElastiCacheChecks(),
        cdk_nag.AwsSolutionsChecks(app),
        cdk_nag.HIPAASecurityChecks(app),
        cdk_nag.NIST80053R5Checks(app),
        cdk_nag.PCIDSS321Checks(app),
    )
    if preflight:
        import cdk_preflight  # noqa: PLC0415 - an optional check

        cdk_preflight.Preflight.apply(app)
