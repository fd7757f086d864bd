"""Codecs: what comes back as it was, what is a miss, and what is refused. Runs on Python 3.9 as well."""

from __future__ import annotations

import dataclasses
import enum
import math
import sys
import typing
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Optional, TypedDict, Union

import pytest

from elasticache_caching import ConfigurationError, Json, ValueRefusedError
from tests.elasticache_caching.protocols import head, protocol


@dataclasses.dataclass
class Line:
    name: str
    count: int = 1


@dataclasses.dataclass
class Order:
    id: str
    lines: list[Line]
    first: Optional[Line] = None  # noqa: UP045 - it is evaluated, on Python 3.9 as well
    by_name: dict[str, Line] = dataclasses.field(default_factory=dict)


def test_dataclasses_come_back() -> None:
    codec = Json(Order)
    order = Order("1", [Line("a"), Line("b", 2)], Line("c"), {"d": Line("d")})
    assert codec.decode(codec.encode(order)) == order
    assert codec.decode(codec.encode(Order("1", []))) == Order("1", [])


@dataclasses.dataclass
class Measure:
    text: str = "a"
    number: int = 1
    share: float = 0.5
    flag: bool = True
    maybe: Optional[int] = None  # noqa: UP045 - it is evaluated, on Python 3.9 as well


@pytest.mark.parametrize(
    "changed",
    [
        {"text": 1},
        {"text": None},
        {"number": "1"},
        {"number": 1.5},
        {"share": "0.5"},
        {"flag": "yes"},
        {"flag": 1},
        {"maybe": "1"},
        {"gone": 1},
    ],
)
def test_a_field_that_another_release_had_with_another_type_is_a_miss(changed: dict[str, Any]) -> None:
    """Also when nobody has raised the schema."""
    caching_protocol = protocol(codec=Json(Measure))
    written = protocol(codec=Json(dict)).entry({**dataclasses.asdict(Measure()), **changed})[1]
    assert caching_protocol.read(written) is None
    assert caching_protocol.read(protocol(codec=Json(dict)).entry(dataclasses.asdict(Measure(share=1)))[1]) is not None


def test_a_field_that_another_release_did_not_have_is_a_miss() -> None:
    assert protocol(codec=Json(Line)).read(protocol(codec=Json(dict)).entry({"count": 1})[1]) is None


class Broken:
    """A codec that raises any error."""

    schema = 3

    def __init__(self, error: Exception) -> None:
        self.error = error

    def encode(self, value: Any) -> bytes:
        raise self.error

    def decode(self, body: bytes) -> Any:
        raise self.error


@pytest.mark.parametrize("error", [ZeroDivisionError("codec"), KeyError("codec"), RecursionError("codec")])
def test_a_codec_that_fails(error: Exception) -> None:
    caching_protocol = protocol(codec=Broken(error))
    assert caching_protocol.read(head() + b"{}") is None
    with pytest.raises(ValueRefusedError, match=r"^row: .*codec"):
        caching_protocol.entry({})


@pytest.mark.parametrize(
    "value",
    [
        {"a": (1, 2)},
        {1: "a"},
        {"a": float("nan")},
        {"a": math.inf},
        {"a": {1}},
        {"a": b"x"},
        {"a": "\ud800"},
        {"a": Decimal(1)},
    ],
)
def test_what_json_changes_is_refused(value: Any) -> None:
    with pytest.raises(ValueRefusedError, match=r"dict (changes when it is restored|cannot be encoded)"):
        Json(dict).encode(value)


@pytest.mark.parametrize("body", [b"1 2", b"1,", b"1\n", b" 1", b"", b"\xff"])
def test_bytes_that_are_not_one_json_value_are_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"JSON value expected|Expecting value|utf-8"):
        Json(int).decode(body)


def test_values_of_another_type_are_refused() -> None:
    with pytest.raises(ValueRefusedError, match="list cannot be encoded as JSON: dict expected, got list"):
        Json(dict).encode([])  # type: ignore[arg-type]  # it is wrong
    with pytest.raises(TypeError, match="dict expected, got list"):
        Json(dict).decode(b"[]")


