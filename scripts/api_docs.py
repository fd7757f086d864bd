"""Write docs/api: a page for each public class, which mkdocstrings fills from the docstrings (`make docs`).

Each page ends with links to the examples and guides that use the class. The pages are listed by subject, in the index
and in the navigation of mkdocs.yml.
"""

import ast
import inspect
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Final

import constructs_lib
from constructs_lib import parameters, presets

ROOT: Final = Path(__file__).parents[1]
FOLDER: Final = ROOT / "docs" / "api"
CONFIG: Final = ROOT / "mkdocs.yml"
REPOSITORY: Final = "https://github.com/YOUR-ORGANISATION/elasticache-stack/blob/main"
_FENCE: Final = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NAVIGATION: Final = re.compile(r"(?<=\n  - API:\n)(?: {6,}.*\n)+")
_ENGINES = {
    "redis and valkey": (constructs_lib.EngineVersion.REDIS_7_1, "valkey the same"),
    "memcached": (constructs_lib.MemcachedVersion.V1_6_22, ""),
    "serverless": (constructs_lib.ServerlessEngine.VALKEY_8, "redis and memcached the same"),
}
GROUPS: Final = {
    "Caches": "ReplicationGroup MemcachedCluster ServerlessCache OutpostCluster DatabaseCache HardenedReplicationGroup "
    "CacheBase ReplicationGroupBase MemcachedClusterBase ServerlessCacheBase",
    "Global Datastore": "GlobalDatastoreSet GlobalRegion GlobalDatastore GlobalDatastoreSecondary RegionalZones "
    "GlobalDatastoreBase",
    "Settings of a cache": "EngineVersion Engine MemcachedVersion ServerlessEngine ServerlessEngineName NodeType "
    "ClusterMode ClusterModeName Shard Durability TransitEncryption UsageLimits Endpoint ParameterGroup "
    "ParameterGroupBase PropTypeError",
    "Access": "Access IamUser PasswordUser NoPasswordUser UserBase UserGroup UserGroupBase AccessString AccessRules "
    "Category KeyAccess CacheGrants Authentication BoundAccess CredentialRotation",
    "Network": "Network InstanceConnectEndpoint SubnetGroup SubnetGroupBase NetworkType IpDiscovery",
    "Client": "CacheClient ClientProgram DatabaseTarget",
    "Backups": "Backup RestoreFrom Snapshot SnapshotBase ServerlessCacheSnapshot ServerlessCacheSnapshotBase",
    "Monitoring": "CacheAlarms AlarmThresholds CacheDashboard CacheEventRule CacheEvent LogDelivery LogDestination "
    "LogFormat LogType ReplicationGroupMetrics MemcachedMetrics ServerlessCacheMetrics MetricOptions "
    "NodeMetricOptions MemcachedMetricOptions",
    "Scaling": "ShardScaling ReplicaScaling",
    "Checks": "ElastiCacheChecks",
}
_MODULES: Final = {
    "presets": "Easy create: the console's three choices for every engine.",
    "parameters": "Parameters by family, as typed fields.",
}
_INTRODUCTION: Final = """# API

Everything is imported from `elasticache_constructs`; in this repository the package is `constructs_lib`.

In the examples, `self` is a stack, and `vpc`, `role`, `function`, `topic`, `secret` and `security_group` are constructs
of the CDK in it. `cache` is a `ReplicationGroup` with cluster mode disabled, `clustered` one with cluster mode enabled,
`cluster` a `MemcachedCluster`, `serverless` a `ServerlessCache`, and `global_datastore` a `GlobalDatastore` of another
region. The tests run every example.
"""


def classes() -> list[str]:
    """The names of the public classes."""
    return [name for name in constructs_lib.__all__ if inspect.isclass(getattr(constructs_lib, name))]


def groups() -> dict[str, list[str]]:
    """The public classes by subject.

    :raises ValueError: for a class in no group or in two, and for a name that is no public class.
    """
    grouped = {title: names.split() for title, names in GROUPS.items()}
    listed = sorted(name for names in grouped.values() for name in names)
    if listed != sorted(classes()):
        wrong = sorted({name for name in listed if listed.count(name) > 1} ^ (set(listed) ^ set(classes())))
        raise ValueError(f"GROUPS must list each public class once, got {', '.join(wrong)}; correct GROUPS")
    return grouped


def example(name: str) -> str:
    """The code of the example in the docstring of a public class; empty if there is none."""
    found = _FENCE.search(inspect.getdoc(getattr(constructs_lib, name)) or "")
    return found.group(1) if found else ""


def pages() -> dict[Path, str]:
    """The text of every page, by path."""
    grouped = groups()
    pages_by_path = {FOLDER / f"{name}.md": _page(name) for names in grouped.values() for name in names}
    pages_by_path[FOLDER / "presets.md"] = _presets() + _see_also("presets")
    pages_by_path[FOLDER / "parameters.md"] = _parameters() + _see_also("parameters")
    pages_by_path[FOLDER / "index.md"] = _index(grouped)
    return pages_by_path


