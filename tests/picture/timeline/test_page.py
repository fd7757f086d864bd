"""The page, Mermaid and Markdown of timelines."""

import re
import time
from datetime import UTC, datetime
from html import unescape

import pytest

from elasticache_operations.picture.layout import WIDTHS
from elasticache_operations.picture.markup import LONGEST
from elasticache_operations.picture.style import DARK, LIGHT
from elasticache_operations.picture.timeline import words
from elasticache_operations.picture.timeline.markup import markdown, mermaid
from elasticache_operations.picture.timeline.page import CARDS, LINKS, page
from tests.picture.pages import contrast, parse
from tests.picture.timeline.drawings import timeline, watched
from tests.picture.timeline.samples import CAUSE, SAMPLES, Json, drill, failover, gap, many, watch

WRITES = "2 lost, 1 unconfirmed, 0 refused"
ONE = "1, the longest"
LONGEST_ONE = "The longest interruption: 1,000 ms"
NAMES = ["<script>alert(1)</script>", '"]]>&', "\u202eright to left\u2066", "x" * 255, "a\nb\x1b[0m", "| `b` |"]


def cells(text: str, title: str) -> list[list[str]]:
    """The cells of the table in the section with this heading."""
    section = text.partition(f"<h2>{title}</h2>")[2].partition("</section>")[0]
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", section)
    return [[unescape(re.sub(r"<[^>]*>", "", cell)) for cell in re.split(r"<t[dh][^>]*>", row)[1:]] for row in rows]


