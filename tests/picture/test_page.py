"""The page: nothing but itself, every name as text, colours with contrast, and quick."""

import base64
import hashlib
import itertools
import re
import time
from html.parser import HTMLParser

import pytest

from elasticache_operations.picture.building import build
from elasticache_operations.picture.changes import delta_of
from elasticache_operations.picture.layout import WIDTHS, draw, draw_change
from elasticache_operations.picture.markup import LONGEST, markdown, mermaid
from elasticache_operations.picture.page import page
from elasticache_operations.picture.sources import source_of
from elasticache_operations.picture.style import DARK, LIGHT
from elasticache_rules.documents import Document
from tests.picture.geometry import read
from tests.picture.templates import (
    Resources,
    changed,
    function,
    group,
    instance,
    network,
    picture,
    resource,
    sharded,
    source,
    standard,
    user,
)
from tests.picture.test_geometry import datastore


class Reader(HTMLParser):
    """The elements of a page, and its text."""

    VOID = ("meta", "input", "br", "rect", "path")

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open[-1] in ("td", "tr") and tag != self.open[-1]:
            self.open.pop()  # the end tags of a table's cells and rows may be left out
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def parse(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == []
    return reader


def several() -> Resources:
    return {**network(), "Cache": sharded(5), "Client": instance(), "Code": function(0, 1)}


def test_the_page_loads_nothing() -> None:
    for text in (page(picture(several())), page(picture(standard())), page(datastore(3))):
        (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert not re.search(r"https?://|url\(|@import|\bsrc=|<link|<img|<iframe", text)
        assert " style=" not in text
        assert not re.search(r"\son\w+=", text)
        for kind in ("style", "script"):
            for content in re.findall(rf"<{kind}>(.*?)</{kind}>", text, re.DOTALL):
                digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
                assert f"{kind}-src 'sha256-{digest}'" in policy
        assert ("<script>" in text) == ("script-src" in policy)


def test_the_field_for_keys_needs_several_shards() -> None:
    assert 'data-slots="0-3275;3276-6552;6553-9829;9830-13106;13107-16383"' in page(picture(several()))
    assert "<script>" not in page(picture(standard()))
    assert "<script>" not in page(picture({**network(), "Cache": sharded(1)}))
    assert "<script>" in page(picture({**network(), "Cache": sharded(2)}))


def test_every_link_has_a_target_and_every_id_is_unique() -> None:
    for model in (picture(several()), datastore(3), picture({"Topic": resource("SNS::Topic")})):
        elements = parse(page(model)).elements
        ids = [attributes["id"] for _, attributes in elements if "id" in attributes]
        assert len(ids) == len(set(ids))
        targets = [attributes["href"] for tag, attributes in elements if tag == "a"]
        assert {str(target) for target in targets} <= {f"#{id}" for id in ids}
        assert len(targets) == len(WIDTHS) * (len(model.caches) + len(model.clients))


def test_headings_descend_by_one_level() -> None:
    before = source({**network(), "Cache": sharded(3)})
    change = delta_of(before, source(several()))
    for text in (page(picture(several())), page(change.after, change)):
        levels = [int(tag[1]) for tag, _ in parse(text).elements if re.fullmatch(r"h\d", tag)]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_the_stops_of_the_keyboard_stay_few() -> None:
    for shards in (2, 500):
        elements = parse(page(picture({**network(), "Cache": sharded(shards), "Client": instance()}))).elements
        shown = [tag for tag, attributes in elements if tag in ("input", "summary") or "tabindex" in attributes]
        links = sum(tag == "a" for tag, _ in elements) // len(WIDTHS)
        assert len(shown) + links <= 7


def test_the_same_input_gives_the_same_bytes() -> None:
    assert page(picture(several())) == page(picture(several()))
    assert page(datastore(3)) == page(datastore(3))


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "]]></style><b>",
    "' onload='alert(1)",
    "\u202eright to left\u200f",
    "\ud800",
    "\x00\x07\x1b[31m",
    "a\nb\r\nc",
    "%%{init: {}}%%",
    'end"]; click x "javascript:alert(1)"',
    "${x} `y` | z",
    "@here &lt; #1",
    "x" * 255,
    "\u0645\u0631\u062d\u0628\u0627",
]


def hostile(name: str) -> Resources:
    """A template with this text wherever a text of the template is shown."""
    more = {
        "App": user(f"on ~{name.split(maxsplit=1)[0] if name.split() else 'x'} +@read", UserName=name),
        "Group": resource("ElastiCache::UserGroup", Engine="valkey", UserGroupId="g", UserIds=[{"Ref": "App"}]),
    }
    resources = changed(
        {
            **network(),
            "Cache": sharded(3),
            "Client": instance(InstanceType=name),
            "Code": function(0, Runtime=name),
            **more,
        },
        "Cache",
        CacheNodeType=name,
        TransitEncryptionMode=name,
        UserGroupIds=[{"Ref": "Group"}],
        NodeGroupConfiguration=[{"PrimaryAvailabilityZone": name}] * 3,
    )
    for logical_id in resources:
        resources[logical_id]["Metadata"] = {"aws:cdk:path": name}
    resources["Vpc"]["Properties"]["CidrBlock"] = name
    resources["Subnet0"]["Properties"].update(CidrBlock=name, AvailabilityZone=name)
    return resources


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_names_of_any_kind_appear_as_text(name: str) -> None:
    resources = hostile(name)
    change = delta_of(source(changed(resources, "Cache", CacheNodeType="cache.t4g.micro")), source(resources))
    text = page(change.after, change)
    text.encode()
    reader = parse(text)
    assert {tag for tag, _ in reader.elements} <= {
        *("html", "head", "meta", "title", "style", "script", "body", "main", "section", "div", "span", "p", "strong"),
        *("h1", "h2", "h3", "code", "a", "br", "input", "label", "details", "summary", "ul", "ol", "li"),
        *("table", "thead", "tbody", "tr", "th", "td", "svg", "g", "rect", "path", "text"),
    }
    assert not any(attribute.startswith("on") for _, attributes in reader.elements for attribute in attributes)
    shown = "".join(reader.text)
    assert all(character.isprintable() or character == "\n" for character in shown)
    if name.isprintable() and len(name) < 60:
        assert name in shown
    for width in WIDTHS:
        read(draw(change.after, width, alone=True))


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_names_of_any_kind_stay_in_their_line_of_the_other_formats(name: str) -> None:
    model, plain = picture(hostile(name)), picture(hostile("plain"))
    assert len(mermaid(model).splitlines()) == len(mermaid(plain).splitlines())
    for line, other in zip(mermaid(model).splitlines(), mermaid(plain).splitlines(), strict=True):
        if "acc" in other:
            continue
        assert re.sub(r'"[^"]*"', "", line) == re.sub(r'"[^"]*"', "", other)
        assert not re.search(r"<|>", "".join(re.findall(r'"([^"]*)"', line)))
    text = markdown(model)
    outside = re.sub(r"```mermaid.*?```", "", text, flags=re.DOTALL)
    assert outside.count("\n") == re.sub(r"```mermaid.*?```", "", markdown(plain), flags=re.DOTALL).count("\n")
    assert set(re.findall(r"(?<!\\)<(/?\w+)", outside)) == {"details", "/details", "summary", "/summary"}


def luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4 for value in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


GROUNDS = ("paper", "region", "vpc", "zone", "client", "cache")


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_texts_and_lines_have_contrast(colours: dict[str, str]) -> None:
    for ground in GROUNDS:
        for ink in ("ink", "soft", "path"):
            assert contrast(colours[ink], colours[ground]) >= 4.5, (ink, ground)
        for line in ("rule", "path", "main", "added", "changed", "replaced", "removed", "focus"):
            assert contrast(colours[line], colours[ground]) >= 3, (line, ground)
    assert contrast(colours["on-main"], colours["main"]) >= 4.5
    assert contrast(colours["on-copy"], colours["copy"]) >= 4.5
    for change in ("added", "changed", "replaced", "removed"):
        assert contrast(colours["on-pill"], colours[change]) >= 4.5
        for ground in ("paper", "region"):
            assert contrast(colours[change], colours[ground]) >= 4.5
    assert contrast(colours["on-main"], colours["path"]) >= 4.5, "the shard of a key"
    assert contrast("#16202c", colours["hit"]) >= 4.5


def test_a_page_of_500_shards_is_quick_and_small() -> None:
    model = source({**network(), "Cache": sharded(500, 1), "Client": instance()})
    times = []
    for _ in range(3):
        before = time.perf_counter()
        text = page(build(model))
        times.append(time.perf_counter() - before)
    assert min(times) < 0.1
    assert len(text.encode()) < 300 * 1024
    assert len(page(picture(standard())).encode()) < 32 * 1024


def test_three_regions_of_500_shards_are_drawn_in_a_part_of_a_second() -> None:
    """Besides the start of Python and the reading of templates, which take half a second."""
    stack = {"Resources": {**network(6), "Cache": sharded(500), "Client": instance(), "Code": function(0, 1, 2)}}
    regions = ("us-east-1", "eu-west-1", "ap-southeast-1")
    documents = [Document(f"{region}.template.json", stack, region) for region in regions]
    times = []
    for _ in range(3):
        before = time.perf_counter()
        text = page(build(source_of(documents, "templates")))
        times.append(time.perf_counter() - before)
    assert min(times) < 0.5
    assert [text.count(f">Region {region}<") for region in regions] == [4, 4, 4]


def test_a_change_is_written_in_words_and_signs() -> None:
    before = source({**network(), "Cache": sharded(3), "Client": instance()})
    change = delta_of(before, source({**network(), "Cache": sharded(5), "Code": function(0)}))
    text = page(change.after, change)
    assert "No cache is replaced; no data is lost." in text
    for words in ("+ added", "~ changed in place", "\N{MINUS SIGN} removed"):
        assert words in text
    assert text.index("<h2>After</h2>") < text.index("<h2>Before</h2>")


def test_the_svg_stands_alone() -> None:
    text = draw(picture(several()), 1200, alone=True)
    assert text.startswith('<svg xmlns="http://www.w3.org/2000/svg" role="img"')
    assert "<title>Valkey 8.2: 5 shards" in text
    assert "prefers-color-scheme:dark" in text
    assert "<a " not in text
    assert "data-of" not in text
    assert "data-first" not in text


def test_mermaid_has_the_first_shards_and_a_description() -> None:
    text = mermaid(picture({**network(), "Cache": sharded(12, 2), "Client": instance()}))
    assert text.startswith("flowchart TB\n  accTitle: Cache\n  accDescr: Valkey 8.2: 12 shards")
    assert text.count("2 replicas") == 3 + 1
    assert "and 9 more shards" in text
    assert 'client1 -->|"TCP 6379, TLS, no authentication"| cache1' in text
    assert mermaid(datastore(2)).rstrip().endswith('cache1 -.->|"replicates"| cache2')


def test_mermaid_counts_the_nodes_of_memcached_which_are_no_replicas() -> None:
    nodes = resource(
        "ElastiCache::CacheCluster", Engine="memcached", EngineVersion="1.6.22", CacheNodeType="m", NumCacheNodes=3
    )
    text = mermaid(picture({"Cache": nodes}))
    assert 'cache1s1["3 nodes"]' in text
    assert "replica" not in text


def test_mermaid_has_a_change_before_and_after() -> None:
    before = source({**network(), "Cache": sharded(3, 1), "Client": instance(), "Gone": sharded(1)})
    change = delta_of(before, source({**network(), "Cache": sharded(6, 2), "Code": function(0)}))
    text = mermaid(change.after, change)
    assert "Replaced or removed: Stack0/Gone." in text.splitlines()[2]
    after, _, old = text.partition('  subgraph before["Before"]\n')
    assert "(~ changed in place)" in after
    assert "Lambda function, python3.13 (+ added)" in after
    assert "primary, 2 replicas (+ 1 added)" in after
    assert "and 3 more shards (+ 3 added)" in after
    assert "removed)" not in after
    assert "EC2 instance t4g.nano (\N{MINUS SIGN} removed)" in old
    assert "added)" not in old
    names = [re.findall(r"^ +(?:subgraph )?(\w+)[\[(]", part, re.MULTILINE) for part in (after, old)]
    assert not set(names[0]) & set(names[1])
    assert markdown(change.after, change).count("subgraph before") == 1


def test_mermaid_of_a_change_to_nothing_names_it() -> None:
    change = delta_of(source(standard()), source({"Topic": resource("SNS::Topic")}))
    assert 'nothing["no cache"]' in mermaid(change.after, change)


def test_the_svg_of_a_change_has_both_pictures_and_what_is_lost() -> None:
    change = delta_of(source(standard()), source(changed(standard(), "Cache", AtRestEncryptionEnabled=False)))
    text = draw_change(change, 900)
    drawing = read(text)
    assert drawing.width == 900
    assert len(drawing.of("cache")) == 2
    words = [content for content, _ in drawing.texts]
    assert words.index("After") < words.index("Before")
    assert "Replaced or removed: Stack0/Cache. Resources: 1 replaced." in words
    assert "<a " not in text
    heights = [read(draw(part, 900)).height for part in (change.after, change.before)]
    offsets = [int(found) for found in re.findall(r"translate\(0 (\d+)\)", text)]
    assert offsets[1] >= offsets[0] + heights[0]
    assert drawing.height >= offsets[1] + heights[1]


def test_markdown_fits_into_a_comment() -> None:
    many = {**network(), **{f"Cache{number}": sharded(2) for number in range(300)}, "Client": instance()}
    text = markdown(picture(many))
    assert len(text) <= LONGEST
    assert text.rstrip().endswith("*The rest is too long for a comment; write the HTML page to see it.*")
    assert text.count("<details>") == text.count("</details>")
    assert text.count("```") % 2 == 0
    short = markdown(picture(standard()))
    assert "too long" not in short
    assert short.count("<details>") == short.count("</details>") == 3


def test_markdown_keeps_the_limit_wherever_it_is_cut() -> None:
    seen = set()
    for count in range(80, 240, 8):
        text = markdown(picture({**network(), **{f"Cache{number}": sharded(2) for number in range(count)}}))
        cut = text.endswith("*The rest is too long for a comment; write the HTML page to see it.*\n")
        seen.add((cut, "```" in text))
        assert len(text) <= LONGEST
        assert text.count("<details>") == text.count("</details>")
        assert text.count("```") in (0, 2)
    assert len(text) > 0.99 * LONGEST
    assert seen == {(False, True), (True, False)}


def test_markdown_puts_decisions_on_top() -> None:
    change = delta_of(source(standard()), source(changed(standard(), "Cache", Port=7000)))
    text = markdown(change.after, change)
    top, _, _ = text.partition("<details>")
    assert "**Replaced or removed: Stack0/Cache\\.** Resources: 1 replaced\\." in top
    assert "Lost: all keys" in top
    assert "  1. " in top


LEGENDS = [
    (
        "a cache with a replica",
        standard(),
        "Filled: takes writes. Outlined: a copy, for reads. Solid arrow: a path that the security groups allow. "
        "Dashed arrow: replication. Dashed boxes with subnets: Availability Zones.",
    ),
    (
        "500 shards, without arrows",
        {**network(), "Cache": sharded(500, SecurityGroupIds=[])},
        "Filled: takes writes. Dashed boxes with subnets: Availability Zones.",
    ),
    (
        "one node in a VPC that is not in the template, and addresses",
        {
            "Groups": resource(
                "EC2::SecurityGroup",
                GroupDescription="cache",
                SecurityGroupIngress=[{"IpProtocol": "tcp", "FromPort": 6379, "ToPort": 6379, "CidrIp": "10.0.0.0/8"}],
            ),
            "Cache": resource(
                "ElastiCache::CacheCluster",
                Engine="redis",
                CacheNodeType="cache.t4g.micro",
                NumCacheNodes=1,
                VpcSecurityGroupIds=[{"Fn::GetAtt": ["Groups", "GroupId"]}],
            ),
        },
        "Filled: takes writes. Solid arrow: a path that the security groups allow. "
        "Dashed client: addresses, or a security group without a client in the templates.",
    ),
    ("nothing", {"Topic": resource("SNS::Topic")}, ""),
]


@pytest.mark.parametrize(
    ("resources", "legend"), [case[1:] for case in LEGENDS], ids=[case[0].partition(",")[0] for case in LEGENDS]
)
def test_the_legend_names_what_is_drawn(resources: Resources, legend: str) -> None:
    found = re.findall(r'<p class="legend">(.*?)</p>', page(picture(resources)))
    assert found == ([legend] if legend else [])


def test_the_legend_of_a_change_names_what_either_picture_has() -> None:
    change = delta_of(source(standard()), source({"Topic": resource("SNS::Topic")}))
    (legend,) = re.findall(r'<p class="legend">(.*?)</p>', page(change.after, change))
    assert legend.startswith("Filled: takes writes. Outlined: a copy, for reads.")
    assert legend.endswith("+ added, ~ changed in place, ! replaced, \N{MINUS SIGN} removed.")


def test_caches_of_the_same_name_are_told_apart_by_stack_and_region() -> None:
    model = datastore(2)
    assert model.title == "Global Datastore of 2 caches"
    assert picture({"One": group(), "Two": group()}).title == "2 caches"
    assert [cache.name for cache in model.caches] == ["Main/Cache", "Copyeu-west-1/Cache"]
    assert [dict(cache.facts)["Region"] for cache in model.caches] == ["us-east-1", "eu-west-1"]
    assert [client.name for _, client in model.clients] == ["Main/Client", "Copyeu-west-1/Client"]
    alone = picture(standard())
    assert [cache.name for cache in alone.caches] == ["Cache"]
    assert "Region" not in dict(alone.caches[0].facts)
