"""The zip as it is deployed, a real database, real caches, and the program in a process of its own."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from scripts import build_demo
from tests import cache_servers, database_servers
from tests.cache_servers import PASSWORD, Certificates, Server
from tests.database_servers import Database
from tests.outputs import rest_of

APPLICATION = "shop"


def python39() -> str:
    """The Python of Amazon Linux 2023 where this machine has it, else the one that runs the tests."""
    found = shutil.which("python3.9")
    works = found and subprocess.run([found, "-c", ""], capture_output=True, check=False).returncode == 0
    return found if found and works else sys.executable


@pytest.fixture(scope="session")
def demo_zip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("demo") / "caching-demo.zip"
    build_demo.build(made)
    return made


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with database_servers.database(tmp_path_factory.mktemp("database")) as made:
        yield made


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory, certificates: Certificates) -> Iterator[Server]:
    """With TLS and users, for all tests that do it no harm."""
    made = cache_servers.start(tmp_path_factory.mktemp("cache"), "node", certificates)
    yield made
    made.stop()


@dataclass(frozen=True)
class Outcome:
    """What a run left."""

    status: int
    output: str
    summary: str
    folder: Path
    seconds: float

    @property
    def report(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "report.json").read_text())
        return found


@dataclass(frozen=True)
class Program:
    """Runs the zip with a configuration, with nothing installed."""

    zip: Path
    folder: Path
    database: Database
    certificates: Certificates

    def config(self, port: int, **changes: Any) -> dict[str, Any]:
        """As the stack writes it, for a cache with TLS and users on a port."""
        return {
            "endpoints": [{"role": "primary", "host": "127.0.0.1", "port": port}],
            "engine": "redis",
            "cluster_mode": "disabled",
            "tls": True,
            "authentication": "password",
            "user": "app",
            "database": {
                "engine": "postgres",
                "host": "127.0.0.1",
                "port": self.database.port,
                "name": self.database.name,
                "user": self.database.user,
                "application_user": APPLICATION,
                "region": "us-east-1",
            },
            **changes,
        }

    def start(
        self,
        config: Mapping[str, Any],
        *words: str,
        name: str = "run",
        secret: str | None = None,
        authorities: str | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> "Started":
        """Start it.

        :param secret: of the database user; the right one by default, and none for IAM with an empty one.
        :param authorities: in PEM; those of the servers by default.
        """
        folder = self.folder / name
        folder.mkdir()
        trusted = self.database.ca_file.read_text() + self.certificates.ca_file.read_text()
        (folder / "authorities.pem").write_text(trusted if authorities is None else authorities)
        (folder / "config.json").write_text(json.dumps(config))
        (folder / "secret").write_text(self.database.password if secret is None else secret)
        paths = {
            "--config": folder / "config.json",
            "--output": folder / "report",
            "--summary": folder / "summary",
        }
        if secret != "":
            paths["--database-password-file"] = folder / "secret"
        variables = {"CACHE_PASSWORD": PASSWORD, **(environment or {})}
        process = subprocess.Popen(
            [python39(), "-S", "-I", str(self.zip), *(str(word) for pair in paths.items() for word in pair), *words],
            env={"PATH": os.defpath, "SSL_CERT_FILE": str(folder / "authorities.pem"), **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return Started(process, folder, time.monotonic())

    def run(self, config: Mapping[str, Any], *words: str, **options: Any) -> Outcome:
        """Run it to its end."""
        return self.start(config, *(words or ("--quick",)), **options).end()


@dataclass(frozen=True)
class Started:
    """A run that goes on."""

    process: subprocess.Popen[str]
    folder: Path
    began: float

    def end(self) -> Outcome:
        output, _ = rest_of(self.process, 120)
        seconds = time.monotonic() - self.began
        summary = self.folder / "summary"
        line = summary.read_text() if summary.exists() else ""
        return Outcome(self.process.returncode, output, line, self.folder / "report", seconds)


@pytest.fixture
def program(demo_zip: Path, tmp_path: Path, database: Database, certificates: Certificates) -> Program:
    return Program(demo_zip, tmp_path, database, certificates)
