"""Parses the text of a template, JSON or YAML, within limits of size, depth and repetition."""

import json
from collections.abc import Mapping
from typing import Any, Final

from elasticache_rules.positions import JsonPositions, Positions, YamlPositions

INSTALL: Final = "reading YAML needs PyYAML; install it with: pip install pyyaml"
MAXIMUM_BYTES: Final = 1_048_576
"""The size of a template: CloudFormation takes no more than 1 MB, and PyYAML reads that much in less than 30 s.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
"""
MAXIMUM_DEPTH: Final = 100
"""How many lists and objects may be nested; the rules descend into each level, and Python's stack is finite."""
MAXIMUM_ALIASED: Final = 100_000
"""How many values the aliases of a YAML file may repeat; rules visit each of them."""
_LONGEST_NUMBER: Final = 100
"""In characters; a longer number stays text, because Python reads one in quadratic time, and no property takes one."""
_LONGEST_CAUSE: Final = 200
"""In characters; PyYAML repeats a tag or an anchor whatever its length."""


class DocumentError(ValueError):
    """A file cannot be read or is not a template; the message names the file and the reason."""


class LimitError(DocumentError):
    """A file exceeds a limit of size, depth or repetition."""


def parse_text(text: str, name: str) -> tuple[Any, Positions]:
    """Parse a template's text, JSON or YAML; returns the template and the positions of its values.

    :param name: the file name, for messages; with the extension `.json` it is not parsed as YAML.
    :raises DocumentError: for anything else.
    :raises LimitError: beyond `MAXIMUM_BYTES`, `MAXIMUM_DEPTH` or `MAXIMUM_ALIASED`.
    """
    size = len(text) if text.isascii() else len(text.encode(errors="surrogatepass"))
    if size > MAXIMUM_BYTES:
        raise too_large(name, size)
    try:
        content = json.loads(text, parse_int=_integer, parse_constant=_no_constant)
    except RecursionError:
        raise _too_deep(name) from None
    except ValueError as problem:
        if not name.endswith(".json"):
            return _parse_yaml(name, text)
        raise DocumentError(f"{name}: must be JSON, got {_cause(problem)}; correct the file") from None
    _check_depth(name, content)
    return content, JsonPositions(text)


def too_large(name: str, size: int) -> LimitError:
    """The error for a file that is too large for CloudFormation."""
    return LimitError(
        f"{name}: must have at most {MAXIMUM_BYTES:,} bytes, as CloudFormation requires, got {size:,}; "
        "split the template into several stacks"
    )


def _too_deep(name: str) -> LimitError:
    return LimitError(
        f"{name}: lists and objects must nest at most {MAXIMUM_DEPTH} levels, got more; write the template with fewer"
    )


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= _LONGEST_NUMBER else digits


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name}, which is no number of JSON")


def _cause(problem: Exception) -> str:
    """A parser's exception as one short line, with the line number if it has one."""
    mark = getattr(problem, "problem_mark", None)
    if isinstance(problem, json.JSONDecodeError):
        cause = f"an error on line {problem.lineno}: {problem.msg}"
    elif mark is not None:
        cause = f"an error on line {mark.line + 1}: {getattr(problem, 'problem', '')}"
    else:
        cause = str(problem) or type(problem).__name__
    first = cause.splitlines()[0]
    return first if len(first) <= _LONGEST_CAUSE else f"{first[:_LONGEST_CAUSE]}..."


def _check_depth(name: str, content: Any) -> None:
    level = [content] if isinstance(content, Mapping | list) else []
    for _ in range(MAXIMUM_DEPTH):
        inner = [value for item in level for value in (item.values() if isinstance(item, Mapping) else item)]
        level = [item for item in inner if isinstance(item, Mapping | list)]
        if not level:
            return
    raise _too_deep(name)


