"""Measurements of servers: bytes of used_memory for each key, with the shape as the memory model takes it."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from elasticache_operations.capacity.allocator import Allocator
from elasticache_operations.capacity.engines import EngineVersion
from elasticache_operations.capacity.memory import MemoryModel, of_shape
from elasticache_operations.capacity.shapes import Kind, Shape

_FILE: Final = Path(__file__).parent / "data" / "memory_measured.json"
_SLOTS: Final = 16384
_KINDS: Final = {"hash": Kind.HASH, "set": Kind.SET, "zset": Kind.SORTED_SET, "list": Kind.LIST}


@dataclass(frozen=True, slots=True)
class Measured:
    """One shape on one server."""

    server: str
    quantum: int
    cluster: bool
    shape: Shape
    keys: int
    bytes_per_key: float

    @property
    def model(self) -> float:
        name, version = re.fullmatch(r"([a-z]+)(\d+\.\d+)\.\d+", self.server).groups()  # type: ignore[union-attr]  # checked data
        model = MemoryModel(
            EngineVersion.parse(f"{name}-{version}"), Allocator(self.quantum), _SLOTS if self.cluster else 0
        )
        return model.per_item(of_shape(self.shape, self.keys))

    @property
    def error_percent(self) -> float:
        return (self.model / self.bytes_per_key - 1) * 100

    def __str__(self) -> str:
        mode = " cluster" if self.cluster else ""
        return f"{self.server}{mode} quantum {self.quantum} {self.shape.kind} {self.shape.count}x{self.shape.value}"


def rows() -> list[Measured]:
    """Every measurement with an allocator that the model knows, except streams, which it does not."""
    found = json.loads(_FILE.read_text(encoding="utf-8"))["rows"]
    return [
        Measured(
            row["server"],
            int(row["allocator"].rpartition(" ")[2]),
            row["cluster_mode"],
            parse(row["shape"]),
            row["keys"],
            row["bytes_per_key"],
        )
        for row in found
        if row["allocator"] != "glibc" and not row["shape"].startswith("stream")
    ]


def parse(text: str) -> Shape:
    """A shape as the measurements name it: `hash k16 10x(8,20)`."""
    kind, key, rest, *more = text.split()
    length = int(key.removeprefix("k"))
    if rest == "int":
        return Shape(kind=Kind.INTEGER, key=length)
    if kind == "string":
        return Shape(key=length, value=int(rest.removeprefix("v")), ttl=more == ["ttl"])
    numbers = [int(number) for number in re.findall(r"\d+", rest)]
    field = numbers[1] if kind == "hash" else 0
    return Shape(kind=_KINDS[kind], key=length, count=numbers[0], value=numbers[-1], field=field)
