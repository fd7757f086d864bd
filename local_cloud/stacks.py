"""Deploys the app's templates to the emulator by boto3: as they are, or with something changed in them."""

import copy
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import boto3

from local_cloud.cdk import DEPLOYMENTS, stack_prefix
from local_cloud.session import LIGHT, ROOT, LocalCloudError, Session

REGION: Final = "us-east-1"
ACCOUNT: Final = "000000000000"
_SECONDS: Final = 100.0
Template = dict[str, Any]
Change = Callable[[Template], None]


@dataclass(frozen=True, slots=True)
class Deployed:
    """How a stack ended.

    :param reasons: of its events, the newest first.
    """

    status: str
    outputs: Mapping[str, str]
    reasons: list[str]

    @property
    def verdict(self) -> str:
        """The connection test's."""
        return next((value for key, value in self.outputs.items() if key.startswith("ClientVerdict")), "")

    @property
    def reason(self) -> str:
        """Why it failed: the wait condition's own words, where there are any."""
        return next((each for each in self.reasons if "FAIL at" in each or "timed out" in each), str(self.reasons))


@dataclass(slots=True)
class Stacks:
    """The stacks in an emulator that was not bootstrapped by the CDK CLI.

    :param folder: for what is synthesised.
    :param names: of the stacks, each with its region, the oldest first.
    """

    session: Session
    folder: Path
    names: list[tuple[str, str]] = field(default_factory=list)
    _assemblies: int = 0
    _bootstrapped: set[str] = field(default_factory=set)

    def client(self, service: str, region: str = REGION) -> Any:
        """A client of boto3's."""
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=self.session.environment["AWS_ENDPOINT_URL"],
            aws_access_key_id=self.session.environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.session.environment["AWS_SECRET_ACCESS_KEY"],
        )

    def templates(self, **context: str) -> dict[str, Template]:
        """A deployment's templates by the last word of the stack's name, its assets published."""
        return {name.rpartition("-")[2]: template for name, template in self.synthesised(**context).items()}

    def synthesised(self, **context: str) -> dict[str, Template]:
        """A deployment's templates by the stack's name, its assets published."""
        out = self.folder / f"assembly-{self._assemblies}"
        self._assemblies += 1
        settings = json.loads((ROOT / "cdk.json").read_text())["context"]
        zones = {f"availability-zones:account={ACCOUNT}:region={REGION}": [f"{REGION}{each}" for each in "abc"]}
        # In a process of its own, whose memory is given back.
        done = subprocess.run(
            [sys.executable, str(ROOT / "app.py")],
            env={
                **os.environ,
                **LIGHT,
                "CDK_CONTEXT_JSON": json.dumps({**settings, **zones, **context}),
                "CDK_OUTDIR": str(out),
                "CDK_DEFAULT_ACCOUNT": ACCOUNT,
                "CDK_DEFAULT_REGION": REGION,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise LocalCloudError(
                f"the app must synthesise with {context}, and does not: {done.stderr.strip()[-2000:]}"
            )
        for manifest in out.glob("*.assets.json"):
            for name, file in json.loads(manifest.read_text())["files"].items():
                self._publish(out, name, file)
        return {
            path.name.removesuffix(".template.json"): json.loads(path.read_text())
            for path in out.glob("*.template.json")
        }

    def _publish(self, out: Path, name: str, file: dict[str, Any]) -> None:
        for each in file["destinations"].values():
            region, bucket = each.get("region", REGION), each["bucketName"]
            client = self.client("s3", region)
            if region not in self._bootstrapped:
                where = {} if region == REGION else {"LocationConstraint": region}
                client.create_bucket(Bucket=bucket, **({"CreateBucketConfiguration": where} if where else {}))
                self.client("ssm", region).put_parameter(
                    Name="/cdk-bootstrap/hnb659fds/version", Value="30", Type="String", Overwrite=True
                )
                self._bootstrapped.add(region)
            if file["source"]["packaging"] == "zip":
                archive = shutil.make_archive(str(self.folder / name), "zip", out / file["source"]["path"])
                client.upload_file(archive, bucket, each["objectKey"])
            elif file["source"]["path"].endswith(".zip"):
                client.upload_file(str(out / file["source"]["path"]), bucket, each["objectKey"])

    def deploy(
        self,
        prefix: str,
        templates: Mapping[str, Template],
        changes: Mapping[str, Change] | None = None,
        between: Callable[[], object] = lambda: None,
    ) -> Deployed:
        """Create the stacks in their order; the last one's end counts.

        :param prefix: of the stacks' names, in place of the app's.
        :param changes: what is changed in a template before, by the last word of its stack's name.
        :param between: what happens before the client's stack.
        """
        changed, found = changes or {}, Deployed("", {}, [])
        for part in (each for each in ("Network", "Database", "Cache", "Client") if each in templates):
            template = renamed(templates[part], prefix)
            if part in changed:
                changed[part](template)
            if part == "Client":
                between()
            found = self.create(f"{prefix}-{part}", template)
            if found.status != "CREATE_COMPLETE":
                break
        return found

    def create(self, name: str, template: Template, region: str = REGION) -> Deployed:
        """Create a stack, and wait for its end."""
        self.client("cloudformation", region).create_stack(
            StackName=name, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_NAMED_IAM"]
        )
        self.names.append((name, region))
        return self.end_of(name, region)

    def update(self, name: str, template: Template) -> Deployed:
        """Update a stack, and wait for its end."""
        self.client("cloudformation").update_stack(
            StackName=name, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_NAMED_IAM"]
        )
        return self.end_of(name)

    def delete(self, name: str, region: str = REGION) -> None:
        """Delete a stack.

        :raises LocalCloudError: when it is still there afterwards, with the reason.
        """
        client = self.client("cloudformation", region)
        client.delete_stack(StackName=name)
        until, status = time.monotonic() + _SECONDS, ""
        while time.monotonic() < until:
            statuses = {each["StackName"]: each["StackStatus"] for each in client.list_stacks()["StackSummaries"]}
            status = statuses.get(name, "DELETE_COMPLETE")
            if status in ("DELETE_COMPLETE", "DELETE_FAILED"):
                break
            time.sleep(0.1)
        if status != "DELETE_COMPLETE":
            reasons = self.end_of(name, region).reasons
            raise LocalCloudError(f"stack {name} must be deleted, and is {status}: {reasons[:2]}")
        self.names.remove((name, region))

    def delete_all(self, prefix: str = "") -> None:
        """Delete every stack whose name begins so, the last one first."""
        for name, region in reversed(self.names[:]):
            if name.startswith(prefix):
                self.delete(name, region)

    def kill_servers(self, prefix: str, part: str = "") -> None:
        """Kill the servers of a cache without a word.

        :param prefix: of its stack.
        :param part: of the servers' names.
        :raises LocalCloudError: when there are none.
        """
        found = list((self.session.folder / "caches").glob(f"{prefix.lower()}-cache*/*{part}*/pid"))
        if not found:
            raise LocalCloudError(f"{prefix} must have servers named {part!r}, and has none")
        for path in found:
            os.kill(int(path.read_text()), signal.SIGKILL)

    def stop_database(self, prefix: str) -> None:
        """Stop the databases of a stack, by RDS's API.

        :param prefix: of its name.
        :raises LocalCloudError: when there are none.
        """
        rds, beginning = self.client("rds"), f"{prefix.lower()}-"
        instances = [
            each["DBInstanceIdentifier"]
            for each in rds.describe_db_instances()["DBInstances"]
            if not each.get("DBClusterIdentifier")
        ]
        clusters = [each["DBClusterIdentifier"] for each in rds.describe_db_clusters()["DBClusters"]]
        mine = [each for each in (*instances, *clusters) if each.startswith(beginning)]
        if not mine:
            raise LocalCloudError(f"{prefix} must have a database, and has none")
        for id in mine:
            if id in clusters:
                rds.stop_db_cluster(DBClusterIdentifier=id)
            else:
                rds.stop_db_instance(DBInstanceIdentifier=id)

    def end_of(self, name: str, region: str = REGION) -> Deployed:
        """How a stack is, once nothing is in progress."""
        client, until = self.client("cloudformation", region), time.monotonic() + _SECONDS
        while True:
            (stack,) = client.describe_stacks(StackName=name)["Stacks"]
            if not stack["StackStatus"].endswith("_IN_PROGRESS") or time.monotonic() > until:
                break
            time.sleep(0.1)
        events = client.describe_stack_events(StackName=name)["StackEvents"]
        return Deployed(
            stack["StackStatus"],
            {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])},
            [each["ResourceStatusReason"] for each in events if each.get("ResourceStatusReason")],
        )


def renamed(template: Template, prefix: str) -> Template:
    """A copy for a stack of another name: those that it refers to are named alike, and so are its users."""
    text, made = json.dumps(template), copy.deepcopy(template)
    for known in map(stack_prefix, DEPLOYMENTS):
        if f"{known}-" in text:
            text = text.replace(f"{known}-", f"{prefix}-").replace(f"{known.lower()}-", f"{prefix.lower()}-")
            made = json.loads(text)
    return made
