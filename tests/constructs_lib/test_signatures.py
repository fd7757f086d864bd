"""Defaults in public signatures are values or public names, which the API pages show, and agree with the facts."""

import ast
import inspect
from collections.abc import Iterator

import pytest

from constructs_lib import AlarmThresholds, GlobalDatastoreSet, MemcachedCluster, ReplicationGroup
from elasticache_rules import facts
from tests.conftest import ROOT

LIBRARY = ROOT / "constructs_lib"
SOURCES = sorted(
    path
    for path in LIBRARY.rglob("*.py")
    if not {"_core", "connection_test", "parameters"} & set(path.relative_to(LIBRARY).parts)
)
Function = ast.FunctionDef | ast.AsyncFunctionDef


def defaults(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """The defaults of public functions, methods and fields, with their names."""
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name[0] != "_"]
    owners: list[ast.Module | ast.ClassDef] = [tree, *classes]
    for owner in owners:
        name = f"{owner.name}." if isinstance(owner, ast.ClassDef) else ""
        for node in owner.body:
            if isinstance(node, Function) and (node.name[0] != "_" or node.name == "__init__"):
                arguments = [*node.args.posonlyargs, *node.args.args]
                given = zip(arguments[len(arguments) - len(node.args.defaults) :], node.args.defaults, strict=True)
                named = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
                yield from ((f"{name}{node.name}({item.arg})", value) for item, value in (*given, *named) if value)
            elif isinstance(owner, ast.ClassDef) and isinstance(node, ast.AnnAssign) and node.value is not None:
                field = ast.unparse(node.target)
                if field[0] != "_":
                    yield f"{name}{field}", node.value


def can_be_read(value: ast.expr) -> bool:
    """Whether a reader of the signature knows the value, or a public name of it."""
    match value:
        case ast.Constant() | ast.UnaryOp(operand=ast.Constant()) | ast.Call(func=ast.Name(id="field")):
            return True
        case ast.Tuple(elts=elements):
            return all(can_be_read(element) for element in elements)
        case ast.Name(id=name):
            return name[0] != "_"
        case ast.Attribute(value=owner, attr=name):
            return name[0] != "_" and can_be_read(owner)
        case _:
            return False


def test_defaults_are_values_or_public_names() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {name} = {ast.unparse(value)}"
        for path in SOURCES
        for name, value in defaults(ast.parse(path.read_text()))
        if not can_be_read(value)
    ]
    assert found == []
    assert sum(1 for path in SOURCES for _ in defaults(ast.parse(path.read_text()))) > 200


@pytest.mark.parametrize(
    ("source", "readable"),
    [
        ("6379", True),
        ("-1", True),
        ("RemovalPolicy.SNAPSHOT", True),
        ("_PORT", False),
        ("load('limits')['port']", False),
    ],
)
def test_the_check_finds_what_cannot_be_read(source: str, readable: bool) -> None:
    (found,) = defaults(ast.parse(f"class Cache:\n    def __init__(self, port: int = {source}) -> None: ..."))
    assert found[0] == "Cache.__init__(port)"
    assert can_be_read(found[1]) == readable


def test_default_ports_and_thresholds_agree_with_the_facts() -> None:
    ports = facts.load("limits")["default_port"]
    for function, engine in (
        (ReplicationGroup.__init__, "redis"),
        (ReplicationGroup.from_replication_group_attributes, "redis"),
        (GlobalDatastoreSet.__init__, "redis"),
        (MemcachedCluster.__init__, "memcached"),
        (MemcachedCluster.from_memcached_cluster_attributes, "memcached"),
    ):
        assert inspect.signature(function).parameters["port"].default == ports[engine]
    assert ports["valkey"] == ports["redis"]
    sizes, thresholds = facts.load("node_sizes"), AlarmThresholds()
    assert thresholds.cpu_percent == sizes["busy_percent_of_a_core"]
    assert thresholds.swap_bytes == sizes["swap_bytes"]
