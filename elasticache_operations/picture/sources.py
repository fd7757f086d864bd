"""Reads what a picture is drawn from: templates, folders, a cdk.out and deployed stacks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from elasticache_operations.aws import Aws
from elasticache_operations.deployed_templates import read_deployed
from elasticache_operations.picture import running
from elasticache_operations.progress import Progress
from elasticache_rules.deployed import PREFIX
from elasticache_rules.documents import Document, read_all, stack_name_of
from elasticache_rules.linking import link
from elasticache_rules.parsing import DocumentError
from elasticache_rules.template import Resource, Template

_OUTPUT: Final = "Fn::GetStackOutput"

Identity = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Source:
    """The stacks that are drawn.

    :param name: what was read, for the title.
    :param stacks: the templates by stack name, linked with each other.
    """

    name: str
    stacks: Mapping[str, Template]

    def of_type(self, *types: str) -> Iterator[Resource]:
        """The resources of these types in all stacks."""
        for template in self.stacks.values():
            yield from template.of_type(*types)

    def identity(self, resource: Resource) -> Identity:
        """The stack and the logical id of a resource."""
        return next(
            name for name, template in self.stacks.items() if template is resource.template
        ), resource.logical_id

    def title(self, resource: Resource) -> str:
        """The construct path, or the logical id, after the stack where several stacks have it."""
        if resource.path:
            return resource.path.removesuffix("/Resource")
        several = sum(resource.logical_id in template.resources for template in self.stacks.values()) > 1
        return "/".join(self.identity(resource)) if several else resource.logical_id

    @property
    def regions(self) -> set[str]:
        """The regions of the stacks; empty for that of the deploy."""
        return {template.region or "" for template in self.stacks.values()}


def read_source(paths: Sequence[str], region: str | None, aws: Aws | None = None) -> tuple[Source, list[DocumentError]]:
    """Read paths and deployed stacks, with the files that could not be read.

    :param paths: as the command takes them; `stack:NAME` is read with boto3.
    :param region: of templates that no cloud assembly assigns one, and of what is deployed.
    :param aws: reads `stack:NAME` and `cache:NAME`. Default: with the default credentials.
    :raises CommandError: when a stack or a cache cannot be read.
    """
    documents: list[Document] = []
    problems: list[DocumentError] = []
    aws, progress = aws or Aws(region), Progress()
    for path in paths:
        if path.startswith(PREFIX):
            documents.append(read_deployed(path.removeprefix(PREFIX), aws, progress))
        elif path.startswith(running.PREFIX):
            documents.append(running.read_cache(path.removeprefix(running.PREFIX), aws))
        else:
            reading = read_all([path])
            documents += reading.documents
            problems += reading.problems
    return source_of([replace(item, region=item.region or region) for item in documents], " ".join(paths)), problems


def source_of(documents: Sequence[Document], name: str) -> Source:
    """The source of documents that are read already.

    :param name: what was read.
    """
    documents = [replace(document, positions=None) for document in documents]
    linked = link(with_stack_outputs(documents))
    stacks: dict[str, Template] = {}
    for document, template in linked:
        stack = stack_of(document)
        # Files of the same name in different folders are different stacks.
        stacks[stack if stack not in stacks else document.name] = template
    return Source(name, stacks)


def stack_of(document: Document) -> str:
    """The name of a document's stack."""
    if document.name.startswith(PREFIX):
        return document.name.removeprefix(PREFIX)
    return stack_name_of(Path(document.name))


def with_stack_outputs(documents: Sequence[Document]) -> list[Document]:
    """The documents with `Fn::GetStackOutput` written as exports and imports, which are followed across stacks.

    An output that no document has stays as it is, and so unknown.
    """
    wanted: set[tuple[str, str | None, str]] = set()
    present = {
        (stack_of(document), document.region, name)
        for document in documents
        for name in _section(document.content, "Outputs")
    }
    replaced = [
        replace(document, content=_replaced(document.content, document.region, present, wanted))
        for document in documents
    ]
    return [replace(document, content=_exporting(document, wanted)) for document in replaced]


def _replaced(
    value: Any, region: str | None, present: set[tuple[str, str | None, str]], wanted: set[tuple[str, str | None, str]]
) -> Any:
    if isinstance(value, list):
        return [_replaced(item, region, present, wanted) for item in value]
    if not isinstance(value, Mapping):
        return value
    argument = value.get(_OUTPUT)
    if len(value) == 1 and isinstance(argument, Mapping):
        given = argument.get("Region")
        key = (
            str(argument.get("StackName")),
            given if isinstance(given, str) else region,
            str(argument.get("OutputName")),
        )
        if key in present:
            wanted.add(key)
            return {"Fn::ImportValue": _export(key)}
        return value
    return {name: _replaced(item, region, present, wanted) for name, item in value.items()}


def _exporting(document: Document, wanted: set[tuple[str, str | None, str]]) -> Mapping[str, Any]:
    stack, outputs = stack_of(document), dict(_section(document.content, "Outputs"))
    for key in sorted(wanted, key=str):
        if key[:2] == (stack, document.region) and isinstance(outputs.get(key[2]), Mapping):
            outputs[f"{key[2]}Drawn"] = {"Value": outputs[key[2]].get("Value"), "Export": {"Name": _export(key)}}
    return {**document.content, "Outputs": outputs} if outputs else document.content


def _export(key: tuple[str, str | None, str]) -> str:
    return f"output {key[2]} of {key[0]} in {key[1] or 'the region of the deploy'}"


def _section(content: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    section = content.get(name)
    return section if isinstance(section, Mapping) else {}
