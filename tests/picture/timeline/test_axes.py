"""The axes of timelines: steps, times and labels."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elasticache_operations.picture.timeline.axis import Axis, label
from elasticache_operations.picture.timeline.drawing import draw
from elasticache_operations.picture.timeline.rows import STEP, aligned, of_drill
from tests.picture.geometry import read
from tests.picture.timeline.drawings import KINDS, timeline
from tests.picture.timeline.samples import drill, failover, watch


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
