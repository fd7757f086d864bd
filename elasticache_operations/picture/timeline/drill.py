"""What a drill recorded with `--record FILE`: its checks, its steps and its figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from elasticache_operations.picture.timeline.records import Record


@dataclass(frozen=True, slots=True)
class Check:
    """A condition of the drill, and whether it is met."""

    name: str
    met: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Step:
    """A step.

    :param at: in seconds since the beginning of the drill.
    """

    at: float
    what: str


@dataclass(frozen=True, slots=True)
class Drill:
    """One run of a drill.

    :param name: such as `failover`.
    :param id: of the cache.
    :param run: false for a dry run, which changes nothing.
    :param began: in UTC.
    :param seconds: how long it took.
    :param figures: what was measured; the unit is the last part of the name.
    """

    name: str
    id: str
    run: bool
    result: str
    summary: str
    began: datetime
    seconds: float
    checks: tuple[Check, ...]
    steps: tuple[Step, ...]
    figures: Mapping[str, str | int | float | bool]


def drill(record: Record) -> Drill:
    """The drill of a record.

    :raises InputError: when the record is not as documented.
    """
    began, ended = record.moment("began"), record.moment("ended")
    if ended < began:
        raise record.error("ended", f"not before began, {record.text('began')}")
    figures = record.content.get("figures", {})
    if not isinstance(figures, dict) or not all(isinstance(value, str | int | float) for value in figures.values()):
        raise record.error("figures", "an object of texts and numbers")
    return Drill(
        name=record.text("drill"),
        id=record.text("id"),
        run=record.truth("run"),
        result=record.text("result"),
        summary=record.text("summary"),
        began=began,
        seconds=max((ended - began).total_seconds(), 0.001),
        checks=tuple(
            Check(item.text("name"), item.truth("met"), item.text("detail"))
            for item in record.each("checks", default=[])
        ),
        steps=tuple(
            Step((item.moment("time") - began).total_seconds(), item.text("what"))
            for item in record.each("steps", default=[])
        ),
        figures=figures,
    )


def figure(name: str, value: str | int | float | bool) -> tuple[str, str]:
    """The name and the value of a figure in words; the unit is the last part of the name."""
    if isinstance(value, bool):
        return name.replace("_", " "), "yes" if value else "no"
    if isinstance(value, str):
        return name.replace("_", " "), value
    words, _, unit = name.rpartition("_")
    if not words or unit not in _UNITS:
        return name.replace("_", " "), f"{value:,}"
    return words.replace("_", " "), f"{value:,} {unit}"


_UNITS = ("ms", "s", "seconds", "minutes", "bytes", "usd")
