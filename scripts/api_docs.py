"""Write docs/api: a page for each public class, which mkdocstrings fills from the docstrings (`make docs`)."""

import inspect
from pathlib import Path

import constructs_lib
from constructs_lib import parameters, presets

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "api"
_ENGINES = {
    "redis and valkey": (constructs_lib.EngineVersion.REDIS_7_1, "valkey the same"),
    "memcached": (constructs_lib.MemcachedVersion.V1_6_22, ""),
    "serverless": (constructs_lib.ServerlessEngine.VALKEY_8, "redis and memcached the same"),
}
_GROUPS = {
    "Caches": "ReplicationGroup MemcachedCluster ServerlessCache OutpostCluster GlobalDatastore "
    "GlobalDatastoreSecondary",
    "Networks and data": "Network InstanceConnectEndpoint SubnetGroup ParameterGroup Snapshot ServerlessCacheSnapshot",
    "Access": "Access IamUser PasswordUser NoPasswordUser UserGroup AccessString AccessRules Category KeyAccess "
    "CacheGrants CredentialRotation Authentication BoundAccess",
    "Testing and monitoring": "CacheClient DatabaseTarget ClientProgram CacheAlarms AlarmThresholds CacheDashboard "
    "CacheEventRule CacheEvent "
    "ReplicationGroupMetrics MemcachedMetrics ServerlessCacheMetrics MetricOptions NodeMetricOptions "
    "MemcachedMetricOptions ElastiCacheChecks HardenedReplicationGroup",
    "Scaling": "ShardScaling ReplicaScaling",
}


def pages() -> dict[Path, str]:
    """The text of every page, by path."""
    public = [name for name in constructs_lib.__all__ if inspect.isclass(getattr(constructs_lib, name))]
    grouped = {title: names.split() for title, names in _GROUPS.items()}
    taken = {name for names in grouped.values() for name in names}
    bases = [name for name in public if name.endswith("Base")]
    grouped["Values"] = sorted(set(public) - taken - set(bases))
    grouped["Imported resources"] = bases
    pages_by_path = {FOLDER / f"{name}.md": _page(name) for names in grouped.values() for name in names}
    pages_by_path[FOLDER / "presets.md"] = _presets()
    pages_by_path[FOLDER / "parameters.md"] = _parameters()
    pages_by_path[FOLDER / "index.md"] = _index(grouped)
    return pages_by_path


def _page(name: str) -> str:
    kind = getattr(constructs_lib, name)
    return f"# {name}\n\n::: {kind.__module__}.{name}\n"


def _index(grouped: dict[str, list[str]]) -> str:
    lines = ["# API", "", "Everything is imported from `constructs_lib`.", ""]
    for title, names in grouped.items():
        lines += [f"## {title}", "", "| | |", "| --- | --- |"]
        for name in names:
            summary = (inspect.getdoc(getattr(constructs_lib, name)) or "").splitlines()[0]
            lines.append(f"| [{name}]({name}.md) | {summary} |")
        lines.append("")
    lines += ["## Modules", "", "| | |", "| --- | --- |"]
    lines.append("| [presets](presets.md) | Easy create: the console's three choices for every engine. |")
    lines.append("| [parameters](parameters.md) | Parameters by family, as typed fields. |")
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
        lines += ["| | demo | dev_test | production |", "| --- | --- | --- | --- |"]
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
    print(f"wrote {len(written)} pages in {FOLDER.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
