"""Every parameter of every public constructor and factory is documented, and some test passes it."""

import ast
import inspect
import re
from collections.abc import Callable, Iterator
from enum import Enum
from functools import cache
from typing import Any

import pytest

from elasticache_rules import facts
from tests.conftest import ROOT
from tests.constructs_lib.releases import public_members

# Public classes whose constructors only the library calls.
CREATED_BY_THE_LIBRARY = {
    "BoundAccess",
    "CacheBase",
    "CacheGrants",
    "GlobalDatastoreBase",
    "MemcachedClusterBase",
    "MemcachedMetrics",
    "ParameterGroupBase",
    "ReplicationGroupBase",
    "ReplicationGroupMetrics",
    "ServerlessCacheBase",
    "ServerlessCacheMetrics",
    "ServerlessCacheSnapshotBase",
    "SnapshotBase",
    "SubnetGroupBase",
    "UserBase",
    "UserGroupBase",
}
REDIS_PORTS = ("ReplicationGroup", "ReplicationGroup.from_replication_group_attributes", "GlobalDatastoreSet")
MEMCACHED_PORTS = ("MemcachedCluster", "MemcachedCluster.from_memcached_cluster_attributes")
# Functions of the tests that pass keyword arguments to a constructor.
PASS_ON = {
    "group": "ReplicationGroup",
    "primary_of": "ReplicationGroup",
    "serverless": "ServerlessCache",
    "memcached": "MemcachedCluster",
    "cluster": "OutpostCluster",
    "outpost": "OutpostCluster",
    "datastore": "GlobalDatastore",
    "secondary": "GlobalDatastoreSecondary",
    "client_of": "CacheClient",
    "target_of": "DatabaseTarget.of",
}


def public() -> Iterator[tuple[str, Callable[..., Any], str]]:
    """Every public constructor and factory: its name, what is called, and the docstring that documents it."""
    for name, member in public_members().items():
        if inspect.isclass(member) and not issubclass(member, Enum):
            yield name, member, member.__doc__ or ""
            for method, held in vars(member).items():
                if isinstance(held, staticmethod | classmethod) and not method.startswith("_"):
                    yield f"{name}.{method}", getattr(member, method), held.__func__.__doc__ or ""
        elif inspect.isfunction(member):
            yield name, member, member.__doc__ or ""


def names_of(called: Callable[..., Any]) -> list[str]:
    """All parameters in order; none for a class that only its factories create."""
    # The metaclass of jsii hides the signature of a construct.
    found = list(inspect.signature(called.__init__ if inspect.isclass(called) else called).parameters.values())
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in found):
        return []
    return [parameter.name for parameter in found[inspect.isclass(called) :]]


def parameters_of(called: Callable[..., Any]) -> list[str]:
    """The parameters but for the scope and the id that every construct has."""
    names = names_of(called)
    return names[2:] if names[:2] == ["scope", "id"] else names


PUBLIC = {name: (called, doc) for name, called, doc in public()}
PARAMETERS = [
    (name, parameter)
    for name, (called, _) in PUBLIC.items()
    if name not in CREATED_BY_THE_LIBRARY
    for parameter in parameters_of(called)
]


@pytest.mark.parametrize("name", sorted(set(PUBLIC) - CREATED_BY_THE_LIBRARY))
def test_every_parameter_is_documented(name: str) -> None:
    called, doc = PUBLIC[name]
    assert sorted(re.findall(r":param (\w+):", doc)) == sorted(parameters_of(called))


@cache
def passed() -> dict[str, set[str]]:
    """The parameters that calls in the tests pass, by the name of what is called."""
    result: dict[str, set[str]] = {}
    for path in sorted((ROOT / "tests").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for call in [node for node in ast.walk(tree) if isinstance(node, ast.Call)]:
            name = ast.unparse(call.func)
            name = PASS_ON.get(name, name)
            given = result.setdefault(name, set())
            given |= {keyword.arg for keyword in call.keywords if keyword.arg is not None}
            given |= {key for keyword in call.keywords if keyword.arg is None for key in keys_of(keyword.value, tree)}
            if name in PUBLIC:
                names = names_of(PUBLIC[name][0])
                variadic = any(isinstance(argument, ast.Starred) for argument in call.args)
                given |= set(names) if variadic else set(names[: len(call.args)])
    return result


def keys_of(value: ast.expr, tree: ast.Module) -> set[str]:
    """The keys of a dictionary that is passed with `**`, also of one that has a name in the module."""
    if isinstance(value, ast.Name):
        assigned = [
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign | ast.AnnAssign)
            and node.value is not None
            and value.id
            in {ast.unparse(target) for target in ([node.target] if isinstance(node, ast.AnnAssign) else node.targets)}
        ]
        return {key for target in assigned if not isinstance(target, ast.Name) for key in keys_of(target, tree)}
    if isinstance(value, ast.Dict):
        return {key.value for key in value.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)}
    return set()


@pytest.mark.parametrize(("name", "parameter"), PARAMETERS, ids=[".".join(names) for names in PARAMETERS])
def test_some_test_passes_every_parameter(name: str, parameter: str) -> None:
    assert parameter in passed().get(name, set())


def defaults() -> Iterator[tuple[str, ast.expr]]:
    """The defaults in the signatures of the package, and of the fields of its public dataclasses."""
    for path in sorted((ROOT / "constructs_lib").rglob("*.py")):
        if {"connection_test", "_core"} & set(path.parts) or path.name == "handler.py":
            continue  # programs and internals, which have no public signatures
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and (node.name == "__init__" or not node.name.startswith("_")):
                for default in (*node.args.defaults, *node.args.kw_defaults):
                    if default is not None:
                        yield f"{path.stem}.{node.name}", default
            elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                for field in node.body:
                    if (
                        isinstance(field, ast.AnnAssign)
                        and field.value is not None
                        and "Final" not in ast.unparse(field)
                    ):
                        yield f"{path.stem}.{node.name}", field.value


def test_defaults_are_readable_where_an_editor_shows_the_signature() -> None:
    hidden = {
        where: ast.unparse(default)
        for where, default in defaults()
        for part in ast.walk(default)
        if isinstance(part, ast.Subscript) or (isinstance(part, ast.Name) and part.id.startswith("_"))
    }
    assert not hidden


@pytest.mark.parametrize(
    ("name", "parameter", "fact"),
    [
        *((name, "port", facts.load("limits")["default_port"]["redis"]) for name in REDIS_PORTS),
        *((name, "port", facts.load("limits")["default_port"]["memcached"]) for name in MEMCACHED_PORTS),
        ("AlarmThresholds", "cpu_percent", facts.load("node_sizes")["busy_percent_of_a_core"]),
        ("AlarmThresholds", "swap_bytes", facts.load("node_sizes")["swap_bytes"]),
    ],
)
def test_a_default_is_the_fact(name: str, parameter: str, fact: float) -> None:
    called, _ = PUBLIC[name]
    function = called.__init__ if inspect.isclass(called) else called
    assert inspect.signature(function).parameters[parameter].default == fact
