"""Deploys the app's templates to the emulator with boto3, unchanged or with a fault."""

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
from local_cloud.session import ACCOUNT, LIGHT, REGION, ROOT, LocalCloudError, Session

_SECONDS: Final = 100.0
Template = dict[str, Any]
Change = Callable[[Template], None]


@dataclass(frozen=True, slots=True)
class Deployed:
    """The outcome of an operation on a stack.

    :param reasons: the reasons of its events, the newest first.
    """

    status: str
    outputs: Mapping[str, str]
    reasons: list[str]

    @property
    def verdict(self) -> str:
        """The verdict of the connection test; empty without one."""
        return next((value for key, value in self.outputs.items() if key.startswith("ClientVerdict")), "")

    @property
    def reason(self) -> str:
        """The reason of a failure: that of the wait condition, or else all reasons."""
        return next(
            (reason for reason in self.reasons if "FAIL at" in reason or "timed out" in reason), str(self.reasons)
        )


@dataclass(slots=True)
class Stacks:
    """The stacks in an emulator that the CDK CLI has not bootstrapped.

    :param folder: the folder for cloud assemblies.
    :param names: the names and regions of the stacks, the oldest first.
    """

    session: Session
    folder: Path
    names: list[tuple[str, str]] = field(default_factory=list)
    _assemblies: int = 0
    _bootstrapped: set[str] = field(default_factory=set)

    def client(self, service: str, region: str = REGION) -> Any:
        """Create a boto3 client for the emulator."""
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=self.session.environment["AWS_ENDPOINT_URL"],
            aws_access_key_id=self.session.environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.session.environment["AWS_SECRET_ACCESS_KEY"],
        )

    def templates(self, **context: str) -> dict[str, Template]:
        """Synthesise a deployment of one region; returns the templates by the last word of the stack's name."""
        return {name.rpartition("-")[2]: template for name, template in self.synthesise(**context).items()}

    def synthesise(self, **context: str) -> dict[str, Template]:
        """Synthesise a deployment and publish its assets; returns the templates by stack name.

        :raises LocalCloudError: when the app fails, with its error.
        """
        out = self.folder / f"assembly-{self._assemblies}"
        self._assemblies += 1
        settings = json.loads((ROOT / "cdk.json").read_text())["context"]
        zones = {f"availability-zones:account={ACCOUNT}:region={REGION}": [f"{REGION}{letter}" for letter in "abc"]}
        # In a separate process, whose memory is freed when it ends.
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
                f"the app cannot be synthesised with {context}; correct the error: {done.stderr.strip()[-2000:]}"
            )
        for manifest in out.glob("*.assets.json"):
            for name, file in json.loads(manifest.read_text())["files"].items():
                self._publish(out, name, file)
        return {
            path.name.removesuffix(".template.json"): json.loads(path.read_text())
            for path in out.glob("*.template.json")
        }

    def _publish(self, out: Path, name: str, file: dict[str, Any]) -> None:
        for destination in file["destinations"].values():
            region, bucket = destination.get("region", REGION), destination["bucketName"]
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
                client.upload_file(archive, bucket, destination["objectKey"])
            elif file["source"]["path"].endswith(".zip"):
                client.upload_file(str(out / file["source"]["path"]), bucket, destination["objectKey"])

    def deploy(
        self,
        prefix: str,
        templates: Mapping[str, Template],
        changes: Mapping[str, Change] | None = None,
        before_client: Callable[[], object] = lambda: None,
    ) -> Deployed:
        """Create the stacks in their order; returns the outcome of the last one, or of the first that failed.

        :param prefix: prefix of the stack names, which replaces that of the app.
        :param changes: changes to the templates, by the last word of the stack's name.
        :param before_client: called before the stack of the client is created.
        """
        changed, result = changes or {}, Deployed("", {}, [])
        for part in (name for name in ("Network", "Database", "Cache", "Client") if name in templates):
            template = renamed(templates[part], prefix)
            if part in changed:
                changed[part](template)
            if part == "Client":
                before_client()
            result = self.create(f"{prefix}-{part}", template)
            if result.status != "CREATE_COMPLETE":
                break
        return result

    def create(self, name: str, template: Template, region: str = REGION) -> Deployed:
        """Create a stack, and wait for the outcome."""
        self.client("cloudformation", region).create_stack(
            StackName=name, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_NAMED_IAM"]
        )
        self.names.append((name, region))
        return self.end_of(name, region)

    def update(self, name: str, template: Template) -> Deployed:
        """Update a stack, and wait for the outcome."""
        self.client("cloudformation").update_stack(
            StackName=name, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_NAMED_IAM"]
        )
        return self.end_of(name)

    def delete(self, name: str, region: str = REGION) -> None:
        """Delete a stack, and wait until it is deleted.

        :raises LocalCloudError: when the deletion fails or takes more than 100 s, with the reason.
        """
        client = self.client("cloudformation", region)
        client.delete_stack(StackName=name)
        until, status = time.monotonic() + _SECONDS, ""
        while time.monotonic() < until:
            statuses = {stack["StackName"]: stack["StackStatus"] for stack in client.list_stacks()["StackSummaries"]}
            status = statuses.get(name, "DELETE_COMPLETE")
            if status in ("DELETE_COMPLETE", "DELETE_FAILED"):
                break
            time.sleep(0.1)
        if status != "DELETE_COMPLETE":
            reasons = self.end_of(name, region).reasons
            raise LocalCloudError(f"stack {name} was not deleted and is {status}; correct the cause: {reasons[:2]}")
        self.names.remove((name, region))

    def delete_all(self, prefix: str = "") -> None:
        """Delete all stacks whose names begin with a prefix, the newest first."""
        for name, region in reversed(self.names[:]):
            if name.startswith(prefix):
                self.delete(name, region)

    def kill_servers(self, prefix: str, part: str = "") -> None:
        """Kill servers of a cache.

        :param prefix: prefix of the cache's stack.
        :param part: a part of the servers' names. Default: all servers of the cache.
        :raises LocalCloudError: when there is no such server.
        """
        files = list((self.session.folder / "caches").glob(f"{prefix.lower()}-cache*/*{part}*/pid"))
        if not files:
            raise LocalCloudError(f"no server of {prefix} has {part!r} in its name; correct the prefix or the part")
        for path in files:
            os.kill(int(path.read_text()), signal.SIGKILL)

    def stop_database(self, prefix: str) -> None:
        """Stop the databases of a stack through the RDS API.

        :param prefix: prefix of the database's stack.
        :raises LocalCloudError: when there is no such database.
        """
        rds, start = self.client("rds"), f"{prefix.lower()}-"
        instances = [
            instance["DBInstanceIdentifier"]
            for instance in rds.describe_db_instances()["DBInstances"]
            if not instance.get("DBClusterIdentifier")
        ]
        clusters = [cluster["DBClusterIdentifier"] for cluster in rds.describe_db_clusters()["DBClusters"]]
        ids = [id for id in (*instances, *clusters) if id.startswith(start)]
        if not ids:
            raise LocalCloudError(f"{prefix} has no database; correct the prefix")
        for id in ids:
            if id in clusters:
                rds.stop_db_cluster(DBClusterIdentifier=id)
            else:
                rds.stop_db_instance(DBInstanceIdentifier=id)

    def end_of(self, name: str, region: str = REGION) -> Deployed:
        """Wait until no operation on the stack is in progress, for at most 100 s; returns the outcome."""
        client, until = self.client("cloudformation", region), time.monotonic() + _SECONDS
        while True:
            (stack,) = client.describe_stacks(StackName=name)["Stacks"]
            if not stack["StackStatus"].endswith("_IN_PROGRESS") or time.monotonic() > until:
                break
            time.sleep(0.1)
        events = client.describe_stack_events(StackName=name)["StackEvents"]
        return Deployed(
            stack["StackStatus"],
            {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])},
            [event["ResourceStatusReason"] for event in events if event.get("ResourceStatusReason")],
        )


def renamed(template: Template, prefix: str) -> Template:
    """A copy of a template with another prefix in the names of stacks and users."""
    text, result = json.dumps(template), copy.deepcopy(template)
    for known in map(stack_prefix, DEPLOYMENTS):
        if f"{known}-" in text:
            text = text.replace(f"{known}-", f"{prefix}-").replace(f"{known.lower()}-", f"{prefix.lower()}-")
            result = json.loads(text)
    return result
