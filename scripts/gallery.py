"""Write docs/gallery/: a picture of every deployment and every example, and the page that shows them."""

import importlib
import inspect
import json
import re
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from app import build_app

# isort: split
import aws_cdk as cdk

from elasticache_operations.picture.building import build
from elasticache_operations.picture.layout import draw
from elasticache_operations.picture.model import Picture
from elasticache_operations.picture.sources import read_source
from elasticache_rules.output import printable
from stacks.deployments import DEPLOYMENTS

ROOT: Final = Path(__file__).parents[1]
FOLDER: Final = ROOT / "docs" / "gallery"
_PAGE: Final = ROOT / "docs" / "gallery.md"
_WIDTH: Final = 760
_ENV: Final = cdk.Environment(region="eu-west-1")
_REGIONS: Final = ("us-east-1", "eu-west-1")
_HASH: Final = re.compile(r"(?<=/Instance)[0-9a-f]{8}")
"""The part of a client's name that changes with its user data, and so with each change of the connection test."""
_HEAD: Final = """# Gallery

Pictures of every deployment and every example, as [`elasticache picture`](picture.md) draws their templates. Generated
by `make docs`; a test fails when a picture is not current.
"""
_CONTEXT: Final[Mapping[str, Any]] = {
    **json.loads((ROOT / "cdk.json").read_text())["context"],
    "aws:cdk:enable-path-metadata": True,
}


def pages() -> dict[Path, str]:
    """The page and the pictures, by path."""
    result: dict[Path, str] = {}
    parts = [_HEAD]
    for title, pictures in (("Deployments", deployments()), ("Examples", examples())):
        parts.append(f"\n## {title}\n")
        for name, link, picture in pictures:
            result[FOLDER / f"{name}.svg"] = _HASH.sub("", draw(picture, _WIDTH, alone=True)) + "\n"
            words = printable(picture.sentence)
            parts.append(f"\n### {name}\n\n{link}{words}\n\n![{words}](gallery/{name}.svg)\n")
    return {_PAGE: "".join(parts), **result}


def deployments() -> Iterator[tuple[str, str, Picture]]:
    """The deployments with their names and the commands that synthesise them."""
    for name in DEPLOYMENTS:
        with tempfile.TemporaryDirectory() as folder:
            context = {**_CONTEXT, "deployment": name}
            build_app(context, outdir=folder, builtin_validation=False).synth()
            yield f"deployment-{name}", f"`make synth DEPLOYMENT={name}`. ", _picture(folder)


def examples() -> Iterator[tuple[str, str, Picture]]:
    """The examples with their names and links to them."""
    for path in sorted((ROOT / "examples").glob("*.py")):
        if path.stem == "__init__":
            continue
        module = importlib.import_module(f"examples.{path.stem}")
        with tempfile.TemporaryDirectory() as folder:
            app = cdk.App(
                context=dict(_CONTEXT),
                outdir=folder,
                analytics_reporting=False,
                builtin_cloud_formation_validation=False,
            )
            if hasattr(module, "build"):
                module.build(app, *_REGIONS)
            else:
                for kind in _stacks(module):
                    kind(app, kind.__name__, env=_ENV)
            app.synth()
            yield f"example-{path.stem.replace('_', '-')}", f"`examples/{path.name}`. ", _picture(folder)


def _stacks(module: object) -> list[Any]:
    """The stack classes that a module defines."""
    return [
        member
        for _, member in inspect.getmembers(module, inspect.isclass)
        if issubclass(member, cdk.Stack) and member.__module__ == getattr(module, "__name__", "")
    ]


def _picture(folder: str) -> Picture:
    source, problems = read_source([folder], None)
    if problems:
        raise problems[0]
    return build(source)


if __name__ == "__main__":
    current = pages()
    FOLDER.mkdir(exist_ok=True)
    for stale in set(FOLDER.glob("*.svg")) - set(current):
        stale.unlink()
    for target, content in current.items():
        target.write_text(content, encoding="utf-8")
    print(f"wrote {len(current) - 1} pictures to {FOLDER.relative_to(ROOT)}")
