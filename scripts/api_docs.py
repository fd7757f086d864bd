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
    "Around a cache": "Network InstanceConnectEndpoint SubnetGroup ParameterGroup Snapshot ServerlessCacheSnapshot",
    "Access": "Access IamUser PasswordUser NoPasswordUser UserGroup AccessString AccessRules Category KeyAccess "
    "CacheGrants CredentialRotation Authentication BoundAccess",
    "Proof and watch": "CacheClient DatabaseTarget ClientProgram CacheAlarms AlarmThresholds CacheDashboard "
    "CacheEventRule CacheEvent "
    "ReplicationGroupMetrics MemcachedMetrics ServerlessCacheMetrics MetricOptions NodeMetricOptions "
    "MemcachedMetricOptions ElastiCacheChecks HardenedReplicationGroup",
    "Scaling": "ShardScaling ReplicaScaling",
}


def pages() -> dict[Path, str]:
    """Every page, by its path."""
    public = [name for name in constructs_lib.__all__ if inspect.isclass(getattr(constructs_lib, name))]
    grouped = {title: names.split() for title, names in _GROUPS.items()}
    taken = {name for names in grouped.values() for name in names}
    bases = [name for name in public if name.endswith("Base")]
    grouped["Values"] = sorted(set(public) - taken - set(bases))
    grouped["What is imported"] = bases
    made = {FOLDER / f"{name}.md": _page(name) for names in grouped.values() for name in names}
    made[FOLDER / "presets.md"] = _presets()
    made[FOLDER / "parameters.md"] = _parameters()
    made[FOLDER / "index.md"] = _index(grouped)
    return made


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
        "`presets.production(EngineVersion.VALKEY_8_2)` is a value that says what it chose (`choices()`), of which",
        '`dataclasses.replace` changes a part, and that makes the cache: `.create(self, "Cache", vpc=vpc)`.',
        "The app takes the same three: `-c preset=production`. Standard create is the constructs themselves.",
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
        lines += [f"| {key} | {' | '.join(each[key] for each in chosen.values())} |" for key in chosen["demo"]]
        lines.append("")
    lines += ["## Reference", "", "::: constructs_lib.caches.presets", "", "::: constructs_lib.caches.preset_kinds"]
    return "\n".join(lines) + "\n"


def _parameters() -> str:
    lines = ["# parameters", "", "What is left out keeps the family's default; a value is typed, and checked.", ""]
    for name in parameters.__all__:
        kind = getattr(parameters, name)
        lines += [f"::: {kind.__module__}.{name}", ""]
    return "\n".join(lines)


def main() -> None:
    """Write every page, and remove those of what is gone."""
    made = pages()
    FOLDER.mkdir(exist_ok=True)
    for path in set(FOLDER.glob("*.md")) - set(made):
        path.unlink()
    for path, text in made.items():
        path.write_text(text)
    print(f"wrote {len(made)} pages in {FOLDER.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
