"""Generated inputs of the rules' command: mutated templates, pairs of them, and broken files.

Each case depends on its number alone. To run more than the tests do, and to repeat one:
`python -m tests.elasticache_rules.fuzzing templates 0 20000`, `… templates 4711 4712`.
"""

import contextlib
import copy
import io
import json
import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import yaml

from elasticache_rules.__main__ import main
from tests.bounded import Case, report
from tests.elasticache_rules.examples import BASE, resources
from tests.elasticache_rules.hostile import INTRINSICS, VALUES, file_content

_CORPUS: Final = Path(__file__).parent / "corpus"
_LONG: Final = 500_000
"""In characters; work that grows with the square of it takes minutes."""
_Random = random.Random


def check(words: list[str]) -> str:
    """Run the command; returns "clean", "findings" or "message", and raises for any other behavior."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main(words)
    shown, output = out.getvalue(), err.getvalue()
    (shown + output).encode()  # what a stream can write
    if status == 2:
        lines = output.splitlines()
        assert 1 <= len(lines) <= len(words), output  # one for each file that cannot be read
        assert all(line.startswith("elasticache_rules: ") and len(line) < 1500 for line in lines), output
        return "message"
    assert status in (0, 1), status
    assert not output, output
    if "json" in words:
        assert isinstance(json.loads(shown), list), shown
    else:
        assert all(line.isprintable() for line in shown.splitlines()), shown
        assert shown.splitlines()[-1].endswith((" could not be judged", " without a decision")), shown
    return "findings" if status else "clean"


def _documents() -> list[dict[str, Any]]:
    """The valid templates that are mutated."""
    examples = [{"Resources": resources(name)} for name in BASE]
    lines = (_CORPUS / "good.jsonl").read_text().splitlines()
    corpus = [document for document in map(json.loads, lines) if isinstance(document, dict) and "Resources" in document]
    everything = {f"{name}{key}": resource for name in BASE for key, resource in resources(name).items()}
    return [*examples, *corpus, {"Resources": everything}]


def _places(value: Any, values: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """Each list or object with each of its keys."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in entries:
        values.append((value, key))
        _places(inner, values)
    return values


def mutate(rng: _Random, document: dict[str, Any]) -> dict[str, Any]:
    """A copy with one to four changes: another value, key or type, a part removed, repeated or wrapped."""
    changed = copy.deepcopy(document)
    for _ in range(rng.choice((1, 1, 2, 4))):
        places = _places(changed.get("Resources"), [])
        if not places:
            break
        holder, key = rng.choice(places)
        _change(rng, holder, key, places, list(changed["Resources"]))
    if rng.random() < 0.03:
        changed[rng.choice(("Resources", "Conditions", "Parameters", "Transform"))] = copy.deepcopy(rng.choice(VALUES))
    return changed


def _change(rng: _Random, holder: Any, key: Any, places: list[tuple[Any, Any]], ids: list[str]) -> None:
    value = holder[key]
    action = rng.choice(
        ("value", "value", "value", "intrinsic", "intrinsic", "delete", "rename", "copy", "wrap", "text")
    )
    if action == "delete":
        del holder[key]
    elif action == "rename" and isinstance(holder, dict):
        name = rng.choice(
            (f"{key}\n", str(key).lower(), "", "\ud800", "x" * 300, "Fn::Join", "Ref", "Type", "Properties")
        )
        holder[name] = holder.pop(key)
    elif action == "copy":
        other, its_key = rng.choice(places)
        with contextlib.suppress(LookupError):  # an earlier change removed it
            holder[key] = copy.deepcopy(other[its_key])
    elif action == "wrap":
        holder[key] = rng.choice(
            ([value], [value] * 50, {"Value": value}, {"Fn::If": ["C", value, {"Ref": "AWS::NoValue"}]})
        )
    elif action == "text":
        holder[key] = rng.choice(
            (str(value), f" {value}", f"{value}\n", str(value).upper(), str(value) * 20, str(value)[:-1])
        )
    elif action == "intrinsic":
        holder[key] = copy.deepcopy(rng.choice(INTRINSICS)(rng.choice(ids or ["It"]), value))
    else:
        holder[key] = copy.deepcopy(rng.choice(VALUES))


