"""The baseline for `python app.py`: the same resources as bare CfnResource, with the same checks.

As a program it takes a cloud assembly, from which it reads the resources, and an output folder.
"""

import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import pinned_node  # noqa: F401 - chooses the pinned Node before CDK starts it

# isort: split
import aws_cdk as cdk

from stacks.checks import register_checks


def add_resources(stack: cdk.Stack, template: dict[str, Any]) -> None:
    """Add the resources and outputs of a template, with their logical ids and policies, but without conditions."""
    for logical_id, resource in template["Resources"].items():
        cfn_resource = cdk.CfnResource(
            stack, logical_id, type=resource["Type"], properties=resource.get("Properties", {})
        )
        cfn_resource.override_logical_id(logical_id)
        for name in ("DependsOn", "DeletionPolicy", "UpdateReplacePolicy", "UpdatePolicy"):
            if name in resource:
                cfn_resource.add_override(name, resource[name])
    for name, output in template.get("Outputs", {}).items():
        cfn_output = cdk.CfnOutput(stack, f"Output{name}", value=json.dumps(output["Value"]))
        cfn_output.override_logical_id(name)
        cfn_output.value = cdk.Token.as_string(output["Value"])


def build(assembly: Path, context: dict[str, Any], outdir: str) -> cdk.App:
    """Create the app with the stacks of a cloud assembly, and acknowledge its findings."""
    floor = cdk.App(context=context, outdir=outdir)
    register_checks(floor, preflight=False)
    report = json.loads((assembly / "validation-report.json").read_text())
    ids = {
        (violation["acknowledgedId"], violation["reason"])
        for pack in report["pluginReports"]
        for violation in pack.get("suppressedViolations", [])
    }
    cdk.Validations.of(floor).acknowledge(*(cdk.Acknowledgment(id=id, reason=reason) for id, reason in ids))
    for path in sorted(assembly.glob("*.template.json")):
        stack = cdk.Stack(floor, path.name.removesuffix(".template.json"))
        add_resources(stack, json.loads(path.read_text()))
    return floor


if __name__ == "__main__":
    settings = json.loads((Path(__file__).parents[1] / "cdk.json").read_text())["context"]
    build(Path(sys.argv[1]), settings, sys.argv[2]).synth()
