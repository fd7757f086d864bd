"""The drawing of timelines: what is where, at every width."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elasticache_operations.picture.layout import WIDTHS
from elasticache_operations.picture.timeline.axis import Axis, label
from elasticache_operations.picture.timeline.drawing import draw
from elasticache_operations.picture.timeline.drill import drill as parsed_drill
from elasticache_operations.picture.timeline.model import Timeline
from elasticache_operations.picture.timeline.records import Record
from elasticache_operations.picture.timeline.rows import (
    ANSWERED,
    GAP,
    MOST,
    OPEN,
    STEP,
    Panel,
    aligned,
    of_drill,
    of_watch,
    shown_shards,
)
from elasticache_operations.picture.timeline.watch import Watch
from elasticache_operations.picture.timeline.watch import watches as parsed
from tests.picture.geometry import Box, faults, read
from tests.picture.timeline.samples import CAUSE, SAMPLES, Json, drill, failover, gap, many, watch

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


@pytest.mark.parametrize("name", SAMPLES)
def test_no_sample_has_a_fault(name: str) -> None:
    check(SAMPLES[name]())


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_no_gaps_make_a_fault(data: st.DataObject) -> None:
    shards = data.draw(st.integers(1, 12), "shards")
    gaps = data.draw(
        st.lists(
            st.builds(
                lambda number, operation, start, length, cause, ended: gap(
                    number, operation, start, start + length, cause, ended=ended
                ),
                st.integers(1, shards),
                st.sampled_from(["write", "read"]),
                st.floats(-2, 59),
                st.floats(0, 80),
                st.text(st.characters(categories=["L", "N", "P", "Zs"]), max_size=90),
                st.booleans(),
            ),
            max_size=12,
        ),
        "gaps",
    )
    move = st.tuples(st.floats(0, 60), st.integers(1, shards), st.just("read"), st.text("ab:-.", max_size=70))
    moves = data.draw(st.lists(move, max_size=6), "moves")
    check(watch(shards, gaps, moves=moves, seconds=60), data.draw(st.integers(288, 1600), "width"))


def bars(records: list[Json], shard: int, row: str) -> list[tuple[str, float, float]]:
    (group,) = (group for group in panel(records).groups if group.heading.startswith(f"Shard {shard},"))
    (found,) = (each for each in group.rows if each.label == row)
    return [(bar.kind, bar.start, bar.end) for bar in found.bars]


def test_a_row_is_answered_between_its_gaps() -> None:
    assert bars(failover(), 2, "writes") == [(ANSWERED, 0, 9.962), (GAP, 9.962, 14.0), (ANSWERED, 14.0, 60)]
    assert bars(failover(), 3, "writes") == [(ANSWERED, 0, 60)]
    open_until_the_end = watch(1, [gap(1, "write", 50, 70, ended=False)], seconds=70)
    assert bars(open_until_the_end, 1, "writes") == [(ANSWERED, 0, 50), (OPEN, 50, 70)]
    before = watch(1, [gap(1, "read", -0.4, 2.0)])
    assert bars(before, 1, "reads") == [(GAP, -0.4, 2.0), (ANSWERED, 2.0, 60)]
    assert (panel(before).first, panel(before).last) == (-0.4, 60)


def test_a_gap_that_has_not_ended_has_no_line_at_its_end() -> None:
    for ended, count in ((True, 2), (False, 1)):
        drawn = draw(timeline(watch(1, [gap(1, "read", 5, 9, ended=ended)])).panels(), 760, "x")
        assert drawn.count('class="cap gap"') == count


def test_an_operation_that_is_not_permitted_has_no_bar() -> None:
    records = watch(1, forbidden=[(1, "write", "NOPERM no")])
    assert bars(records, 1, "writes") == []
    assert panel(records).groups[0].rows[0].notes[0].parts == ("not watched", "NOPERM no")


def boxes(records: list[Json], kind: str, width: int = 1200) -> list[Box]:
    return read(draw(timeline(records).panels(), width, "label"), KINDS).of(kind)


def test_bars_are_at_the_places_of_their_times() -> None:
    whole = boxes(watch(1), "answered")[0]
    seconds = (whole.right - whole.left) / 60
    replica_gap, write_gap, read_gap = sorted(boxes(failover(), "gap"), key=lambda box: box.top)
    for box, (start, end) in ((read_gap, (9.969, 14.0)), (write_gap, (9.962, 14.0)), (replica_gap, (31.2, 31.48))):
        assert box.left == pytest.approx(whole.left + start * seconds, abs=1)
        assert box.right == pytest.approx(whole.left + end * seconds, abs=1)


def test_a_gap_is_seen_however_short_it_is() -> None:
    for start in (0.0, 30.0, 59.999, 60.0):
        (found,) = boxes(watch(1, [gap(1, "write", start, start)]), "gap", 288)
        assert found.right - found.left == 3
        assert found.right <= boxes(watch(1), "answered", 288)[0].right


def test_texts_are_near_their_gaps_and_beneath_each_other_only_where_they_would_meet() -> None:
    drawing = read(draw(timeline(failover()).panels(), 1200, "label"), KINDS)
    texts = {text: box for text, box in drawing.texts if "no answer" in text}
    assert list(texts) == [
        "31.2 s: no answer for 280 ms \N{MIDDLE DOT} the answer was slow",
        "10.0 s: no answer for 4,038 ms \N{MIDDLE DOT} 2 confirmed writes lost \N{MIDDLE DOT} 1 unconfirmed "
        f"\N{MIDDLE DOT} {CAUSE}",
        f"10.0 s: no answer for 4,031 ms \N{MIDDLE DOT} {CAUSE}",
    ]
    places = sorted(drawing.of("gap"), key=lambda box: box.top)
    assert [box.left for box in texts.values()] == [box.left for box in places]
    apart = watch(1, [gap(1, "write", 5, 6, "a", lost=0), gap(1, "write", 40, 41, "b", lost=0)])
    tops = {box.top for text, box in read(draw(timeline(apart).panels(), 1200, "x")).texts if "no answer" in text}
    assert len(tops) == 1
    narrow = {box.top for text, box in read(draw(timeline(apart).panels(), 288, "x")).texts if "no answer" in text}
    assert len(narrow) == 2


@pytest.mark.parametrize(("count", "shown"), [(4, 4), (5, 3), (14, 3)])
def test_a_row_has_the_texts_of_its_longest_gaps(count: int, shown: int) -> None:
    gaps = [gap(1, "write", 4.0 * number, 4.0 * number + number / 10) for number in range(1, count + 1)]
    (row, *_) = panel(watch(1, gaps)).groups[0].rows
    words = [note.parts[0] for note in row.notes]
    longest = range(count - shown + 1, count + 1)
    expected = [f"{4.0 * number:.1f} s: no answer for {number * 100:,} ms" for number in longest]
    rest = count - shown
    assert words == [*expected, *([f"{rest} more gaps, in the tables"] if rest else [])]
    assert len(row.bars) == 2 * count + 1


def test_changes_of_nodes_that_are_left_out_are_counted_too() -> None:
    moves = [(float(at), 1, "write", f"10.0.0.{at}:6379") for at in range(1, 7)]
    (row, *_) = panel(watch(1, moves=moves)).groups[0].rows
    assert [note.parts[0] for note in row.notes] == [
        "1.0 s: now connected to 10.0.0.1:6379",
        "2.0 s: now connected to 10.0.0.2:6379",
        "3.0 s: now connected to 10.0.0.3:6379",
        "3 more events, in the tables",
    ]
    assert list(row.marks) == [1, 2, 3, 4, 5, 6]
    assert draw(timeline(watch(1, moves=moves)).panels(), 760, "x").count('<circle class="move"') == 6


def test_gaps_and_changes_of_nodes_that_are_left_out_are_counted_together() -> None:
    gaps = [gap(1, "write", 4.0 * number, 4.0 * number + number / 10) for number in range(1, 5)]
    (row, *_) = panel(watch(1, gaps, moves=[(30.0, 1, "write", "x")])).groups[0].rows
    assert row.notes[-1].parts == ("2 more events, in the tables",)
    assert row.notes[-1].at == 30


@pytest.mark.parametrize(
    ("shards", "interrupted", "drawn"), [(8, 0, 8), (9, 0, 0), (9, 3, 3), (500, 8, 8), (500, 9, 8)]
)
def test_all_of_8_shards_are_drawn_and_of_more_those_with_the_longest_gaps(
    shards: int, interrupted: int, drawn: int
) -> None:
    gaps = [gap(number, "write", 5, 5 + number / 10, lost=0) for number in range(1, interrupted + 1)]
    found = watched(watch(shards, gaps))
    numbers = [shard.number for shard in shown_shards(found)]
    assert numbers == list(range(interrupted - drawn + 1, interrupted + 1) if shards > MOST else range(1, 9))
    headings = [group.heading for group in panel(watch(shards, gaps)).groups]
    if shards > MOST:
        follow = {0: "", 3: "; they follow", 8: "; they follow", 9: "; the 8 with the longest follow"}[interrupted]
        assert headings[0] == f"All {shards} shards: {interrupted} with a gap{follow}"
    assert len(headings) == drawn + (shards > MOST)


@pytest.mark.parametrize(
    ("worse", "forbidden"),
    [
        (gap(9, "write", 5, 5.1, lost=1), []),
        (gap(9, "write", 5, 5.1, ended=False), []),
        (gap(1, "read", 5, 5.1), [(9, "write", "NOPERM")]),
    ],
)
def test_the_most_serious_gaps_come_first(worse: Any, forbidden: list[tuple[int, str, str]]) -> None:
    """An open gap or an operation that is not permitted, then lost writes, then the length, then changes of nodes."""
    gaps = [gap(number, "write", 5, 7, lost=0) for number in range(1, 9)]
    found = watched(watch(12, [*gaps, worse], forbidden=forbidden, moves=[(3.0, 10, "read", "x")]))
    numbers = [shard.number for shard in shown_shards(found)]
    assert 9 in numbers
    assert 10 not in numbers
    few = watched(watch(12, gaps[:2], moves=[(3.0, 10, "read", "x")]))
    assert [shard.number for shard in shown_shards(few)] == [1, 2, 10]


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


def test_a_step_ends_where_the_next_one_begins() -> None:
    (found,) = timeline([drill()]).drills
    (group,) = of_drill(found).groups
    assert group.heading == "3 steps, each until the next one"
    assert [(bar.kind, bar.start, bar.end) for row in group.rows for bar in row.bars] == [
        (STEP, 0.2, 11.9),
        (STEP, 11.9, 42.0),
        (STEP, 42.0, 47.5),
    ]
    assert [row.notes[0].parts[0] for row in group.rows] == [step.what for step in found.steps]


@pytest.mark.parametrize(
    ("met", "words"),
    [((True, True), "2 checks, all met."), ((True, False), "2 checks, 1 met; not met: check 1."), ((), None)],
)
def test_checks_are_counted(met: tuple[bool, ...], words: str | None) -> None:
    checks = [{"name": f"check {number}", "met": each, "detail": ""} for number, each in enumerate(met)]
    (found,) = timeline([drill(checks=checks)]).drills
    assert of_drill(found).lines[2:] == ((words,) if words else ())


def test_a_drill_without_steps_has_no_axis() -> None:
    dry = [drill(steps=[])]
    assert timeline(dry).panels()[0].groups == ()
    assert 'class="grid"' not in draw(timeline(dry).panels(), 760, "x")
    assert 'class="grid"' in draw(timeline([drill()]).panels(), 760, "x")


def test_panels_whose_times_meet_have_one_axis() -> None:
    """The drill begins two seconds before the watch, and ends within it."""
    (of_the_drill, of_the_watch) = timeline([*failover(), drill()]).panels()
    assert (of_the_drill.first, of_the_drill.last) == (0, 62)
    assert (of_the_watch.first, of_the_watch.last) == (-2, 60)
    drawing = read(draw([of_the_drill, of_the_watch], 1200, "x"), KINDS)
    step = drawing.of("step")[1]
    answered = drawing.of("answered")[0]
    seconds = (answered.right - answered.left) / 60
    assert step.left == pytest.approx(answered.left + (11.9 - 2) * seconds, abs=1)


def test_a_panel_within_a_longer_one_ends_nothing() -> None:
    """The first panel is longer than the second, and the third begins before the end of the first."""
    short = drill(began="2026-11-27T04:00:01Z", ended="2026-11-27T04:00:02Z", steps=[])
    later = drill(began="2026-11-27T04:00:30Z", ended="2026-11-27T04:00:40Z", steps=[])
    panels = timeline([*watch(1), short, later]).panels()
    assert [(each.first, each.last) for each in panels] == [(0, 60), (-1, 59), (-30, 30)]


def test_panels_at_other_times_have_axes_of_their_own() -> None:
    later = drill(began="2026-11-27T04:01:00.001Z", ended="2026-11-27T04:02:00.000Z", steps=[])
    assert [(each.title, each.first, each.last) for each in timeline([later, *failover()]).panels()] == [
        ("Watch of 3 shards", 0, 60),
        ("Drill failover of orders", 0, 59.999),
    ]
    meeting = drill(began="2026-11-27T04:01:00.000Z", ended="2026-11-27T04:02:00.000Z", steps=[])
    assert [(each.first, each.last) for each in timeline([meeting, *failover()]).panels()] == [(0, 120), (-60, 60)]
    assert aligned([]) == []


@pytest.mark.parametrize(
    ("first", "last", "width", "labels"),
    [
        (0, 60, 1000, [f"{number} s" for number in range(0, 61, 5)]),
        (0, 60, 190, ["0 s", "30 s", "60 s"]),
        (0, 3600, 1000, [f"{number} min" for number in range(0, 61, 5)]),
        (0, 1, 400, ["0.0 s", "0.2 s", "0.4 s", "0.6 s", "0.8 s", "1.0 s"]),
        (0, 0.02, 300, ["0.000 s", "0.005 s", "0.010 s", "0.015 s", "0.020 s"]),
        (-0.4, 10, 300, ["0 s", "2 s", "4 s", "6 s", "8 s", "10 s"]),
        (0, 604_800, 300, ["0 min", "2,880 min", "5,760 min", "8,640 min"]),
    ],
)
def test_an_axis_has_round_times(first: float, last: float, width: int, labels: list[str]) -> None:
    axis = Axis(first, last, 50, width)
    assert [text for _, text in axis.ticks()] == labels
    assert axis.x(first) == 50
    assert axis.x(last) == 50 + width
    assert axis.x(last + 9) == 50 + width
    assert axis.x(first - 9) == 50


@given(st.floats(-5, 5), st.floats(0.001, 10_000_000), st.integers(150, 1500))
def test_labels_of_an_axis_do_not_meet(first: float, length: float, width: int) -> None:
    axis = Axis(first, first + length, 0, width)
    places = [axis.x(at) for at, _ in axis.ticks()]
    assert len(places) <= width // 30
    assert places == sorted(set(places))


def test_a_minute_is_written_as_minutes() -> None:
    assert label(59, 1) == "59 s"
    assert label(60, 60) == "1 min"
    assert label(90, 90) == "90 s"


def test_the_svg_stands_alone_and_links_are_of_the_page() -> None:
    panels = timeline(failover()).panels()
    alone = draw(panels, 900, "a < b", alone=True)
    assert "<title>a &lt; b</title><style>" in alone
    assert "xmlns" in alone
    assert "<a " not in alone
    assert len(re.findall(r'<a href="#gap-1-[123]">', draw(panels, 900, "x"))) == 3


def test_the_same_records_give_the_same_bytes() -> None:
    first, second = (draw(timeline(many(40, 9)).panels(), 900, "x") for _ in range(2))
    assert first == second
