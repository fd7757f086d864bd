"""Timelines of records, and what of them is drawn."""

from elasticache_operations.picture.layout import WIDTHS
from elasticache_operations.picture.timeline.drawing import draw
from elasticache_operations.picture.timeline.drill import drill as parsed_drill
from elasticache_operations.picture.timeline.model import Timeline
from elasticache_operations.picture.timeline.records import Record
from elasticache_operations.picture.timeline.rows import Panel, of_watch
from elasticache_operations.picture.timeline.watch import Watch
from elasticache_operations.picture.timeline.watch import watches as parsed
from tests.picture.geometry import Box, faults, read
from tests.picture.timeline.samples import Json

KINDS = ("region", "answered", "gap", "step")
ALL_WIDTHS = (*WIDTHS, 320, 500, 900, 1600)


def timeline(records: list[Json]) -> Timeline:
    listed = [Record(f"file line {number}", record) for number, record in enumerate(records, start=1)]
    return Timeline(
        "Title",
        "file",
        tuple(parsed([record for record in listed if "drill" not in record.content])),
        tuple(parsed_drill(record) for record in listed if "drill" in record.content),
    )


def watched(records: list[Json]) -> Watch:
    (only,) = timeline(records).watches
    return only


def panel(records: list[Json]) -> Panel:
    return of_watch(watched(records), {}, "Watch")


def check(records: list[Json], *widths: int) -> None:
    for width in widths or ALL_WIDTHS:
        drawing = read(draw(timeline(records).panels(), width, "label"), KINDS)
        assert drawing.width == width
        assert not list(faults(drawing)), f"at {width} pixels"
        for box in drawing.of("answered", "gap", "step"):
            assert box.right > box.left
            assert any(region.holds(box) for region in drawing.of("region"))


def bars(records: list[Json], shard: int, row: str) -> list[tuple[str, float, float]]:
    (group,) = (group for group in panel(records).groups if group.heading.startswith(f"Shard {shard},"))
    (found,) = (each for each in group.rows if each.label == row)
    return [(bar.kind, bar.start, bar.end) for bar in found.bars]


def boxes(records: list[Json], kind: str, width: int = 1200) -> list[Box]:
    return read(draw(timeline(records).panels(), width, "label"), KINDS).of(kind)
