"""The templates of `PATH...`: files, folders, a cloud assembly, and deployed stacks as `stack:NAME`."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from elasticache_operations.context import Context
from elasticache_operations.deployed_templates import read_deployed
from elasticache_operations.errors import InputError
from elasticache_rules import deployed
from elasticache_rules.documents import Document, read_all, stack_name_of
from elasticache_rules.linking import link
from elasticache_rules.template import Template


@dataclass(frozen=True, slots=True)
class Stack:
    """A template that was read.

    :param region: where it is deployed.
    """

    name: str
    region: str
    template: Template


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that name templates."""
    parser.add_argument(
        "paths",
        nargs="+",
        metavar="PATH",
        help="a template, a folder, a cdk.out, - for standard input, or stack:NAME (with boto3)",
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="PARAMETER=VALUE",
        help="the value of a template's parameter (default: the parameter's default)",
    )


def read_stacks(paths: Sequence[str], context: Context, values: Sequence[str] = ()) -> list[Stack]:
    """Read templates, with the imports among them resolved; one that several paths name is read once.

    :param values: of parameters, as `NAME=VALUE`.
    :raises InputError: for a path that cannot be read, and for a template whose region is not known.
    """
    given = _given(values)
    documents: list[Document] = []
    for path in paths:
        if path.startswith(deployed.PREFIX):
            documents.append(read_deployed(path.removeprefix(deployed.PREFIX), context.aws, context.progress))
            continue
        with context.progress.step(f"reading {path}"):
            reading = read_all([path])
        if reading.problems:
            raise InputError(str(reading.problems[0]))
        documents += reading.documents
    documents = list({_identity(each): each for each in reversed(documents)}.values())[::-1]
    unknown = sorted(given.keys() - {name for each in documents for name in _parameters(each.content)})
    if unknown:
        known = sorted({name for each in documents for name in _parameters(each.content)})
        raise InputError(f"--set must name a parameter, got {unknown[0]!r}; use {', '.join(known) or 'no --set'}")
    regions = {each.region for each in documents if each.region}
    if context.region is not None and len(regions) > 1:
        raise InputError(
            f"--region must not be set, because the templates name {', '.join(sorted(regions))}; leave it out"
        )
    default = None if all(each.region for each in documents) else context.default_region()
    with_values = [
        replace(each, content=_with_parameters(each.content, given), region=context.region or each.region or default)
        for each in documents
    ]
    return [Stack(_name(document), _region(document), template) for document, template in link(with_values)]


def _identity(document: Document) -> str:
    """The stack or the file of a template, by which it counts once."""
    return document.name if document.name.startswith(deployed.PREFIX) else str(Path(document.name).resolve())


def _given(values: Sequence[str]) -> Mapping[str, str]:
    for value in values:
        if "=" not in value:
            raise InputError(
                f"--set must be PARAMETER=VALUE, got {value[:60]!r}; write it like --set NodeType=cache.r7g.large"
            )
    return dict(value.split("=", 1) for value in values)


def _name(document: Document) -> str:
    if document.name.startswith(deployed.PREFIX):
        return document.name.removeprefix(deployed.PREFIX)
    return stack_name_of(Path(document.name))


def _region(document: Document) -> str:
    if document.region is None:
        raise InputError(
            f"{document.name}: --region must be set, because the template names no region; write it like "
            "--region eu-west-1"
        )
    return document.region


def _parameters(content: Mapping[str, Any]) -> Mapping[str, Any]:
    section = content.get("Parameters")
    return section if isinstance(section, Mapping) else {}


def _with_parameters(content: Mapping[str, Any], given: Mapping[str, str]) -> Mapping[str, Any]:
    """The template with references to parameters replaced by their values: those given, or the defaults."""
    values: dict[str, Any] = {}
    for name, declared in _parameters(content).items():
        if name in given:
            values[name] = given[name]
        elif isinstance(declared, Mapping) and "Default" in declared and "SSM" not in str(declared.get("Type")):
            values[name] = declared["Default"]
    if not values:
        return content
    return {key: _replaced(value, values) if key == "Resources" else value for key, value in content.items()}


def _replaced(value: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(value, Mapping):
        if len(value) == 1 and isinstance(value.get("Ref"), str) and value["Ref"] in values:
            return values[value["Ref"]]
        return {key: _replaced(member, values) for key, member in value.items()}
    return [_replaced(member, values) for member in value] if isinstance(value, list) else value
