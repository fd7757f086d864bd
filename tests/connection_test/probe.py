"""Runs the connection test as a program, as the instance does."""

import json
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.cache_servers import PASSWORD, Server, isolated_environment

# The stages of a database, where none is configured.
NO_DATABASE = dict.fromkeys(("db-dns", "db-tcp", "db-tls", "db-auth", "db-query"), "SKIP")
SOURCE = Path(__file__).parents[2] / "constructs_lib" / "client" / "connection_test"


@dataclass
class Outcome:
    """The output and the exit status of the program."""

    status: int
    output: str
    errors: str

    @property
    def report(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.output)
        return document

    @property
    def failed(self) -> dict[str, Any]:
        """The stage that failed."""
        failures: list[dict[str, Any]] = [stage for stage in self.report["stages"] if stage["status"] == "FAIL"]
        assert len(failures) == 1, self.report
        return failures[0]

    def stage(self, name: str) -> dict[str, Any]:
        match: dict[str, Any] = next(stage for stage in self.report["stages"] if stage["stage"] == name)
        return match


def _cached(path: Path) -> bool:
    """Whether a tool has written it beside the source."""
    return any(part.startswith(".") for part in path.relative_to(SOURCE).parts)


def make_zip(path: Path) -> Path:
    """Create the archive in the form in which the CDK CLI publishes the asset."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(item for item in SOURCE.rglob("*") if item.suffix in (".json", ".py") and not _cached(item)):
            archive.write(file, file.relative_to(SOURCE))
    return path


def run(
    *words: str,
    password: str = "",
    environment: dict[str, str] | None = None,
    program: Path = SOURCE,
    form: str = "json",
    stdin: str | None = None,
    slow_ms: float = 1000,
) -> Outcome:
    """Run the connection test; latencies up to a second are accepted, because the machine can be busy."""
    variables = {**isolated_environment(), **(environment or {})}
    if password:
        variables["CACHE_PASSWORD"] = password
    done = subprocess.run(
        [sys.executable, "-I", str(program), "--format", form, f"--slow-ms={slow_ms}", *words],
        capture_output=True,
        text=True,
        env=variables,
        timeout=120,
        check=False,
        input=stdin,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


def to(*servers: Server, ca_file: Path | None = None) -> list[str]:
    """The arguments for connecting to servers, of which the first is the endpoint."""
    words = ["--host", servers[0].host, "--port", str(servers[0].port)]
    for server in servers:
        words += ["--connect-to", server.connect_to]
    if servers[0].tls:
        words += ["--ca-file", str(ca_file or servers[0].certificates.ca_file)]
    else:
        words += ["--no-tls"]
    return words


def as_user(name: str) -> list[str]:
    return ["--authentication", "password", "--user", name]


__all__ = ["NO_DATABASE", "PASSWORD", "Outcome", "as_user", "make_zip", "run", "to"]
