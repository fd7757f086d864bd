"""Links between templates: exports that others import, and nested stacks in their parent's folder."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from elasticache_rules.documents import Document, read
from elasticache_rules.template import Template
from elasticache_rules.values import UNKNOWN, Composite, Reference, Unknown

_STACK: Final = "AWS::CloudFormation::Stack"
_MOST_NESTED: Final = 200
"""How many nested stacks are followed from the templates that are given."""


def link(documents: Iterable[Document]) -> list[tuple[Document, Template]]:
    """The templates of documents, with imports and nested stacks resolved among them.

    A nested stack's template in the parent's folder is also read, and follows the parent in the result.

    :param documents: all stacks of a cloud assembly, or all templates of a folder.
    """
    return _Links(documents).linked()


def connect(contents: Iterable[tuple[Mapping[str, Any], str | None]]) -> list[Template]:
    """Templates that are not files, with the imports among them resolved.

    :param contents: the templates with their regions, if known.
    """
    documents = [Document("", content, region) for content, region in contents]
    return [template for _, template in _Links(documents).linked()]


class _Links:
    def __init__(self, documents: Iterable[Document]) -> None:
        self._documents = list(documents)
        self._templates: list[Template] = []
        self._by_file: dict[Path, int] = {}
        self._children: dict[tuple[int, str], int] = {}
        self._parents: dict[int, tuple[int, str]] = {}
        self._exports: list[tuple[tuple[str, ...], int, Any]] = []
        self._busy: set[tuple[int, str]] = set()

    def linked(self) -> list[tuple[Document, Template]]:
        for number, document in enumerate(self._documents):
            self._prepare(number, document)
        self._follow_nested()
        for number, template in enumerate(self._templates):
            self._connect(number, template)
        order = [number for number in range(len(self._templates)) if number not in self._parents]
        # Parents first: their values are the parameters of their children.
        for number in order:
            order += [child for (parent, _), child in self._children.items() if parent == number]
        for number in order:
            self._fill(number)
        return list(zip(self._documents, self._templates, strict=True))

    def _prepare(self, number: int, document: Document) -> None:
        self._templates.append(Template.prepared(document.content, region=document.region))
        if document.name:
            self._by_file.setdefault(Path(document.name).absolute(), number)

    def _follow_nested(self) -> None:
        number, read_from_disk = 0, 0
        while number < len(self._documents):
            for logical_id, file in _nested(self._documents[number]):
                child = self._by_file.get(file.absolute())
                if child is None and read_from_disk < _MOST_NESTED and file.is_file():
                    child, read_from_disk = self._read(file, self._documents[number].region), read_from_disk + 1
                if child is not None and child != number and child not in self._parents:
                    self._children[number, logical_id] = child
                    self._parents[child] = (number, logical_id)
            number += 1
        self._drop_cycles()

    def _read(self, file: Path, region: str | None) -> int | None:
        try:
            (document,) = read(file)
        except ValueError:
            return None
        number = len(self._documents)
        self._documents.append(replace(document, region=document.region or region))
        self._prepare(number, self._documents[number])
        return number

    def _drop_cycles(self) -> None:
        """Remove the parents of templates that are nested in themselves."""
        for child in list(self._parents):
            seen, at = {child}, self._parents.get(child, (child, ""))[0]
            while at in self._parents and at not in seen:
                seen.add(at)
                at = self._parents[at][0]
            if at in seen and child in self._parents:
                del self._children[self._parents.pop(child)]

    def _connect(self, number: int, template: Template) -> None:
        scope = template.scope
        assert scope is not None  # noqa: S101 - every template that is read has one
        scope.imported = self._imported
        scope.output = lambda logical_id, name: self._output(number, logical_id, name)
        for output in scope.section("Outputs").values():
            export = output.get("Export") if isinstance(output, Mapping) else None
            if isinstance(export, Mapping) and "Name" in export:
                pattern = _pattern(scope.fold(export["Name"]))
                if pattern is not None:
                    self._exports.append((pattern, number, output.get("Value")))

    def _imported(self, name: Any) -> Any:
        wanted = _pattern(name)
        exports = [(number, value) for pattern, number, value in self._exports if pattern == wanted]
        return self._value(*exports[0], key=repr(wanted)) if len(exports) == 1 else UNKNOWN

    def _output(self, number: int, logical_id: str, name: str) -> Any:
        child = self._children.get((number, logical_id))
        reference = Reference(logical_id, f"Outputs.{name}", self._templates[number])
        if child is None:
            return reference
        scope = self._templates[child].scope
        assert scope is not None  # noqa: S101 - every template that is read has one
        output = scope.section("Outputs").get(name)
        return self._value(child, output.get("Value"), key=name) if isinstance(output, Mapping) else reference

    def _value(self, number: int, raw: Any, *, key: str) -> Any:
        """A value translated for another template; unknown if it refers to itself."""
        if (number, key) in self._busy:
            return UNKNOWN
        scope = self._templates[number].scope
        assert scope is not None  # noqa: S101 - every template that is read has one
        self._busy.add((number, key))
        try:
            return scope.fold(raw)
        finally:
            self._busy.discard((number, key))

    def _fill(self, number: int) -> None:
        template = self._templates[number]
        assert template.scope is not None  # noqa: S101 - every template that is read has one
        if number in self._parents:
            parent, logical_id = self._parents[number]
            stack = self._templates[parent].resources.get(logical_id)
            parameters = stack.get("Parameters") if stack is not None else None
            if isinstance(parameters, Mapping):
                template.scope.given = {name: value for name, value in parameters.items() if not _is_unknown(value)}
        template.fill()


def _is_unknown(value: Any) -> bool:
    return isinstance(value, Unknown)


def _pattern(name: Any) -> tuple[str, ...] | None:
    """A pattern for an export's name; parts that are only known at deployment, such as a stack name, are gaps."""
    if isinstance(name, str):
        return (name,)
    if isinstance(name, Composite):
        parts = tuple(part if isinstance(part, str) else "" for part in name.parts)
        return parts if any(part.strip("-:/_. ") for part in parts) else None
    return None


def _nested(document: Document) -> Iterator[tuple[str, Path]]:
    """The nested stacks of a template, with the files in its folder that may be their templates.

    The paths are relative where the template's own path is.
    """
    resources = document.content.get("Resources")
    if not document.name or not isinstance(resources, Mapping):
        return
    folder = Path(document.name).parent
    for logical_id, entry in resources.items():
        if not isinstance(entry, Mapping) or entry.get("Type") != _STACK:
            continue
        properties, metadata = entry.get("Properties"), entry.get("Metadata")
        url = properties.get("TemplateURL") if isinstance(properties, Mapping) else None
        asset = metadata.get("aws:asset:path") if isinstance(metadata, Mapping) else None
        name = asset if isinstance(asset, str) else url
        if isinstance(name, str) and name and "://" not in name and len(name) < 1000 and "\0" not in name:
            path = Path(name)
            if not path.is_absolute() and ".." not in path.parts[1:]:
                yield str(logical_id), Path(*(folder / path).parts)
