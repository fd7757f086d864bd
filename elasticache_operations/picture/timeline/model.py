"""A timeline: the watches and the drills of some files."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from elasticache_operations.picture.timeline import words
from elasticache_operations.picture.timeline.drill import Drill, drill
from elasticache_operations.picture.timeline.records import read
from elasticache_operations.picture.timeline.rows import Panel, aligned, of_drill, of_watch
from elasticache_operations.picture.timeline.watch import Gap, Watch, watches


@dataclass(frozen=True, slots=True)
class Timeline:
    """What is drawn.

    :param source: what was read.
    """

    title: str
    source: str
    watches: tuple[Watch, ...]
    drills: tuple[Drill, ...]

    @property
    def sentence(self) -> str:
        """The text alternative."""
        return " ".join([*map(words.of_drill, self.drills), *map(words.sentence, self.watches)])

    @property
    def keys(self) -> list[dict[Gap, str]]:
        """For each watch, the keys of its gaps in the table."""
        return [
            {gap: f"gap-{place}-{number}" for number, gap in enumerate(watch.gaps, start=1)}
            for place, watch in enumerate(self.watches, start=1)
        ]

    @property
    def names(self) -> list[str]:
        """The titles of the watches."""
        if len(self.watches) == 1:
            return [words.name(self.watches[0])]
        return [f"{words.name(watch)} ({number})" for number, watch in enumerate(self.watches, start=1)]

    def panels(self, *, links: bool = True) -> list[Panel]:
        """The panels, in the order of their times; those whose times meet have the same axis.

        :param links: whether the texts of gaps lead to the table.
        """
        return aligned(self.separate_panels(links=links))

    def separate_panels(self, *, links: bool = True) -> list[Panel]:
        """The panels, each with its own beginning and end.

        :param links: whether the texts of gaps lead to the table.
        """
        drawn = [
            of_watch(watch, keys if links else {}, name)
            for watch, keys, name in zip(self.watches, self.keys, self.names, strict=True)
        ]
        return [*map(of_drill, self.drills), *drawn]


def read_timeline(paths: Sequence[str], title: str | None = None) -> Timeline:
    """The timeline of files of records.

    :param paths: of watches and drills, in any order; a drill's record can have those of its watch.
    :param title: Default: what was recorded.
    :raises InputError: when a file cannot be read, or a record is not as documented.
    """
    found: list[Watch] = []
    drills: list[Drill] = []
    for path in paths:
        records = read(path)
        ran = [record for record in records if "drill" in record.content]
        drills += map(drill, ran)
        found += watches([record for record in records if "drill" not in record.content])
        found += [watch for record in ran for watch in watches(record.each("watch", default=[]))]
    return Timeline(
        title=title or _title(found, drills),
        source=" ".join(Path(path).name for path in paths),
        watches=tuple(found),
        drills=tuple(drills),
    )


def _title(found: Sequence[Watch], drills: Sequence[Drill]) -> str:
    if len(drills) == 1:
        return f"Drill {drills[0].name} of {drills[0].id}"
    if drills:
        return words.plural(len(drills), "drill")
    return words.name(found[0]) if len(found) == 1 else words.plural(len(found), "watch", "watches")