@pytest.mark.parametrize("name", SAMPLES)
def test_a_page_is_well_formed_and_loads_nothing(name: str) -> None:
    text = page(timeline(SAMPLES[name]()))
    elements = parse(text.replace("<line ", "<rect ").replace("<circle ", "<rect ")).elements
    ids = [attributes["id"] for _, attributes in elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {str(attributes["href"]) for tag, attributes in elements if tag == "a"} <= {f"#{id}" for id in ids}
    assert next(int(tag[1]) for tag, _ in elements if re.fullmatch(r"h\d", tag)) == 1
    assert not re.search(r"https?://|url\(|@import|\bsrc=|<link|<img|<script", text)
    assert "default-src 'none'; style-src 'sha256-" in text
    assert text.count('<svg role="group"') == len(WIDTHS)


def test_the_tables_have_all_that_is_drawn() -> None:
    text = page(timeline(failover()))
    assert cells(text, "Gaps") == [
        ["Gap", "From", "Until", "Length", "Cause", "Writes"],
        ["shard 2, writes", "9.962 s", "14.000 s", "4,038 ms", CAUSE, WRITES],
        ["shard 2, reads", "9.969 s", "14.000 s", "4,031 ms", CAUSE, "\N{EN DASH}"],
        ["shard 1, replica reads", "31.200 s", "31.480 s", "280 ms", "the answer was slow", "\N{EN DASH}"],
    ]
    assert cells(text, "Summary") == [
        ["Operation", "Answered", "Gaps", "Longest", "Sum", "Open at the end", "Writes", "Stale reads"],
        ["writes", "9,000", "1", "4,038 ms", "4,038 ms", "0", WRITES, "\N{EN DASH}"],
        ["reads", "9,000", "1", "4,031 ms", "4,031 ms", "0", "\N{EN DASH}", "0"],
        ["replica reads", "9,000", "1", "280 ms", "280 ms", "0", "\N{EN DASH}", "\N{EN DASH}"],
    ]
    assert cells(text, "Changes of nodes")[1:] == [
        ["shard 2, writes", "14.000 s", "10.0.0.22:6379"],
        ["shard 2, reads", "14.000 s", "10.0.0.22:6379"],
    ]
    assert cells(text, "Shards")[1:] == [
        ["1", "0\N{EN DASH}5460", "10.0.0.1:6379", "10.0.0.1:6380", "none", "none", "1, the longest 280 ms"],
        ["2", "5461\N{EN DASH}10921", "10.0.0.2:6379", "10.0.0.2:6380", f"{ONE} 4,038 ms", f"{ONE} 4,031 ms", "none"],
        ["3", "10922\N{EN DASH}16383", "10.0.0.3:6379", "10.0.0.3:6380", "none", "none", "none"],
    ]


def test_what_is_not_known_is_said() -> None:
    records = SAMPLES["open"]()
    text = page(timeline(records))
    assert cells(text, "Gaps")[2] == [
        "shard 1, writes",
        "50.000 s",
        "the end of the watch",
        "20,000 ms",
        "no answer within 2 s",
        "lost: not known, 4 unconfirmed, 0 refused",
    ]
    assert cells(text, "Shards")[2][4] == "not watched: NOPERM this user has no permissions to run the 'set' command"
    assert cells(page(timeline(SAMPLES["killed"]())), "Summary")[1][1] == "not known"
    one = watch(1)
    one[-1]["each_shard"] = []
    start = next(record for record in one if record["event"] == "start")
    start["shards"] = [{"shard": 1}]
    assert cells(page(timeline(one)), "Shards")[1][1:4] == ["\N{EN DASH}", "\N{EN DASH}", "none"]


def test_a_drill_has_its_steps_checks_and_figures() -> None:
    text = page(timeline([drill()]))
    assert cells(text, "Steps")[2] == ["2", "11.900 s", "TestFailover was called for shard 0002"]
    assert cells(text, "Checks")[1] == ["Multi-AZ", "met", "enabled"]
    assert cells(text, "Figures")[1:] == [
        ["longest write gap", "4,038.0 ms"],
        ["longest read gap", "4,031.0 ms"],
        ["lost writes", "2"],
    ]
    assert "Summary" not in text
    assert '<p class="legend">' not in text
    several = page(timeline([drill(), drill(drill="rotation", checks=[{"name": "a", "met": False, "detail": "b"}])]))
    assert cells(several, "Checks of rotation of orders")[1] == ["a", "not met", "b"]


def test_several_watches_have_headings() -> None:
    text = page(timeline([*failover(), *watch(1, [gap(1, "write", 1, 2, lost=0)])]))
    assert re.findall(r"<h3>([^<]*)</h3>", text)[:2] == ["Watch of 3 shards (1)", "Watch of 1 shard (2)"]
    assert 'id="gap-1-1"' in text
    assert 'id="gap-2-1"' in text
    assert "<h3>" not in page(timeline(failover()))


@pytest.mark.parametrize(("count", "linked"), [(LINKS, True), (LINKS + 1, False)])
def test_few_gaps_are_links(count: int, linked: bool) -> None:
    gaps = [gap(number, "write", 5, 6, lost=0) for number in range(1, count + 1)]
    text = page(timeline(watch(count, gaps)))
    assert ('<a href="#gap-1-1">' in text) == linked


@pytest.mark.parametrize(("count", "scrolls"), [(CARDS, False), (CARDS + 1, True)])
def test_a_long_table_scrolls(count: int, scrolls: bool) -> None:
    gaps = [gap(1, "write", at, at + 0.5, lost=0) for at in range(1, count + 1)]
    text = page(timeline(watch(1, gaps)))
    assert ('<div class="dense"><div class="scroll" tabindex="0" role="region" aria-label="Gaps">' in text) == scrolls
    assert text.count(' id="gap-1-') == count


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_bars_and_texts_have_contrast(colours: dict[str, str]) -> None:
    for bar in ("path", "main", "ink"):
        assert contrast(colours[bar], colours["region"]) >= 3
    for text in ("ink", "soft"):
        assert contrast(colours[text], colours["region"]) >= 4.5
    assert contrast(colours["main"], colours["paper"]) >= 3


def test_a_page_of_500_shards_is_quick_and_small() -> None:
    records = timeline(many(500, 500))
    start = time.perf_counter()
    text = page(records)
    assert time.perf_counter() - start < 1
    assert len(text) < 600 * 1024


@pytest.mark.parametrize("name", NAMES)
def test_texts_of_servers_appear_as_text(name: str) -> None:
    records = watch(1, [gap(1, "write", 5, 6, name, lost=0)], moves=[(7.0, 1, "write", name)])
    found = timeline([*records, drill(id=name, steps=[{"time": "2026-11-27T04:00:00Z", "what": name}])])
    text = page(found)
    parse(text.replace("<line ", "<rect ").replace("<circle ", "<rect "))
    assert "<script" not in text
    assert "\u202e" not in text
    for other in (mermaid(found), markdown(found)):
        assert "\x1b" not in other
        assert "\u202e" not in other
    assert len(mermaid(found).splitlines()) == 12
    rows = [line for line in markdown(found).splitlines() if line.startswith("| 1 | writes")]
    assert len(rows) == 1


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        (
            failover(),
            "Watched 3 shards for 60 s: 9,000 writes with 1 gap, the longest 4,038 ms, 2 confirmed writes lost, "
            "1 unconfirmed; 9,000 reads with 1 gap, the longest 4,031 ms; 9,000 replica reads with 1 gap, the longest "
            "280 ms.",
        ),
        (watch(1, operations=("read",), seconds=2.5), "Watched 1 shard for 2.5 s: 125 reads without a gap."),
        (
            SAMPLES["open"](),
            "Watched 2 shards for 70 s: 3,500 writes with 1 gap, the longest 20,000 ms, 0 confirmed writes lost, "
            "4 unconfirmed, lost writes not known for 1 gap, 1 without an answer until the end of the watch; "
            "7,000 reads with 1 gap, the longest 2,400 ms; 7,000 replica reads without a gap. A signal ended it.",
        ),
        (
            watch(1, [gap(1, "write", 1, 2, lost=1, refused=3)], operations=("write",), summary=False),
            "Watched 1 shard for 60 s: writes with 1 gap, the longest 1,000 ms, 1 confirmed write lost, 3 refused. The "
            "watch was ended by force: it has no summary.",
        ),
    ],
)
def test_a_watch_is_written_as_a_sentence(records: list[Json], expected: str) -> None:
    if not any(record["event"] == "summary" for record in records):
        records[-1]["seconds"] = 60.0
    assert words.sentence(watched(records)) == expected


