"""A timeline as text for documents and pull requests: a Mermaid Gantt chart, and Markdown with tables folded."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from elasticache_operations.picture.markup import escaped, folded, limited, plain
from elasticache_operations.picture.timeline import words
from elasticache_operations.picture.timeline.drill import Drill, figure
from elasticache_operations.picture.timeline.model import Timeline
from elasticache_operations.picture.timeline.rows import ANSWERED, GAP, OPEN, STEP, Bar, Panel, Row
from elasticache_operations.picture.timeline.watch import OPERATIONS, Gap, Watch

_KINDS: Final = {GAP: "crit, ", OPEN: "crit, active, ", STEP: ""}
_MERMAID: Final = str.maketrans({":": " ", ",": "", "#": " ", ";": " "})
_FIRST_GAPS: Final = 10


def mermaid(timeline: Timeline) -> str:
    """A Gantt chart with a section of each shard, with a title and a description for screen readers."""
    lines = [
        "gantt",
        f"  accTitle: {plain(timeline.title)}",
        f"  accDescr: {plain(timeline.sentence)}",
        "  dateFormat x",
        "  axisFormat %H:%M:%S",
    ]
    for panel in timeline.separate_panels():
        lines.append(f"  section {_word(panel.title)}")
        lines.append(f"    all of it :done, {_span(panel, panel.first, panel.last)}")
        for group in panel.groups:
            tasks = [task for row in group.rows for task in _tasks(panel, row)]
            if tasks and tasks[0].startswith("step"):
                lines += [f"    {task}" for task in tasks]
            elif tasks:
                lines += [f"  section {_word(group.heading.partition(',')[0])}", *(f"    {task}" for task in tasks)]
    return "\n".join(lines) + "\n"


def _tasks(panel: Panel, row: Row) -> Iterator[str]:
    """The steps and the gaps of a row."""
    for bar in row.bars:
        if bar.kind == ANSWERED:
            continue
        what = " ".join(row.notes[0].parts) if bar.kind == STEP else f"no answer for {_length(bar)}"
        yield f"{_word(f'{row.label} {what}')} :{_KINDS[bar.kind]}{_span(panel, bar.start, bar.end)}"


def _length(bar: Bar) -> str:
    return words.milliseconds((bar.end - bar.start) * 1000)


def _span(panel: Panel, start: float, end: float) -> str:
    """The beginning and the end in milliseconds since 1970; a task without a length is not drawn."""
    first, last = (round((panel.began + timedelta(seconds=seconds)).timestamp() * 1000) for seconds in (start, end))
    return f"{first}, {max(last, first + 1)}"


def _word(text: str) -> str:
    return plain(text).translate(_MERMAID)


def markdown(timeline: Timeline) -> str:
    """A comment for a pull request: the sentence and the longest gaps on top, and the rest folded."""
    lines = [f"### {escaped(timeline.title)}", ""]
    if timeline.watches:
        lines += [f"**{escaped(words.headline(timeline.watches)[0])}**", ""]
    for text in (*map(words.of_drill, timeline.drills), *map(words.sentence, timeline.watches)):
        lines += [escaped(text), ""]
    for drill in timeline.drills:
        lines += folded(f"Steps of drill {escaped(drill.name)} of {escaped(drill.id)}", list(_steps(drill)))
    for name, watch in zip(timeline.names, timeline.watches, strict=True):
        longest = sorted(watch.gaps, key=lambda gap: -gap.milliseconds)
        lines += _gaps(sorted(longest[:_FIRST_GAPS], key=lambda gap: gap.start))
        rest = sorted(longest[_FIRST_GAPS:], key=lambda gap: gap.start)
        lines += folded(f"{words.plural(len(rest), 'shorter gap')}", _gaps(rest))
        lines += folded(f"Changes of nodes in the {escaped(name[:1].lower() + name[1:])}", list(_changes(watch)))
    lines += folded("Timeline", ["```mermaid", mermaid(timeline).rstrip(), "```"])
    return limited(lines)


def _gaps(gaps: list[Gap]) -> list[str]:
    if not gaps:
        return []
    rows = [
        f"| {gap.shard} | {OPERATIONS[gap.operation]} | {gap.start:,.1f} s | {words.milliseconds(gap.milliseconds)}"
        f"{'' if gap.ended else ', until the end'} | {escaped(gap.cause)} | {words.writes(gap)} |"
        for gap in gaps
    ]
    return [
        "| Shard | Operation | From | No answer for | Cause | Writes |",
        "| --- | --- | --- | --- | --- | --- |",
        *rows,
        "",
    ]


def _changes(watch: Watch) -> Iterator[str]:
    for change in watch.changes:
        what = OPERATIONS[change.operation]
        yield f"- {change.at:,.1f} s: {what} on shard {change.shard} now connect to {escaped(change.node)}"


def _steps(drill: Drill) -> Iterator[str]:
    for check in drill.checks:
        yield f"- Check {escaped(check.name)}: {'met' if check.met else '**not met**'}, {escaped(check.detail)}"
    for number, step in enumerate(drill.steps, start=1):
        yield f"{number}. {step.at:,.1f} s: {escaped(step.what)}"
    if drill.figures:
        yield ""
    for name, value in (figure(*item) for item in drill.figures.items()):
        yield f"- {escaped(name)}: {escaped(value)}"