def navigation(config: str) -> str:
    """The text of mkdocs.yml with the API pages in its navigation, by subject."""
    lines = ["      - Overview: api/index.md"]
    for title, names in {**groups(), "Modules": list(_MODULES)}.items():
        lines += [f"      - {title}:", *(f"          - {name}: api/{name}.md" for name in names)]
    return _NAVIGATION.sub("\n".join(lines) + "\n", config)


def _page(name: str) -> str:
    kind = getattr(constructs_lib, name)
    path = f"{kind.__module__.replace('.', '/')}.py"
    source = f"\nSource: [`{path}`]({REPOSITORY}/{path}).\n"
    return f"::: {kind.__module__}.{name}\n    options: {{heading_level: 1}}\n" + source + _see_also(name)


def _see_also(name: str) -> str:
    """Links to the examples and guides whose code imports a public name; empty if there are none."""
    text = ""
    for title, sources in (("Examples", _examples()), ("Guides", _guides())):
        lines = [line for line, names in sources.items() if name in names]
        text += f"\n## {title}\n\n" + "\n".join(lines) + "\n" if lines else ""
    return text


@cache
def _examples() -> dict[str, set[str]]:
    """The names that each example imports, by its line in a list."""
    found = {}
    for path in sorted((ROOT / "examples").glob("[a-z]*.py")):
        code = path.read_text()
        summary = (ast.get_docstring(ast.parse(code)) or "").splitlines()[0]
        found[f"- [`{path.name}`]({REPOSITORY}/examples/{path.name}): {summary}"] = _imported([code])
    return found


@cache
def _guides() -> dict[str, set[str]]:
    """The names that the code of each guide imports, by its line in a list."""
    docs = FOLDER.parent
    found = {}
    for path in sorted([*docs.glob("[!i]*.md"), *docs.glob("guides/*.md"), *docs.glob("concepts/*.md")]):
        text = path.read_text()
        title = text.splitlines()[0].removeprefix("# ")
        found[f"- [{title}](../{path.relative_to(docs).as_posix()})"] = _imported(_FENCE.findall(text))
    return found


def _imported(blocks: Iterable[str]) -> set[str]:
    """The names that blocks of code import from the library."""
    nodes = [node for block in blocks for node in ast.walk(ast.parse(block)) if isinstance(node, ast.ImportFrom)]
    libraries = ("constructs_lib", "elasticache_constructs")
    return {alias.name for node in nodes if node.module in libraries for alias in node.names}


def _index(grouped: Mapping[str, list[str]]) -> str:
    lines = [_INTRODUCTION]
    for title, names in grouped.items():
        lines += [f"## {title}", "", "| class | description |", "| --- | --- |"]
        for name in names:
            summary = (inspect.getdoc(getattr(constructs_lib, name)) or "").splitlines()[0]
            lines.append(f"| [{name}]({name}.md) | {summary} |")
        lines.append("")
    lines += ["## Modules", "", "| module | description |", "| --- | --- |"]
    lines += [f"| [{name}]({name}.md) | {summary} |" for name, summary in _MODULES.items()]
    return "\n".join(lines) + "\n"


def _presets() -> str:
    lines = [
        "# presets",
        "",
        "Easy create: the console's three choices for every engine.",
        "`presets.production(EngineVersion.VALKEY_8_2)` is a value that describes itself (`choices()`).",
        '`dataclasses.replace` changes a part of it, and `.create(self, "Cache", vpc=vpc)` creates the cache.',
        "The app has the same presets: `-c preset=production`. Standard create corresponds to the constructs.",
        "",
    ]
    for title, (engine, same) in _ENGINES.items():
        chosen = {
            name: getattr(presets, name)(engine).choices()  # one function for each of the console's choices
            for name in ("demo", "dev_test", "production")
        }
        lines += [f"## {title}", ""]
        if same:
            lines += [f"For {engine}; {same}.", ""]
        lines += ["| property | demo | dev_test | production |", "| --- | --- | --- | --- |"]
        lines += [f"| {key} | {' | '.join(choices[key] for choices in chosen.values())} |" for key in chosen["demo"]]
        lines.append("")
    lines += ["## Reference", "", "::: constructs_lib.caches.presets", "", "::: constructs_lib.caches.preset_kinds"]
    return "\n".join(lines) + "\n"


def _parameters() -> str:
    lines = [
        "# parameters",
        "",
        "A parameter that is not set has the family's default; values are typed and checked.",
        "",
    ]
    for name in parameters.__all__:
        kind = getattr(parameters, name)
        lines += [f"::: {kind.__module__}.{name}", ""]
    return "\n".join(lines)


def main() -> None:
    """Write every page, and delete pages of classes that no longer exist."""
    written = pages()
    FOLDER.mkdir(exist_ok=True)
    for path in set(FOLDER.glob("*.md")) - set(written):
        path.unlink()
    for path, text in written.items():
        path.write_text(text)
    CONFIG.write_text(navigation(CONFIG.read_text()))
    print(f"wrote {len(written)} pages in {FOLDER.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
