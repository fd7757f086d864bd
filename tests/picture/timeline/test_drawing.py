"""The drawing of timelines: the place of each part, at every width."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elasticache_operations.picture.timeline.drawing import draw
from elasticache_operations.picture.timeline.rows import ANSWERED, GAP, MOST, OPEN, shown_shards
from tests.picture.geometry import read
from tests.picture.timeline.drawings import KINDS, bars, boxes, check, panel, timeline, watched
from tests.picture.timeline.samples import CAUSE, SAMPLES, failover, gap, many, watch


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