def _parse_yaml(name: str, text: str) -> tuple[Any, Positions]:
    try:
        import yaml  # noqa: PLC0415 - wanted only where there is YAML
    except ImportError:
        raise DocumentError(f"{name}: must be JSON, got something else; {INSTALL}") from None

    try:
        loader = _loader(name)(text)
        content = loader.get_single_data()
    except LimitError:
        raise
    except RecursionError:
        raise _too_deep(name) from None
    except yaml.YAMLError as problem:
        raise DocumentError(f"{name}: must be JSON or YAML, got {_cause(problem)}; correct the file") from None
    except (ValueError, OverflowError):  # raised by chr() in the scanner, for an escape sequence in a quoted text
        raise DocumentError(
            f"{name}: must be JSON or YAML, got an escape sequence of no character; correct the file"
        ) from None
    return content, YamlPositions(loader.root)


def _loader(name: str) -> Any:
    """PyYAML's safe loader for a template."""
    import yaml  # noqa: PLC0415 - wanted only where there is YAML

    class Loader(yaml.SafeLoader):
        """Safe loader with CloudFormation's short intrinsic functions, dates as text, and limits."""

        root: Any = None

        def get_single_node(self) -> Any:
            self.root = super().get_single_node()
            if self.root is not None:
                _check_graph(name, self.root)
            return self.root

        def construct_object(self, node: Any, deep: bool = False) -> Any:
            try:
                return super().construct_object(node, deep)
            except (ValueError, TypeError, LookupError, AttributeError, OverflowError):  # such as !!bool x
                kind = node.tag.rpartition(":")[2]
                problem = f"a value of another type than its tag {kind}"
                raise yaml.constructor.ConstructorError(problem=problem, problem_mark=node.start_mark) from None

    Loader.yaml_implicit_resolvers = {
        key: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for key, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def number(loader: Any, node: Any) -> Any:
        if len(node.value) > _LONGEST_NUMBER:
            return node.value
        kind = node.tag.rpartition(":")[2]
        return loader.construct_yaml_int(node) if kind == "int" else loader.construct_yaml_float(node)

    def intrinsic(loader: Any, suffix: str, node: Any) -> Any:
        if isinstance(node, yaml.ScalarNode):
            value: Any = loader.construct_scalar(node)
        elif isinstance(node, yaml.SequenceNode):
            value = loader.construct_sequence(node, deep=True)
        else:
            value = loader.construct_mapping(node, deep=True)
        return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}

    Loader.add_constructor("tag:yaml.org,2002:int", number)
    Loader.add_constructor("tag:yaml.org,2002:float", number)
    Loader.add_multi_constructor("!", intrinsic)
    return Loader


def _check_graph(name: str, root: Any) -> None:
    """Refuse a graph of YAML nodes that is too large, too deep or endless when its aliases are expanded.

    :param root: the composed node; an alias is the same node as its anchor.
    """
    measured: dict[int, tuple[int, int]] = {}
    most, inside = 2**62, (0, 0)

    def measure(node: Any) -> tuple[int, int]:
        """The number of values and levels of a node."""
        known = measured.get(id(node))
        if known is inside:
            raise LimitError(
                f"{name}: an anchor must not contain its own alias, got one that does on line "
                f"{node.start_mark.line + 1}; write the value out"
            )
        if known is None:
            measured[id(node)] = inside
            entries = node.value if isinstance(node.value, list) else []
            children = [child for entry in entries for child in (entry if isinstance(entry, tuple) else (entry,))]
            below = [measure(child) for child in children]
            # A short intrinsic function such as !Sub stands for an object around its argument.
            levels = isinstance(node.value, list) + node.tag.startswith("!")
            known = measured[id(node)] = (
                min(most, 1 + sum(size for size, _ in below)),
                levels + max((depth for _, depth in below), default=0),
            )
        return known

    size, depth = measure(root)
    repeated = size - len(measured)
    if repeated > MAXIMUM_ALIASED:
        shown = f"{repeated:,}" if repeated <= 10**9 else "more than 1,000,000,000"
        raise LimitError(
            f"{name}: aliases must repeat at most {MAXIMUM_ALIASED:,} values, got {shown}; "
            "use fewer aliases, or split the template"
        )
    if depth > MAXIMUM_DEPTH:
        raise _too_deep(name)
