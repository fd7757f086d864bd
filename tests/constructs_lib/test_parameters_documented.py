"""Every parameter of every public constructor and factory is documented, and some test passes it."""

import ast
import inspect
import re
from collections.abc import Callable, Iterator
from enum import Enum
from functools import cache
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.constructs_lib.releases import public_members

# Classes that are public for what they offer; only the library calls their constructors.
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
# The functions of tests that pass their keywords on to a constructor.
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
    for name, each in public_members().items():
        if inspect.isclass(each) and not issubclass(each, Enum):
            yield name, each, each.__doc__ or ""
            for method, held in vars(each).items():
                if isinstance(held, staticmethod | classmethod) and not method.startswith("_"):
                    yield f"{name}.{method}", getattr(each, method), held.__func__.__doc__ or ""
        elif inspect.isfunction(each):
            yield name, each, each.__doc__ or ""


def names_of(called: Callable[..., Any]) -> list[str]:
    """All parameters in order; none for a class that only its factories create."""
    # The metaclass of jsii hides the signature of a construct.
    found = list(inspect.signature(called.__init__ if inspect.isclass(called) else called).parameters.values())
    if any(each.kind is each.VAR_KEYWORD for each in found):
        return []
    return [each.name for each in found[inspect.isclass(called) :]]


def parameters_of(called: Callable[..., Any]) -> list[str]:
    """The parameters but for the scope and the id that every construct has."""
    names = names_of(called)
    return names[2:] if names[:2] == ["scope", "id"] else names


PUBLIC = {name: (called, doc) for name, called, doc in public()}
PARAMETERS = [
    (name, each)
    for name, (called, _) in PUBLIC.items()
    if name not in CREATED_BY_THE_LIBRARY
    for each in parameters_of(called)
]


@pytest.mark.parametrize("name", sorted(set(PUBLIC) - CREATED_BY_THE_LIBRARY))
def test_every_parameter_is_documented(name: str) -> None:
    called, doc = PUBLIC[name]
    assert sorted(re.findall(r":param (\w+):", doc)) == sorted(parameters_of(called))


@cache
def passed() -> dict[str, set[str]]:
    """The parameters that calls in the tests pass, by the name of what is called."""
    found: dict[str, set[str]] = {}
    for path in sorted((ROOT / "tests").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for call in [node for node in ast.walk(tree) if isinstance(node, ast.Call)]:
            name = ast.unparse(call.func)
            name = PASS_ON.get(name, name)
            given = found.setdefault(name, set())
            given |= {each.arg for each in call.keywords if each.arg is not None}
            given |= {key for each in call.keywords if each.arg is None for key in keys_of(each.value, tree)}
            if name in PUBLIC:
                names = names_of(PUBLIC[name][0])
                variadic = any(isinstance(each, ast.Starred) for each in call.args)
                given |= set(names) if variadic else set(names[: len(call.args)])
    return found


def keys_of(value: ast.expr, tree: ast.Module) -> set[str]:
    """The keys of a dictionary that is passed with `**`, also of one that has a name in the module."""
    if isinstance(value, ast.Name):
        assigned = [
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign | ast.AnnAssign)
            and node.value is not None
            and value.id
            in {ast.unparse(each) for each in ([node.target] if isinstance(node, ast.AnnAssign) else node.targets)}
        ]
        return {key for each in assigned if not isinstance(each, ast.Name) for key in keys_of(each, tree)}
    if isinstance(value, ast.Dict):
        return {each.value for each in value.keys if isinstance(each, ast.Constant) and isinstance(each.value, str)}
    return set()


@pytest.mark.parametrize(("name", "parameter"), PARAMETERS, ids=[".".join(each) for each in PARAMETERS])
def test_some_test_passes_every_parameter(name: str, parameter: str) -> None:
    assert parameter in passed().get(name, set())