def _written(rng: _Random, folder: Path, name: str, document: Any) -> str:
    if rng.random() < 0.1:
        path = folder / f"{name}.yaml"
        path.write_text("# YAML\n" + yaml.safe_dump(document), errors="surrogatepass")
    else:
        path = folder / f"{name}.json"
        path.write_text(json.dumps(document))
    return str(path)


def _options(rng: _Random) -> list[str]:
    return rng.choice(([], [], ["--format", "json"], ["--region", "eu-west-1"]))


def template(rng: _Random, folder: Path) -> list[str]:
    """The words of a check of one mutated template."""
    return [*_options(rng), _written(rng, folder, "template", mutate(rng, rng.choice(_DOCUMENTS)))]


def pair(rng: _Random, folder: Path) -> list[str]:
    """The words of a comparison of a template with a mutated one."""
    base = rng.choice(_DOCUMENTS)
    old = base if rng.random() < 0.5 else mutate(rng, base)
    new = mutate(rng, old if rng.random() < 0.9 else rng.choice(_DOCUMENTS))
    return ["compare", *_options(rng), _written(rng, folder, "old", old), _written(rng, folder, "new", new)]


def file(rng: _Random, folder: Path) -> list[str]:
    """The words of a check, or of a comparison, of a file that may be no template."""
    path = folder / f"file.{rng.choice(('json', 'yaml', 'template', 'template.json'))}"
    path.write_bytes(file_content(rng, rng.choice(_DOCUMENTS)))
    target = str(rng.choice((path, path, folder)))
    return ["compare", target, target] if rng.random() < 0.2 else [*_options(rng), target]


def long(rng: _Random, folder: Path) -> list[str]:
    """The words of a check, or of a comparison, of a template with one long text or list, or with many resources."""
    if rng.random() < 0.1:
        document = _repeated(resources(rng.choice(list(BASE))), _LONG)
    else:
        document = copy.deepcopy(rng.choice(_DOCUMENTS))
        holder, key = rng.choice(_places(document["Resources"], []))
        value = holder[key]
        if isinstance(value, list) or rng.random() < 0.2:
            items = value if isinstance(value, list) and value else [value]
            holder[key] = items * (_LONG // (len(json.dumps(items)) + 2) + 1)
        else:
            piece = rng.choice((str(value), f"{value} ", "a", "a ", "${", "${It}", "1:", "+@", "-a.", "0", ",", "%R~"))
            holder[key] = str(value) + piece * (_LONG // (len(json.dumps(piece)) - 2)) + rng.choice(("", "!", "\n"))
            if rng.random() < 0.3:
                holder[key] = {"Fn::Sub": holder[key]}
    path = folder / "template.json"
    path.write_text(json.dumps(document))
    return ["compare", str(path), str(path)] if rng.random() < 0.2 else [str(path)]


def _repeated(one: dict[str, Any], size: int) -> dict[str, Any]:
    """A template of about this size, of copies of some resources."""
    text = json.dumps(one)
    copies = []
    for number in range(size // len(text) + 1):
        renamed = text
        for id in one:
            renamed = renamed.replace(json.dumps(id), json.dumps(f"{id}{number}"))
        copies.append(json.loads(renamed))
    return {"Resources": {id: item for result in copies for id, item in result.items()}}


_DOCUMENTS: Final = _documents()
KINDS: Final[dict[str, Callable[[_Random, Path], list[str]]]] = {
    "templates": template,
    "pairs": pair,
    "files": file,
    "long": long,
}


def numbered(kind: str, number: int) -> _Random:
    """The random numbers of one case."""
    return random.Random(f"{kind} {number}")


def cases(kind: str, first: int, last: int) -> Iterator[Case]:
    """The cases of these numbers."""

    def run(number: int) -> str:
        with tempfile.TemporaryDirectory() as folder:
            return check(KINDS[kind](numbered(kind, number), Path(folder)))

    for number in range(first, last):
        yield f"{kind} {number}", partial(run, number)


if __name__ == "__main__":
    report(cases(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
