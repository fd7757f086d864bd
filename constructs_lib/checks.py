"""The rules as a validation plugin, which checks the synthesized templates of any CDK app."""

import json
from pathlib import Path

import aws_cdk as cdk
import jsii

from elasticache_rules import Finding, Severity, all_rules, check_template
from elasticache_rules.documents import Document, region_of
from elasticache_rules.linking import link


@jsii.implements(cdk.IPolicyValidationPlugin)
class ElastiCacheChecks:
    """Check all templates of an app for what ElastiCache would refuse: constructs, L1s and included templates.

    Register it with `cdk.Validations.of(app).add_plugins(ElastiCacheChecks())`. An error fails the synth. The id to
    acknowledge a finding is `elasticache-rules::<rule id>`.

    https://docs.aws.amazon.com/cdk/v2/guide/policy-validation-synthesis.html

    ```python
    cdk.Validations.of(self).add_plugins(ElastiCacheChecks())
    ```
    """

    @property
    def name(self) -> str:
        """The name of the plugin in the validation report, and the prefix of the ids to acknowledge."""
        return "elasticache-rules"

    @property
    def version(self) -> str:
        """The version of the rules in the validation report."""
        return "0.1.0"

    @property
    def rule_ids(self) -> list[str]:
        """The ids of all rules, without the prefix."""
        return [rule.id for rule in all_rules()]

    def validate(self, context: cdk.IPolicyValidationContext) -> cdk.PolicyValidationPluginReport:
        """Check the templates of an assembly, which are read as one: exports, imports and nested stacks are followed.

        :param context: the paths of the templates.
        """
        violations = []
        errors = False
        documents = [
            Document(path, json.loads(Path(path).read_text(encoding="utf-8")), region_of(Path(path)))
            for path in context.template_paths
        ]
        for document, template in link(documents):
            for finding in check_template(template):
                errors = errors or finding.severity is Severity.ERROR
                violations.append(_violation(finding, document.name))
        return cdk.PolicyValidationPluginReport(success=not errors, violations=violations)


def _violation(finding: Finding, template_path: str) -> cdk.PolicyViolation:
    return cdk.PolicyViolation(
        rule_name=finding.rule,
        description=f"{finding.message} ({finding.source})",
        severity=finding.severity.value,
        fix=finding.fix,
        violating_resources=[
            cdk.PolicyViolatingResource(
                resource_logical_id=finding.logical_id,
                template_path=template_path,
                locations=[finding.property_path],
            )
        ],
    )
