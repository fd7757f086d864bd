"""A deployment's cloud assembly, synthesised once per process."""

import json
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from app import build_app
from tests.conftest import CONTEXT, ENV


@dataclass(frozen=True)
class Assembly:
    """The cloud assembly that `app.synth()` wrote."""

    folder: Path

    @property
    def templates(self) -> dict[str, dict[str, Any]]:
        """By stack name."""
        return {
            path.name.removesuffix(".template.json"): json.loads(path.read_text())
            for path in sorted(self.folder.glob("*.template.json"))
        }

    @property
    def manifest(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads((self.folder / "manifest.json").read_text())
        return document

    @property
    def reports(self) -> list[dict[str, Any]]:
        """The reports of the checks."""
        reports: list[dict[str, Any]] = json.loads((self.folder / "validation-report.json").read_text())[
            "pluginReports"
        ]
        return reports

    @property
    def violations(self) -> list[tuple[str, str]]:
        """Rule and construct of each finding that is not acknowledged."""
        return [
            (violation["ruleName"], construct["constructPath"])
            for report in self.reports
            for violation in report.get("violations", [])
            for construct in violation["violatingConstructs"]
        ]

    @property
    def used_acknowledgements(self) -> dict[tuple[str, str], tuple[str, str]]:
        """Id and place of each acknowledgement that silenced a finding: the finding's text and the reason."""
        return {
            (item["acknowledgedId"], item["acknowledgedAt"]): (item["description"], item["reason"])
            for report in self.reports
            for item in report.get("suppressedViolations", [])
        }

    @property
    def made_acknowledgements(self) -> set[tuple[str, str]]:
        """Id and place of each acknowledgement."""
        return {
            (id, path.removeprefix("/"))
            for file in self.folder.glob("*.metadata.json")
            for path, entries in json.loads(file.read_text()).items()
            for entry in entries
            if entry["type"] == "aws:cdk:acknowledged-rules"
            for id in _ids(entry["data"])
        }


def _ids(data: Any) -> list[str]:
    return list(data) if isinstance(data, dict) else [item["id"] if isinstance(item, dict) else item for item in data]


@cache
def assembly(*overrides: tuple[str, str]) -> Assembly:
    """Synthesise with these context values."""
    folder = Path(tempfile.mkdtemp(prefix="assembly-"))
    build_app({**CONTEXT, **dict(overrides)}, env=ENV, outdir=str(folder)).synth()
    return Assembly(folder)


VARIANTS: dict[str, tuple[tuple[str, str], ...]] = {
    "default": (),
    "cluster-mode-enabled": (("deployment", "cluster-mode-enabled"),),
    "valkey": (("engine", "valkey"), ("replicas", "2"), ("node_type", "cache.r7g.large")),
    "token-single-node": (
        ("access", "auth-token"),
        ("replicas", "0"),
        ("backup_retention_days", "3"),
        ("customer_managed_key", "true"),
    ),
    "every-switch": (
        ("ssm_endpoints", "true"),
        ("instance_connect_endpoint", "true"),
        ("availability_zone_count", "3"),
        ("termination_protection", "true"),
        ("port", "7000"),
        ("on_failure", "report"),
        ("restrict_default_security_group", "true"),
    ),
    "open": (("access", "none"), ("cluster_mode", "compatible"), ("multi_az", "false")),
    "password": (("access", "password"), ("engine", "valkey")),
    "rotation": (("access", "password"), ("rotation", "true")),
    "rotation-of-a-token": (
        ("access", "auth-token"),
        ("rotation", "true"),
        ("vpc_id", "vpc-0123456789abcdef0"),
        ("subnet_ids", "subnet-0a1b2c3d4e5f60711,subnet-0a1b2c3d4e5f60722"),
        ("availability_zones", "eu-west-1a,eu-west-1b"),
    ),
    "demo": (("preset", "demo"),),
    "production": (("preset", "production"), ("engine", "valkey")),
    "memcached": (("deployment", "memcached"), ("preset", "production")),
    "serverless": (("deployment", "serverless"), ("preset", "dev-test")),
    "serverless-rotation": (("deployment", "serverless"), ("access", "password"), ("rotation", "true")),
    "serverless-memcached": (("deployment", "serverless"), ("engine", "memcached"), ("customer_managed_key", "true")),
    "global-datastore": (("deployment", "global-datastore"),),
    "global-datastore-cluster": (
        ("deployment", "global-datastore"),
        ("regions", "us-east-1,eu-west-1,ap-southeast-1"),
        ("cluster_mode", "enabled"),
        ("shards", "2"),
        ("engine", "valkey"),
        ("customer_managed_key", "true"),
        ("log_delivery", "true"),
    ),
    "rds-behind-cache": (("deployment", "rds-behind-cache"),),
    "rds-behind-cache-least": (
        ("deployment", "rds-behind-cache"),
        ("removal", "destroy"),
        ("engine", "redis"),
        ("cache", "cluster-mode-enabled"),
        ("database_backup_retention_days", "0"),
    ),
    "rds-behind-cache-production": (("deployment", "rds-behind-cache"), ("preset", "production")),
    "aurora-behind-serverless": (
        ("deployment", "rds-behind-cache"),
        ("database", "aurora"),
        ("cache", "serverless"),
        ("vpc_id", "vpc-0123456789abcdef0"),
        ("subnet_ids", "subnet-0a1b2c3d4e5f60711,subnet-0a1b2c3d4e5f60722"),
        ("availability_zones", "eu-west-1a,eu-west-1b"),
    ),
    "aurora-behind-cache-production": (
        ("deployment", "rds-behind-cache"),
        ("database", "aurora"),
        ("cache", "cluster-mode-enabled"),
        ("preset", "production"),
        ("termination_protection", "true"),
    ),
    "existing-vpc": (
        ("vpc_id", "vpc-0123456789abcdef0"),
        ("subnet_ids", "subnet-0a1b2c3d4e5f60711,subnet-0a1b2c3d4e5f60722"),
        ("availability_zones", "eu-west-1a,eu-west-1b"),
    ),
}
