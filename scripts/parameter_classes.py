"""Write constructs_lib/parameters: a class for each parameter group family, from the facts (`make facts`)."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from elasticache_rules import facts

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "constructs_lib" / "parameters"
FAMILIES = {
    "redis4.0": "redis4.0",
    "redis5.0": "redis5.0",
    "redis6.x": "redis6.x",
    "redis7": "redis7",
    # The parameters of Valkey 7.2 are those of Redis OSS 7.
    "valkey7": "redis7",
    "valkey8": "valkey8",
    "valkey9": "valkey9",
    "memcached1.4": "memcached1.4",
    "memcached1.5": "memcached1.5",
    "memcached1.6": "memcached1.6",
}
# Set by `cluster_mode` instead.
_ELSEWHERE = ("cluster-enabled",)


def class_name(family: str) -> str:
    """The class of a family, such as Redis6xParameters for redis6.x."""
    return f"{family.replace('.', '').capitalize()}Parameters"


def module_name(family: str) -> str:
    """The module of a family, such as redis6x for redis6.x."""
    return family.replace(".", "")


def source_of(family: str) -> str:
    """The source of a family's module: its fields, or a subclass of the family that it extends."""
    first = FAMILIES[family]
    if first != family:
        return _following(family, first)
    known: dict[str, dict[str, Any]] = facts.load("parameters")["families"][family]
    parameters = {
        name: parameter["allowed"]
        for name, parameter in known.items()
        if parameter["modifiable"] and name not in _ELSEWHERE
    }
    typed = {name: _type(allowed) for name, allowed in parameters.items()}
    literal = "Literal, " if any("Literal" in text for text in typed.values()) else ""
    lines = [
        f'"""Parameters of the family {family}; written by `make facts`, not by hand."""',
        "",
        "from dataclasses import dataclass, field",
        f"from typing import {literal}ClassVar",
        "",
        "from .base import Parameters",
        "",
        "",
        "@dataclass(frozen=True, slots=True, kw_only=True)",
        f"class {class_name(family)}(Parameters):",
        f'    """Parameters of the family {family}; what is left out keeps the family\'s default.',
        "",
        f"    {facts.load('parameters')['url']}",
        "",
        *(f"    :param {_field(name)}: {_words(name, allowed)}" for name, allowed in parameters.items()),
        '    """',
        "",
        f'    family: ClassVar[str] = "{family}"',
        "",
        *(
            f'    {_field(name)}: {typed[name]} | None = field(default=None, metadata={{"name": "{name}"}})'
            for name in parameters
        ),
    ]
    return "\n".join(lines) + "\n"


def _following(family: str, first: str) -> str:
    return f'''"""Parameters of the family {family}; written by `make facts`, not by hand."""

from dataclasses import dataclass
from typing import ClassVar

from .{module_name(first)} import {class_name(first)}


@dataclass(frozen=True, slots=True, kw_only=True)
class {class_name(family)}({class_name(first)}):
    """Parameters of the family {family}, which has those of {first}.

    {facts.load("parameters")["url"]}
    """

    family: ClassVar[str] = "{family}"
'''


def _field(name: str) -> str:
    return re.sub(r"[^a-z0-9_]", "_", name)


def _type(allowed: str) -> str:
    if allowed == "yes,no":
        return "bool"
    if re.fullmatch(r"[\d,]+-\d*", allowed):
        return "int"
    if "," in allowed:
        return f"Literal[{', '.join(repr(choice) for choice in allowed.split(','))}]"
    return "str | int"  # the allowed values are not published


def _words(name: str, allowed: str) -> str:
    description = {
        "yes,no": "True or False",
        "": "text or a number",
        "-": "text or a number",
        "0,20-": "0, or 20 and up",
    }.get(allowed)
    if description is None and re.fullmatch(r"\d+-\d*", allowed):
        least, _, most = allowed.partition("-")
        description = f"{least} to {most}" if most else f"{least} and up"
    return f"`{name}`: {description or ' or '.join(allowed.split(','))}."


def index() -> str:
    """The source of the package's `__init__.py`."""
    families = sorted(FAMILIES, key=class_name)
    return "\n".join(
        [
            '"""Parameters by family; written by `make facts`, not by hand."""',
            "",
            "from .base import Parameters",
            *(f"from .{module_name(family)} import {class_name(family)}" for family in families),
            "",
            "__all__ = [",
            *(f'    "{name}",' for name in sorted(["Parameters", *map(class_name, families)])),
            "]",
            "",
        ]
    )


def sources() -> dict[Path, str]:
    """The formatted source of every generated module."""
    modules = {FOLDER / f"{module_name(family)}.py": source_of(family) for family in FAMILIES}
    modules[FOLDER / "__init__.py"] = index()
    return {path: _formatted(path, text) for path, text in modules.items()}


def _formatted(path: Path, text: str) -> str:
    ruff = [str(Path(sys.executable).with_name("ruff"))]
    for words in (["check", "--fix", "--quiet", "--exit-zero"], ["format", "--quiet"]):
        done = subprocess.run(
            [*ruff, *words, "--stdin-filename", str(path), "-"],
            input=text,
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
        )
        text = done.stdout
    return text


if __name__ == "__main__":
    for path, text in sources().items():
        path.write_text(text)
    print(f"wrote {len(sources())} modules in {FOLDER.relative_to(ROOT)}")
