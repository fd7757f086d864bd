"""Values, intrinsic functions and files that readers of templates are known to stumble over."""

import json
import random
from collections.abc import Callable
from typing import Any, Final

import yaml


def _nested(levels: int) -> list[Any]:
    results: list[Any] = []
    for _ in range(levels):
        results = [results]
    return results


VALUES: Final[tuple[Any, ...]] = (
    *(None, True, False, 0, 1, -1, 2, 3.5, -0.0, 6379, 10**10, 10**30, -(10**30), 10**99, 10**100, 1e308, 5e-324),
    *("", " ", "0", "-", "--5", "-1", "1.5", "1e3", "1_0", "0x10", "\u0663", "9" * 99, "9" * 5000, "true", "null"),
    *("7-1", "7.1", "7.x", "8", "8.2", "8.2.1.1.1", "v7.1", "latest", "9" * 5000 + ".1", ".", "7.", ".1", "6.x"),
    *("\0", "\n", "\x1b[31m", "\ud800", "\u202e", "\U0001f600", "x" * 300, "x" * 20_000, "a b", "a,b", "../x", "%s{0}"),
    *("${It}", "${", "${" * 500, "${AWS::Region}", "{{resolve:ssm:x}}", "AWS::NoValue", "arn:aws:", "arn:::::::", "*"),
    *("redis", "valkey", "memcached", "cache.", "cache..", "cache.t4g.micro", "cache.x9.huge", "default.redis7"),
    *("mon:00:00-mon:01:00", "23:59-00:00", "24:00-25:00", "00:00-00:00", "10.0.0.0/8", "::/0", "300.1.1.1/8"),
    *([], [None], [[]], [""], [1, "1", 1.0, True], ["x"] * 200, [{}], {}, {"": None}, {"a": {"b": {}}}),
    *({"Key": "a", "Value": None}, [{"Key": "a"}, {"Key": "a"}], [{"Key": []}], {"Type": "password", "Passwords": 5}),
    *(_nested(60), _nested(120), "AWS::ElastiCache::User", "AWS::ElastiCache::", "Custom::ElastiCacheOutpostCluster"),
)

_NO_VALUE: Final = {"Ref": "AWS::NoValue"}
INTRINSICS: Final[tuple[Callable[[str, Any], Any], ...]] = (
    lambda id, value: {"Ref": id},
    lambda id, value: {"Ref": "AWS::Region"},
    lambda id, value: {"Ref": value},
    lambda id, value: _NO_VALUE,
    lambda id, value: {"Fn::GetAtt": [id, "Arn"]},
    lambda id, value: {"Fn::GetAtt": f"{id}.Endpoint.Port"},
    lambda id, value: {"Fn::GetAtt": [value]},
    lambda id, value: {"Fn::GetAtt": None},
    lambda id, value: {"Fn::If": ["C", value, _NO_VALUE]},
    lambda id, value: {"Fn::If": []},
    lambda id, value: {"Fn::If": value},
    lambda id, value: {"Fn::Join": ["", [value, {"Ref": id}]]},
    lambda id, value: {"Fn::Join": ["-" * 1000, ["x"] * 1000]},
    lambda id, value: {"Fn::Join": [value, value]},
    lambda id, value: {"Fn::Join": []},
    lambda id, value: {"Fn::Sub": f"{value}${{{id}}}${{{id}.Arn}}"},
    lambda id, value: {"Fn::Sub": ["${a}", {"a": value}]},
    lambda id, value: {"Fn::Sub": 5},
    lambda id, value: {"Fn::Select": [0, [value]]},
    lambda id, value: {"Fn::FindInMap": ["M", value, {"Ref": id}]},
    lambda id, value: {"Fn::": value},
    lambda id, value: {"Ref": id, "Fn::Sub": "x"},
    lambda id, value: [{"Ref": id}] * 30,
)


def _alias_bomb(rng: random.Random) -> str:
    width, depth = rng.randint(2, 12), rng.randint(1, 40)
    lines = ["a0: &a0 [x, x]"]
    for level in range(1, depth):
        aliases = ", ".join([f"*a{level - 1}"] * width)
        as_map = ", ".join(f"k{number}: *a{level - 1}" for number in range(width))
        merge = f"{{<<: [{aliases}]}}"
        lines.append(f"a{level}: &a{level} " + rng.choice((f"[{aliases}]", f"{{{as_map}}}", merge)))
    return "\n".join(lines) + "\nResources: {It: {Type: x, Properties: {P: *a" + str(depth - 1) + "}}}\n"


def _recursive_alias(rng: random.Random) -> str:
    return rng.choice(
        (
            "Resources: &a {It: *a}",
            "Resources: {It: &a [x, [y, *a]]}",
            "&a Resources: {*a : *a}",
            "Resources: {It: &a {<<: *a}}",
            "Resources: {It: &a {<<: [*a, *a]}}",
            "Resources: {It: &a !Join [*a, *a]}",
            "Resources: {It: &a !!set {*a }}",
            "Resources: {It: &a !!omap [x: *a]}",
            "Resources: {It: &a !!pairs [x: *a]}",
            "Resources: {It: &a {? *a : x}}",
            "&a [&b [*a, *b]]",
        )
    )


