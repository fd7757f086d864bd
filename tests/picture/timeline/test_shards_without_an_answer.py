"""The number of shards without an answer, which is drawn over the time."""

import pytest

from elasticache_operations.picture.timeline.drawing import draw
from tests.picture.geometry import read
from tests.picture.timeline.drawings import KINDS, boxes, panel, timeline
from tests.picture.timeline.samples import gap, watch


def test_the_number_of_shards_without_an_answer_is_drawn_over_the_time() -> None:
    gaps = [gap(1, "write", 5, 10, lost=0), gap(2, "write", 8, 12, lost=0), gap(3, "write", 12, 13, lost=0)]
    bands = panel(watch(10, gaps)).groups[0].bands
    assert [band.label for band in bands] == ["writes", "reads", "replica reads"]
    assert list(bands[0].counts) == [(5, 1), (8, 2), (10, 1), (12, 1), (13, 0)]
    assert bands[0].note.parts == ("at most 2 of 10 without an answer, from 8.0 s on",)
    assert bands[1].note.parts == ("no gap",)
    drawn = [box for box in boxes(watch(10, gaps), "gap") if box.bottom - box.top != 4]
    found = sorted(drawn, key=lambda box: box.left)
    assert [box.bottom - box.top for box in found] == [3, 5, 3]
    seconds = (boxes(watch(1), "answered")[0].right - boxes(watch(1), "answered")[0].left) / 60
    assert [box.right - box.left for box in found] == [pytest.approx(length * seconds, abs=1.5) for length in (3, 2, 3)]
    all_of_them = [gap(number, "write", 5, 10, lost=0) for number in range(1, 11)]
    assert max(box.bottom - box.top for box in boxes(watch(10, all_of_them), "gap")) == 24


def test_the_first_time_with_the_most_shards_without_an_answer_is_named() -> None:
    gaps = [gap(number, "write", at, at + 1, lost=0) for number, at in ((1, 20), (2, 5), (3, 40))]
    note = panel(watch(10, gaps)).groups[0].bands[0].note
    assert (note.at, note.parts) == (5, ("at most 1 of 10 without an answer, from 5.0 s on",))


def test_nothing_is_drawn_while_every_shard_answers() -> None:
    gaps = [gap(1, "write", 5, 10, lost=0), gap(1, "write", 40, 45, lost=0)]
    drawn = [box for box in boxes(watch(10, gaps), "gap") if box.bottom - box.top != 4]
    band = boxes(watch(10), "answered")[0]
    assert sum(box.right - box.left for box in drawn) == pytest.approx((band.right - band.left) / 60 * 10, abs=3)


def test_gaps_in_one_pixel_and_at_the_end_are_drawn_within_the_band() -> None:
    short = [gap(number, "write", 5, 5 + number / 1000, lost=0) for number in (1, 2)]
    drawn = [box for box in boxes(watch(10, short), "gap") if box.bottom - box.top != 4]
    assert [box.bottom - box.top for box in drawn] == [5], "the most shards of a pixel"
    band = boxes(watch(10), "answered")[0]
    last = [box for box in boxes(watch(10, [gap(1, "write", 59.99, 60, lost=0)]), "gap") if box.bottom - box.top != 4]
    assert [box.right for box in last] == [band.right]


def test_the_last_time_of_the_axis_stays_within_the_panel() -> None:
    drawing = read(draw(timeline(watch(1)).panels(), 1200, "x"), KINDS)
    (last,) = (box for text, box in drawing.texts if text == "60 s")
    (region,) = drawing.of("region")
    assert last.right <= region.right - 10


def test_operations_that_are_not_permitted_are_not_counted() -> None:
    records = watch(10, forbidden=[(1, "write", "NOPERM")], operations=("write",))
    (band,) = panel(records).groups[0].bands
    assert band.of == 9
