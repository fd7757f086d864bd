"""The page: nothing but itself, every name as text, colours with contrast, and quick."""

import base64
import hashlib
import itertools
import re
import time

import pytest

from elasticache_operations.picture.building import build
from elasticache_operations.picture.changes import delta_of
from elasticache_operations.picture.layout import WIDTHS, draw, draw_change
from elasticache_operations.picture.page import page
from elasticache_operations.picture.sources import source_of
from elasticache_operations.picture.style import DARK, LIGHT
from elasticache_rules.documents import Document
from tests.picture.geometry import read
from tests.picture.pages import HOSTILE, contrast, hostile, parse
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
)
from tests.picture.test_geometry import datastore


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
