"""The branches of the rules that a function runs: both sides of each condition, and the body of each loop.

The rule modules are recompiled, with every condition wrapped in a call that records its outcome. So this runs in
a process of its own: `python -m tests.elasticache_rules.branches` prints what the examples of the rules leave out.
"""

import ast
import importlib.abc
import importlib.machinery
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, Final

_PACKAGE: Final = "elasticache_rules.rules"
_RECORD: Final = "__branch__"


class Recorder:
    """What was seen of each branch."""

    def __init__(self) -> None:
        self.known: set[str] = set()
        self.seen: set[str] = set()

    def condition(self, place: str, value: Any) -> Any:
        self.seen.add(f"{place} is {'true' if value else 'false'}")
        return value

    def loop(self, place: str, values: Any) -> Iterator[Any]:
        for value in values:
            self.seen.add(f"{place} has a member")
            yield value

    def missing(self) -> list[str]:
        return sorted(self.known - self.seen, key=lambda name: (name.split(":")[0], int(name.split(":")[1])))


class _Wrapped(ast.NodeTransformer):
    def __init__(self, module: str, recorder: Recorder) -> None:
        self._module = module.rpartition(".")[2]
        self._recorder = recorder

    def _call(self, method: str, node: ast.expr, text: str, sides: Sequence[str]) -> ast.expr:
        place = f"{self._module}:{node.lineno}: {text[:80]}"
        self._recorder.known.update(f"{place} {side}" for side in sides)
        function = ast.Attribute(ast.Name(_RECORD, ast.Load()), method, ast.Load())
        return ast.copy_location(ast.Call(function, [ast.Constant(place), node], []), node)

    def _condition(self, node: ast.expr, text: str) -> ast.expr:
        return self._call("condition", node, text, ("is true", "is false"))

    def visit_If(self, node: ast.If) -> ast.AST:
        return self._tested(node)

    def visit_While(self, node: ast.While) -> ast.AST:
        return self._tested(node)

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        return self._tested(node)

    def _tested(self, node: ast.If | ast.While | ast.IfExp) -> ast.AST:
        text = ast.unparse(node.test)
        self.generic_visit(node)
        node.test = self._condition(node.test, text)
        return node

    def visit_For(self, node: ast.For) -> ast.AST:
        text = ast.unparse(node.iter)
        self.generic_visit(node)
        node.iter = self._call("loop", node.iter, text, ("has a member",))
        return node

    def visit_comprehension(self, node: ast.comprehension) -> ast.AST:
        texts = [ast.unparse(item) for item in node.ifs]
        self.generic_visit(node)
        node.ifs = [self._condition(item, text) for item, text in zip(node.ifs, texts, strict=True)]
        return node


class Finder(importlib.abc.MetaPathFinder):
    """Loads the modules of rules with their branches recorded."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if not fullname.startswith(f"{_PACKAGE}."):
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        assert spec is not None
        assert spec.origin is not None
        return importlib.machinery.ModuleSpec(fullname, _Loader(Path(spec.origin), self._recorder), origin=spec.origin)


class _Loader(importlib.abc.Loader):
    def __init__(self, file: Path, recorder: Recorder) -> None:
        self._file = file
        self._recorder = recorder

    def exec_module(self, module: ModuleType) -> None:
        tree = _Wrapped(module.__name__, self._recorder).visit(ast.parse(self._file.read_text()))
        module.__dict__[_RECORD] = self._recorder
        code = compile(ast.fix_missing_locations(tree), str(self._file), "exec")
        exec(code, module.__dict__)  # noqa: S102 - the rules themselves


def main() -> None:
    assert not any(name.startswith("elasticache_rules") for name in sys.modules)
    recorder = Recorder()
    sys.meta_path.insert(0, Finder(recorder))
    from elasticache_rules import Template, check_template
    from tests.elasticache_rules.examples import ACCEPTED, BASE, EXAMPLES, document, region_of

    cases = [(id, case) for table in (EXAMPLES, ACCEPTED) for id, cases in table.items() for case in cases]
    for id, case in [*cases, *(("", (name, {})) for name in BASE)]:
        template = Template.of(document(*case), region=region_of(id, case[1]))
        for finding in check_template(template):
            str(finding)
    sys.stdout.write("".join(f"{line}\n" for line in recorder.missing()))
    sys.stderr.write(f"{len(recorder.known & recorder.seen)} of {len(recorder.known)} branches\n")


if __name__ == "__main__":
    main()
