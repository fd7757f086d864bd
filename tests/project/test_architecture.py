"""The structure of the project: directions of imports, the public API, member names, and current requirements."""

import ast
import inspect
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import constructs
import jsii
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import constructs_lib
from scripts.requirements import lower_bounds
from tests.conftest import ROOT

PUBLIC = [
    "CACHE_FAILURES",
    "DATA_ACCESS",
    "NO_ACCESS",
    "Access",
    "AccessRules",
    "AccessString",
    "AlarmThresholds",
    "Authentication",
    "Backup",
    "BoundAccess",
    "CacheAlarms",
    "CacheBase",
    "CacheClient",
    "CacheDashboard",
    "CacheEvent",
    "CacheEventRule",
    "CacheGrants",
    "Category",
    "ClientProgram",
    "ClusterMode",
    "ClusterModeName",
    "CredentialRotation",
    "DatabaseCache",
    "DatabaseTarget",
    "Durability",
    "ElastiCacheChecks",
    "Endpoint",
    "Engine",
    "EngineVersion",
    "GlobalDatastore",
    "GlobalDatastoreBase",
    "GlobalDatastoreSecondary",
    "GlobalDatastoreSet",
    "GlobalRegion",
    "HardenedReplicationGroup",
    "IamUser",
    "InstanceConnectEndpoint",
    "IpDiscovery",
    "KeyAccess",
    "LogDelivery",
    "LogDestination",
    "LogFormat",
    "LogType",
    "MemcachedCluster",
    "MemcachedClusterBase",
    "MemcachedMetricOptions",
    "MemcachedMetrics",
    "MemcachedVersion",
    "MetricOptions",
    "Network",
    "NetworkType",
    "NoPasswordUser",
    "NodeMetricOptions",
    "NodeType",
    "OutpostCluster",
    "ParameterGroup",
    "ParameterGroupBase",
    "PasswordUser",
    "PropTypeError",
    "RegionalZones",
    "ReplicaScaling",
    "ReplicationGroup",
    "ReplicationGroupBase",
    "ReplicationGroupMetrics",
    "RestoreFrom",
    "ServerlessCache",
    "ServerlessCacheBase",
    "ServerlessCacheMetrics",
    "ServerlessCacheSnapshot",
    "ServerlessCacheSnapshotBase",
    "ServerlessEngine",
    "ServerlessEngineName",
    "Shard",
    "ShardScaling",
    "Snapshot",
    "SnapshotBase",
    "SubnetGroup",
    "SubnetGroupBase",
    "TransitEncryption",
    "UsageLimits",
    "UserBase",
    "UserGroup",
    "UserGroupBase",
    "newest_amazon_linux_2023",
    "parameters",
    "presets",
]
CONSTRUCTS = [
    name
    for name in PUBLIC
    if inspect.isclass(getattr(constructs_lib, name))
    and issubclass(getattr(constructs_lib, name), constructs.Construct)
]