def test_stale_reads_are_said() -> None:
    records = watch(1, operations=("read",))
    records[-1]["totals"][0]["stale"] = 3
    assert words.sentence(watched(records)) == "Watched 1 shard for 60 s: 3,000 reads without a gap, 3 stale."


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        (watch(1), ("No interruption. No confirmed write is known to be lost.", False)),
        (watch(1, operations=("read",)), ("No interruption.", False)),
        (
            watch(1, [gap(1, "read", 1, 2)]),
            (f"{LONGEST_ONE} for reads. No confirmed write is known to be lost.", False),
        ),
        (watch(1, [gap(1, "write", 1, 2, lost=1)]), (f"{LONGEST_ONE} for writes. 1 confirmed write is lost.", True)),
        (watch(1, [gap(1, "write", 1, 2, lost=2)]), (f"{LONGEST_ONE} for writes. 2 confirmed writes are lost.", True)),
        (
            watch(1, [gap(1, "read", 1, 2, ended=False)], operations=("read",)),
            (f"{LONGEST_ONE} for reads. 1 operation had no answer at the end.", True),
        ),
    ],
)
def test_the_headline_says_what_is_lost(records: list[Json], expected: tuple[str, bool]) -> None:
    assert words.headline([watched(records)]) == expected
    text = page(timeline(records))
    assert f"<strong>{expected[0]}</strong>" in text
    assert ('class="banner decide"' in text) == expected[1]


def test_a_drill_is_written_as_a_sentence() -> None:
    (found,) = timeline([drill(run=False, result="planned", summary="nothing was changed")]).drills
    assert words.of_drill(found) == "Drill failover of orders (dry run): planned, after 48 s; nothing was changed."


def test_mermaid_has_the_steps_and_the_gaps_at_their_times() -> None:
    text = mermaid(timeline([*failover(), drill()]))
    began = round(datetime(2026, 11, 27, 4, 0, tzinfo=UTC).timestamp() * 1000)
    lines = text.splitlines()
    assert lines[0] == "gantt"
    assert lines[1] == "  accTitle: Title"
    assert lines[2].startswith("  accDescr: Drill failover of orders: passed")
    assert lines[3:] == [
        "  dateFormat x",
        "  axisFormat %H:%M:%S",
        "  section Drill failover of orders",
        f"    all of it :done, {began - 2000}, {began + 45_500}",
        f"    step 1 the watch was started on i-0123456789abcdef0 :{began - 1800}, {began + 9900}",
        f"    step 2 TestFailover was called for shard 0002 :{began + 9900}, {began + 40_000}",
        f"    step 3 the events say that the failover is completed :{began + 40_000}, {began + 45_500}",
        "  section Watch of 3 shards",
        f"    all of it :done, {began}, {began + 60_000}",
        "  section Shard 1",
        f"    replica reads no answer for 280 ms :crit, {began + 31_200}, {began + 31_480}",
        "  section Shard 2",
        f"    writes no answer for 4038 ms :crit, {began + 9962}, {began + 14_000}",
        f"    reads no answer for 4031 ms :crit, {began + 9969}, {began + 14_000}",
    ]
    open_gap = mermaid(timeline(watch(1, [gap(1, "read", 5, 5, ended=False)])))
    assert f"reads no answer for 0 ms :crit, active, {began + 5000}, {began + 5001}" in open_gap


def test_markdown_has_the_longest_gaps_on_top_and_fits_into_a_comment() -> None:
    text = markdown(timeline([*failover(), drill()]))
    assert text.startswith("### Title\n\n**The longest interruption: 4,038 ms for writes")
    assert (
        "| 2 | writes | 10.0 s | 4,038 ms | the server closed the connection | 2 lost, 1 unconfirmed, 0 refused |"
        in text
    )
    assert "- 14.0 s: writes on shard 2 now connect to 10\\.0\\.0\\.22:6379" in text
    assert "2. 11.9 s: TestFailover was called for shard 0002" in text
    assert "- Check Multi\\-AZ: met, enabled" in text
    assert "shorter gap" not in text
    long = markdown(timeline(many(500, 500)))
    assert len(long) <= LONGEST
    assert long.count("<details>") == long.count("</details>")
    assert "<summary>990 shorter gaps</summary>" in long
    assert ", until the end |" in markdown(timeline(SAMPLES["open"]()))


def test_markdown_folds_the_shorter_gaps() -> None:
    gaps = [gap(1, "write", 4.0 * number, 4.0 * number + number / 10, lost=0) for number in range(1, 13)]
    shown, _, folded = markdown(timeline(watch(1, gaps))).partition("<summary>2 shorter gaps</summary>")
    lengths = [row.split(" | ")[3] for row in shown.splitlines() if row.startswith("| 1 | writes")]
    assert lengths == [f"{number * 100:,} ms" for number in range(3, 13)]
    assert "| 200 ms |" in folded
