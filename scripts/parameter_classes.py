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
# What cluster_mode says.
_ELSEWHERE = ("cluster-enabled",)


def class_name(family: str) -> str:
    """Redis6xParameters for redis6.x."""
    return f"{family.replace('.', '').capitalize()}Parameters"


def module_name(family: str) -> str:
    """redis6x for redis6.x."""
    return family.replace(".", "")


def source_of(family: str) -> str:
    """The module of a family: its fields, or those of the family that it begins with."""
    first = FAMILIES[family]
    if first != family:
        return _following(family, first)
    known: dict[str, dict[str, Any]] = facts.load("parameters")["families"][family]
    parameters = {
        name: each["allowed"] for name, each in known.items() if each["modifiable"] and name not in _ELSEWHERE
    }
    typed = {name: _type(allowed) for name, allowed in parameters.items()}
    literal = "Literal, " if any("Literal" in each for each in typed.values()) else ""
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
        return f"Literal[{', '.join(repr(each) for each in allowed.split(','))}]"
    return "str | int"  # what it takes is not published


def _words(name: str, allowed: str) -> str:
    shown = {
        "yes,no": "True or False",
        "": "text or a number",
        "-": "text or a number",
        "0,20-": "0, or 20 and up",
    }.get(allowed)
    if shown is None and re.fullmatch(r"\d+-\d*", allowed):
        least, _, most = allowed.partition("-")
        shown = f"{least} to {most}" if most else f"{least} and up"
    return f"`{name}`: {shown or ' or '.join(allowed.split(','))}."


def index() -> str:
    """The package's own module."""
    families = sorted(FAMILIES, key=class_name)
    return "\n".join(
        [
            '"""Parameters by family; written by `make facts`, not by hand."""',
            "",
            "from .base import Parameters",
            *(f"from .{module_name(each)} import {class_name(each)}" for each in families),
            "",
            "__all__ = [",
            *(f'    "{name}",' for name in sorted(["Parameters", *map(class_name, families)])),
            "]",
            "",
        ]
    )


def sources() -> dict[Path, str]:
    """Every module that is written, formatted."""
    made = {FOLDER / f"{module_name(family)}.py": source_of(family) for family in FAMILIES}
    made[FOLDER / "__init__.py"] = index()
    return {path: _formatted(path, text) for path, text in made.items()}


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