def sources(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


@pytest.mark.cli
def test_directions_of_imports() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_no_package_imports_the_app_or_the_tests() -> None:
    for path in sources("stacks", "constructs_lib", "elasticache_rules"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [node.module] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            assert not {str(name).split(".")[0] for name in names} & {"app", "tests", "bench", "scripts"}, path


def test_the_library_works_under_another_name(tmp_path: Path) -> None:
    """A wheel can rename the package, because its imports are relative and its files are in the package."""
    name = "elasticache_constructs"
    shutil.copytree(ROOT / "constructs_lib", tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    script = f"""
import sys
sys.modules["constructs_lib"] = None
import aws_cdk as cdk
import {name} as library
app = cdk.App()
network = library.Network(cdk.Stack(app, "N"), "Network")
stack = cdk.Stack(app, "S")
cache = library.ReplicationGroup(stack, "Cache", vpc=network.vpc)
library.CacheClient(stack, "Client", vpc=network.vpc, cache=cache)
library.CacheAlarms(stack, "Alarms", cache=cache)
print(len(app.synth().stacks), sorted(set(library.__all__) - set(dir(library))))
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "2 []\n", done.stderr


def test_the_public_api() -> None:
    assert sorted(constructs_lib.__all__) == sorted(PUBLIC)


@pytest.mark.parametrize("name", PUBLIC)
def test_everything_public_is_documented(name: str) -> None:
    thing = getattr(constructs_lib, name)
    if not inspect.isclass(thing):
        return
    assert thing.__doc__
    for member, value in vars(thing).items():
        if not member.startswith("_") and (
            inspect.isfunction(value) or isinstance(value, property | classmethod | staticmethod)
        ):
            assert inspect.getdoc(getattr(thing, member)), f"{name}.{member}"


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_no_member_shadows_one_of_jsii(name: str) -> None:
    """A member with the name of a CDK member would replace that member for the CDK too."""
    own = {member for member in vars(getattr(constructs_lib, name)) if not member.startswith("_")}
    assert own & {member for member in dir(constructs.Construct) if not member.startswith("_")} == set()


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_props_are_keyword_only_and_typed(name: str) -> None:
    signature = inspect.signature(getattr(constructs_lib, name).__init__)
    for parameter in list(signature.parameters.values())[3:]:
        if parameter.kind is inspect.Parameter.VAR_POSITIONAL and parameter.name == "args":
            continue  # Construct's own signature
        assert parameter.kind is inspect.Parameter.KEYWORD_ONLY, f"{name}.{parameter.name}"
        text = str(parameter.annotation)
        assert "Any" not in text
        assert "Cfn" not in text
        assert "dict" not in text


def test_interfaces_are_implemented_with_properties() -> None:
    for kind in (
        constructs_lib.ReplicationGroupBase,
        constructs_lib.CacheClient,
        constructs_lib.InstanceConnectEndpoint,
    ):
        assert isinstance(inspect.getattr_static(kind, "connections"), property)
        assert jsii is not None


def test_modules_are_short() -> None:
    for path in sources(
        "stacks",
        "constructs_lib",
        "elasticache_rules",
        "elasticache_caching",
        "examples",
        "local_cloud",
        "elasticache_operations",
        "scripts",
        "bench",
    ):
        assert len(path.read_text().splitlines()) <= 320, path


def _pins(name: str) -> dict[str, str]:
    pins = re.findall(r"^([a-zA-Z0-9._-]+)(?:\[[^\]]*\])?==([^\s;]+)", (ROOT / name).read_text(), re.MULTILINE)
    return {canonicalize_name(package): version for package, version in pins}


@pytest.mark.parametrize(("name", "groups"), [("requirements.txt", ()), ("requirements-dev.txt", ("dev",))])
def test_requirements_are_pinned_as_pyproject_asks(name: str, groups: tuple[str, ...]) -> None:
    """Every requirement is pinned by hash, to a version that it allows; `make requirements` updates the pins."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    requirements = list(project["project"]["dependencies"])
    # The dependencies of the app, and of the commands in the runbooks.
    for extra in ("app", "operations"):
        requirements += project["project"]["optional-dependencies"][extra]
    for group in groups:
        requirements += project["dependency-groups"][group]
    pins = _pins(name)
    for requirement in map(Requirement, requirements):
        if requirement.name == "elasticache-rules":  # A part of this repository, which is imported from its folder.
            continue
        pinned = pins.get(canonicalize_name(requirement.name))
        assert pinned, f"{requirement.name} is not in {name}; run 'make requirements'"
        assert requirement.specifier.contains(pinned), f"{requirement} is not {pinned}; run 'make requirements'"
    text = (ROOT / name).read_text()
    assert text.count("--hash=sha256:") >= len(pins)


def test_the_lower_bound_is_what_is_pinned_for_its_tests() -> None:
    pins = _pins("requirements-lower-bound.txt")
    bounds = [Requirement(each) for each in lower_bounds()]
    assert [each.name for each in bounds] == ["aws-cdk-lib", "constructs"]
    for bound in bounds:
        assert bound.specifier.contains(pins[canonicalize_name(bound.name)]), "run 'make requirements'"


def test_both_sets_of_requirements_agree() -> None:
    app, dev = _pins("requirements.txt"), _pins("requirements-dev.txt")
    assert app.items() <= dev.items()


def test_no_host_of_a_registry_and_no_path_of_a_machine() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    hosts = re.compile(
        "|".join(("pypi" + r"\.org", "npmjs" + r"\.(org|com)", "pythonhosted" + r"\.org", r"deb\." + "debian"))
    )
    for name in filter(None, listed.stdout.split("\0")):
        text = (ROOT / name).read_text(errors="replace")
        assert not hosts.search(text), name
