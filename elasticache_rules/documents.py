"""Templates on disk: JSON and YAML files, folders of them, and cloud assemblies."""

import json
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_INSTALL: Final = "reading YAML needs PyYAML; install it with: pip install pyyaml"
MAXIMUM_ALIASED: Final = 100_000
"""How many values the aliases of a YAML file may repeat; rules visit each of them."""
_KINDS: Final = {
    stat.S_IFIFO: "a FIFO",
    stat.S_IFCHR: "a character device",
    stat.S_IFBLK: "a block device",
    stat.S_IFSOCK: "a socket",
}


class DocumentError(ValueError):
    """A file that cannot be read, or is no template; the message says which and why."""


class AliasError(DocumentError):
    """A YAML file whose aliases repeat too much, or themselves."""


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed template.

    :param name: what it is called in findings.
    :param region: from the cloud assembly it belongs to, where that says one.
    """

    name: str
    content: Mapping[str, Any]
    region: str | None = None


def read(path: Path) -> Iterator[Document]:
    """The template in a file, or every template below a folder.

    :raises DocumentError: for a path that does not exist, a file that is no template, or a folder without one.
    """
    if path.is_dir():
        found = False
        for file in sorted(each for each in path.rglob("*") if _may_be_template(each)):
            try:
                content = _parse(file)
            except AliasError:
                raise
            except DocumentError as problem:
                if _INSTALL in str(problem):
                    raise
                continue
            if isinstance(content, Mapping) and isinstance(content.get("Resources"), Mapping):
                found = True
                yield Document(str(file), content, region_of(file))
        if not found:
            raise DocumentError(f"{path}: must hold a template, got a folder without one; name another folder")
        return
    content = _parse(path)
    if not isinstance(content, Mapping) or not isinstance(content.get("Resources"), Mapping):
        raise DocumentError(f"{path}: must be a template, got a file without a Resources map; name a template")
    yield Document(str(path), content, region_of(path))


def _may_be_template(path: Path) -> bool:
    """Whether a file of a folder is worth parsing: whatever its ending, it must name Resources."""
    try:
        return path.is_file() and b"Resources" in path.read_bytes()
    except OSError:
        return False


def _parse(path: Path) -> Any:
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            kind = _KINDS.get(stat.S_IFMT(mode), "something else")
            raise DocumentError(f"{path}: must be a regular file, got {kind}; save the template in a file")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        raise DocumentError(f"{path}: must be a readable text file, got {problem}; check the path") from None
    return parse_text(text, str(path))


def parse_text(text: str, name: str) -> Any:
    """A template's text, JSON or YAML.

    :param name: of the file, for messages; `.json` says that it is no YAML.
    :raises DocumentError: for anything else.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        if name.endswith(".json"):
            raise DocumentError(f"{name}: must be JSON, got something else; correct the file") from None
    return _parse_yaml(name, text)


def _parse_yaml(path: str, text: str) -> Any:
    try:
        import yaml  # noqa: PLC0415 - wanted only where there is YAML
    except ImportError:
        raise DocumentError(f"{path}: must be JSON, got something else; {_INSTALL}") from None

    class Loader(yaml.SafeLoader):
        """Safe, with CloudFormation's short intrinsic functions, dates left as text, and a limit for aliases."""

        def get_single_node(self) -> Any:
            node = super().get_single_node()
            _check_aliases(path, node)
            return node

    Loader.yaml_implicit_resolvers = {
        key: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for key, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def intrinsic(loader: Any, suffix: str, node: Any) -> Any:
        if isinstance(node, yaml.ScalarNode):
            value: Any = loader.construct_scalar(node)
        elif isinstance(node, yaml.SequenceNode):
            value = loader.construct_sequence(node, deep=True)
        else:
            value = loader.construct_mapping(node, deep=True)
        return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}

    Loader.add_multi_constructor("!", intrinsic)
    try:
        return yaml.load(text, Loader=Loader)  # noqa: S506 - a SafeLoader
    except AliasError:
        raise
    except (yaml.YAMLError, ValueError, TypeError, RecursionError, OverflowError, AttributeError) as problem:
        first = str(problem).splitlines()[0] if str(problem) else type(problem).__name__
        raise DocumentError(f"{path}: must be JSON or YAML, got {first}; correct the file") from None


def _check_aliases(path: str, root: Any) -> None:
    """Refuse a graph of YAML nodes that grows too large, or without end, when its aliases are written out.

    :param root: the composed node; an alias is the node of its anchor, met a second time. None for an empty file.
    """
    sizes: dict[int, int] = {}
    most = 2**62

    def size(node: Any) -> int:
        known = sizes.get(id(node))
        if known == 0:
            raise AliasError(
                f"{path}: an anchor must not contain its own alias, got one that does on line "
                f"{node.start_mark.line + 1}; write the value out"
            )
        if known is None:
            sizes[id(node)] = 0
            entries = node.value if isinstance(node.value, list) else []
            children = [each for entry in entries for each in (entry if isinstance(entry, tuple) else (entry,))]
            known = sizes[id(node)] = min(most, 1 + sum(map(size, children)))
        return known

    repeated = size(root) - len(sizes) if root is not None else 0
    if repeated > MAXIMUM_ALIASED:
        shown = f"{repeated:,}" if repeated <= 10**9 else "more than 1,000,000,000"
        raise AliasError(
            f"{path}: aliases must repeat at most {MAXIMUM_ALIASED:,} values, got {shown}; "
            "use fewer aliases, or split the template"
        )


def region_of(path: Path) -> str | None:
    """The region that a cloud assembly's manifest gives to the template."""
    region = str(_artifact(path).get("environment", "")).rpartition("/")[2]
    return None if region in ("", "unknown-region") else region


def stack_name_of(path: Path) -> str:
    """The stack that a template is for: as a cloud assembly's manifest says, or else the file's name."""
    stated = _artifact(path).get("properties", {}).get("stackName")
    return str(stated) if stated else path.name.split(".", 1)[0]


def _artifact(path: Path) -> Mapping[str, Any]:
    """What a cloud assembly's manifest says of a template."""
    manifest = path.parent / "manifest.json"
    try:
        if not manifest.is_file():
            return {}
        artifacts = json.loads(manifest.read_text(encoding="utf-8"))["artifacts"].values()
        return next((each for each in artifacts if each.get("properties", {}).get("templateFile") == path.name), {})
    except (OSError, ValueError, KeyError, AttributeError):
        return {}
