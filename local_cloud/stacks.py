"""Deploys an assembly's templates to the local cloud by boto3, as they are or with a fault put in."""

import copy
import json
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import boto3

from app import build_app
from local_cloud.session import Session
from tests.conftest import CONTEXT

REGION, ACCOUNT = "us-east-1", "000000000000"
Template = dict[str, Any]
Change = Callable[[Template], None]


@dataclass
class Deployed:
    """How a stack ended."""

    status: str
    outputs: dict[str, str]
    reasons: list[str]

    @property
    def verdict(self) -> str:
        (found,) = [value for key, value in self.outputs.items() if key.startswith("ClientVerdict")]
        return found

    @property
    def reason(self) -> str:
        """Why it failed: the wait condition's own words."""
        return next((each for each in self.reasons if "FAIL at" in each or "timed out" in each), str(self.reasons))


@dataclass
class LocalAws:
    """The emulator, with an assets bucket."""

    session: Session
    folder: Path
    stacks: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        options = {
            "region_name": REGION,
            "endpoint_url": self.session.environment["AWS_ENDPOINT_URL"],
            "aws_access_key_id": "test",
            "aws_secret_access_key": "test",
        }
        self.cloudformation = boto3.client("cloudformation", **options)
        self.s3 = boto3.client("s3", **options)
        self.bucket = f"cdk-hnb659fds-assets-{ACCOUNT}-{REGION}"
        self.s3.create_bucket(Bucket=self.bucket)
        boto3.client("ssm", **options).put_parameter(Name="/cdk-bootstrap/hnb659fds/version", Value="30", Type="String")

    def templates(self, **context: str) -> dict[str, Template]:
        """A deployment's templates by the last word of the stack's name, its assets published."""
        out = self.folder / f"assembly-{len(list(self.folder.glob('assembly-*')))}"
        env = cdk.Environment(account=ACCOUNT, region=REGION)
        build_app({**CONTEXT, **context}, env=env, outdir=str(out)).synth()
        for manifest in out.glob("*.assets.json"):
            for name, file in json.loads(manifest.read_text())["files"].items():
                if file["source"]["packaging"] == "zip":
                    archive = shutil.make_archive(str(self.folder / name), "zip", out / file["source"]["path"])
                    for each in file["destinations"].values():
                        self.s3.upload_file(archive, self.bucket, each["objectKey"])
        return {
            path.name.removesuffix(".template.json").rpartition("-")[2]: json.loads(path.read_text())
            for path in out.glob("*.template.json")
        }

    def deploy(self, prefix: str, templates: dict[str, Template], **changes: Change) -> Deployed:
        """Create the stacks in their order; the last one's end counts.

        :param changes: what is changed in a template before, by the last word of its stack's name.
        """
        found = Deployed("", {}, [])
        for part in (each for each in ("Network", "Cache", "Client") if each in templates):
            template = copy.deepcopy(templates[part])
            if part in changes:
                changes[part](template)
            found = self.create(f"{prefix}-{part}", template)
            if found.status != "CREATE_COMPLETE":
                break
        return found

    def create(self, name: str, template: Template) -> Deployed:
        self.cloudformation.create_stack(
            StackName=name, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_NAMED_IAM"]
        )
        self.stacks.append(name)
        return self._end(name)

    def delete_all(self) -> None:
        """Delete every stack, the last one first."""
        for name in reversed(self.stacks):
            self.cloudformation.delete_stack(StackName=name)
            until = time.monotonic() + 30
            while time.monotonic() < until and self._exists(name):
                time.sleep(0.1)
        self.stacks.clear()

    def _exists(self, name: str) -> bool:
        summaries = self.cloudformation.list_stacks()["StackSummaries"]
        return any(each["StackName"] == name and each["StackStatus"] != "DELETE_COMPLETE" for each in summaries)

    def _end(self, name: str) -> Deployed:
        until = time.monotonic() + 100
        while True:
            (stack,) = self.cloudformation.describe_stacks(StackName=name)["Stacks"]
            if not stack["StackStatus"].endswith("_IN_PROGRESS") or time.monotonic() > until:
                break
            time.sleep(0.1)
        events = self.cloudformation.describe_stack_events(StackName=name)["StackEvents"]
        return Deployed(
            stack["StackStatus"],
            {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])},
            [each["ResourceStatusReason"] for each in events if each.get("ResourceStatusReason")],
        )


def replace_text(old: str, new: str) -> Change:
    """Change text anywhere in a template."""

    def change(template: Template) -> None:
        text = json.dumps(template)
        escaped_old, escaped_new = json.dumps(old)[1:-1], json.dumps(new)[1:-1]
        assert escaped_old in text, old
        template.clear()
        template.update(json.loads(text.replace(escaped_old, escaped_new)))

    return change


def impatient(template: Template) -> None:
    """What waits on AWS for a stack that has just been made need not wait here."""
    text = json.dumps(template)
    for old, new in (
        ('wait_network\\\\\\": 120', 'wait_network\\\\\\": 0'),
        ('wait_network\\": 120', 'wait_network\\": 0'),
        ('wait_auth\\": 60', 'wait_auth\\": 0'),
        ("sleep $((attempt * 2))", "sleep 0"),
    ):
        text = text.replace(old, new)
    template.clear()
    template.update(json.loads(text))


def all_of(*changes: Change) -> Change:
    def change(template: Template) -> None:
        for each in changes:
            each(template)

    return change