def test_own_conversions() -> None:
    codec = Json(Decimal, to_json=str, from_json=Decimal)
    assert codec.decode(codec.encode(Decimal("1.10"))) == Decimal("1.10")
    for one in ({"to_json": str}, {"from_json": Decimal}):
        with pytest.raises(
            ConfigurationError, match="Json: only one of to_json and from_json is set; pass both or neither"
        ):
            Json(Decimal, **one)


OPTIONAL: Any = Line | None if sys.version_info >= (3, 10) else Optional[Line]


UNTYPED: Any = (typing.List, typing.Dict, list, dict)  # noqa: UP006 - they have an origin and no arguments


def test_optional_and_untyped_fields_come_back() -> None:
    either = Union[int, str]
    fields = [
        ("first", OPTIONAL),
        ("second", OPTIONAL),
        ("either", either),
        ("some", Sequence[int]),
        *zip("abcd", UNTYPED),
    ]
    kind = dataclasses.make_dataclass("Kind", fields)
    value = kind(Line("a"), None, "a", [1], [1], {"a": 1}, [[1]], {})
    assert Json(kind).decode(Json(kind).encode(value)) == value


class Colour(str, enum.Enum):
    RED = "red"


class Level(enum.IntEnum):
    LOW = 1


class Markup(str):
    """A string that a template does not escape."""


class Size(TypedDict):
    width: int


@dataclasses.dataclass
class Styled:
    colour: Colour
    level: Level
    others: list[Colour]
    maybe: Optional[Level]  # noqa: UP045 - it is evaluated, on Python 3.9 as well
    size: Size
    anything: Any = None
    plain: dict = dataclasses.field(default_factory=dict)  # type: ignore[type-arg]  # without types


def test_enumerations_come_back() -> None:
    """As members, because a hit must have the attributes of the value that was loaded."""
    codec = Json(Styled)
    styled = Styled(Colour.RED, Level.LOW, [Colour.RED], Level.LOW, {"width": 1}, [1], {"a": 1})
    found = codec.decode(codec.encode(styled))
    assert found == styled
    assert (found.colour, found.level, found.maybe) == (Colour.RED, Level.LOW, Level.LOW)
    for member in (found.colour, found.level, found.maybe, *found.others):
        assert isinstance(member, enum.Enum)
    assert isinstance(Json(Colour).decode(Json(Colour).encode(Colour.RED)), Colour)


def test_a_member_that_another_release_had_is_a_miss() -> None:
    written = protocol(codec=Json(dict)).entry({"colour": "blue"})[1]
    assert protocol(codec=Json(dataclasses.make_dataclass("Old", [("colour", Colour)]))).read(written) is None


def test_a_field_of_a_class_that_json_cannot_restore_is_refused() -> None:
    """An equal value of another class, such as a string that templates escape, would be a wrong value."""
    kind = dataclasses.make_dataclass("Page", [("text", Markup)])
    with pytest.raises(ValueRefusedError, match="Page cannot be encoded as JSON: Markup expected, got str"):
        Json(kind).encode(kind(Markup("a")))


def test_collections_of_dataclasses_come_back() -> None:
    many: Json[list[Line]] = Json(list[Line])
    by_name: Json[dict[str, list[Order]]] = Json(dict[str, list[Order]])
    lines = [Line("a"), Line("b", 2)]
    orders = {"x": [Order("1", lines)], "y": []}
    assert many.decode(many.encode(lines)) == lines
    assert by_name.decode(by_name.encode(orders)) == orders
    anything: Any = Any
    assert Json(anything).decode(b"[1]") == [1]


@pytest.mark.parametrize("value", [Measure, Measure(text=Decimal(1)), [Decimal(1)]])  # type: ignore[arg-type]  # wrong
def test_what_json_has_no_type_for_is_named(value: Any) -> None:
    kind = "type" if value is Measure else "Decimal"
    with pytest.raises(ValueRefusedError, match=f"{kind} is not a type of JSON; pass to_json and from_json"):
        Json(object).encode(value)