def _tagged(rng: random.Random) -> str:
    tag = rng.choice(
        (
            *(
                "int",
                "float",
                "bool",
                "null",
                "timestamp",
                "binary",
                "omap",
                "pairs",
                "set",
                "merge",
                "value",
                "map",
                "seq",
            ),
            *("python/object/apply:os.system", "python/name:os.system", "python/tuple", "str", "", "x" * 1000),
        )
    )
    value = rng.choice(
        (
            "x",
            "",
            "[a, b]",
            "{a: b}",
            "0b",
            "0x",
            "1:2:3",
            ".nan",
            "-.inf",
            "9" * 5000,
            "1e999",
            "'",
            "~",
            "0o9",
            '"\\UFFFFFFFF"',
            '"\\ud800"',
            "[[x]]",
        )
    )
    mark = rng.choice(("!!", "!", "!Sub ", "!GetAtt ", "!If ", "!Ref ", "!Transform "))
    return f"Resources: {{It: {{Type: AWS::ElastiCache::User, Properties: {{Port: {mark}{tag} {value}}}}}}}"


def _deep(rng: random.Random) -> str:
    levels = rng.choice((50, 99, 100, 101, 102, 300, 900, 1100, 5000, 100_000))
    start, end = rng.choice(
        (("[", "]"), ('{"a":', "}"), ("- ", ""), ("? ", ""), ("a: {", "}"), ("!Ref [", "]"), ("[[", ""))
    )
    return '{"Resources": ' * (start != "- ") + start * levels + "1" + end * levels + "}" * (start != "- ")


def _number(rng: random.Random) -> str:
    number = rng.choice(
        (
            *(
                "NaN",
                "Infinity",
                "-Infinity",
                ".nan",
                ".inf",
                "1e999",
                "-1e-999",
                "0" * 5000,
                "9" * 5000,
                "9" * 200_000,
            ),
            *(
                "1." + "9" * 5000,
                "1e" + "9" * 5000,
                "1:" * 5000 + "1",
                "0b" + "1" * 5000,
                "0x" + "f" * 5000,
                "-" * 5000,
            ),
            *("-0", "+1", "01", "1_000", "0o17", "4" * 4301, "1e400", "1" + "0" * 100, "1" + "0" * 99),
        )
    )
    entry = '{"Type": "AWS::ElastiCache::ReplicationGroup", "Properties": {"Port": %s, "EngineVersion": %s}}'
    return f'{{"Resources": {{"It": {entry % (number, number)}}}}}'


def _broken(rng: random.Random, text: bytes) -> bytes:
    """A good file with parts overwritten, inserted, repeated or cut off."""
    content = bytearray(text)
    for _ in range(rng.randint(1, 8)):
        at = rng.randrange(len(content) + 1)
        piece = rng.choice(
            (
                rng.randbytes(rng.randint(1, 8)),
                b'"',
                b"\\",
                b"{",
                b"]",
                b"\0",
                b"\t",
                b"\n",
                b": ",
                b"- ",
                b"&a ",
                b"*a ",
            )
        )
        end = at + rng.choice((0, 1, len(piece), 40))
        content[at:end] = piece * rng.choice((1, 1, 1, 200))
    return bytes(content[: rng.choice((len(content), len(content), rng.randrange(len(content) + 1)))])


def _encoded(rng: random.Random, text: str) -> bytes:
    encoding = rng.choice(("utf-8-sig", "utf-16", "utf-16-le", "utf-32", "latin-1", "utf-7", "cp037"))
    return (b"\xef\xbb\xbf" * rng.choice((0, 0, 1, 2))) + text.encode(encoding)


def file_content(rng: random.Random, document: Any) -> bytes:
    """The bytes of a file that is nearly a template, or far from it."""
    text = json.dumps(document) if rng.random() < 0.6 else yaml.safe_dump(document)
    short = "{Resources: {It: {Type: x}}}"
    kinds: tuple[Callable[[], bytes], ...] = (
        *[lambda: _broken(rng, text.encode(errors="replace"))] * 4,
        lambda: _encoded(rng, rng.choice((text, short))),
        *[lambda: _alias_bomb(rng).encode()] * 2,
        lambda: _recursive_alias(rng).encode(),
        *[lambda: _tagged(rng).encode()] * 2,
        lambda: _deep(rng).encode(),
        *[lambda: _number(rng).encode()] * 2,
        lambda: rng.randbytes(rng.choice((1, 10, 1000, 100_000))),
        lambda: rng.choice((b"\0", b" ", b"\n", b"#", b"---\n", b"...", b"%", b"'", b'"', b"|", b"\xff")) * 30_000,
        lambda: (text + "\n--- \n" + text).encode(errors="replace"),
    )
    return rng.choice(kinds)()
