"""The mutants that Cosmic Ray makes, as JSON; runs in the environment of the tool (.tools/mutants).

`cosmic.py list PATTERN MODULE...` prints the mutants of each module; `cosmic.py change` reads a list of mutants from
standard input, and prints the changed source of each, or null for one that Cosmic Ray cannot make. (Its operator for
exceptions fails on a name with a dot, such as `socket.timeout`.)
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

from cosmic_ray.ast import ast_nodes, get_ast_from_path
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names


def listed(pattern: str, modules: list[str]) -> list[dict[str, Any]]:
    """The mutants of the operators whose names match the pattern."""
    operators = {name: get_operator(name) for name in operator_names() if re.fullmatch(pattern, name)}
    found = []
    for module in modules:
        nodes = list(ast_nodes(get_ast_from_path(Path(module))))
        for name, operator in operators.items():
            if operator.arguments():
                continue
            positions = (position for node in nodes for position in operator().mutation_positions(node))
            found += [
                {"module": module, "operator": name, "occurrence": number, "row": start[0]}
                for number, (start, _) in enumerate(positions)
            ]
    return found


def changed(mutant: dict[str, Any]) -> str | None:
    """The source of a module with the mutant in it."""
    source = Path(mutant["module"]).read_text(encoding="utf-8")
    try:
        code: str | None = mutate_code(source, get_operator(mutant["operator"])(), mutant["occurrence"])
    except AttributeError:
        return None
    return code


if __name__ == "__main__":
    if sys.argv[1] == "list":
        print(json.dumps(listed(sys.argv[2], sys.argv[3:])))
    else:
        print(json.dumps([changed(mutant) for mutant in json.load(sys.stdin)]))
