"""No box overlaps another, no text lies on another, no arrow crosses a box: for any size and any width."""

import itertools

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from elasticache_operations.picture.changes import delta_of
from elasticache_operations.picture.layout import WIDTHS, draw
from elasticache_operations.picture.model import Picture
from tests.picture.geometry import Box, faults, read
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

ALL_WIDTHS = (*WIDTHS, 320, 500, 900, 1600)


def check(model: Picture, *widths: int) -> None:
    for width in widths or ALL_WIDTHS:
        drawing = read(draw(model, width))
        assert drawing.width == width
        assert not list(faults(drawing)), f"at {width} pixels"


def system(
    *, shards: int, replicas: int, zones: int, clients: list[tuple[int, int]], caches: int = 1, named: bool = False
) -> Resources:
    """A cache with clients, each in the zones from the first to the last."""
    result = network(zones, named=named)
    for number in range(caches):
        places = [f"eu-west-1{'abcdef'[place % zones]}" for place in range(replicas + 1)]
        layout = [
            {"PrimaryAvailabilityZone": places[0], "ReplicaAvailabilityZones": places[1:], "ReplicaCount": replicas}
        ] * shards
        more = {"NodeGroupConfiguration": layout} if named else {}
        result[f"Cache{number}"] = sharded(shards, replicas, **more)
    for number, (first, last) in enumerate(clients):
        result[f"Client{number}"] = (
            instance(first) if first == last else function(*range(min(first, last), max(first, last) + 1))
        )
    return result


@settings(max_examples=40)
@given(st.data())
def test_no_size_has_a_fault(data: st.DataObject) -> None:
    zones = data.draw(st.integers(1, 6), "zones")
    places = st.integers(0, zones - 1)
    model = picture(
        system(
            shards=data.draw(st.sampled_from([1, 2, 3, 8, 9, 10, 59, 60, 61, 150, 151, 500]), "shards"),
            replicas=data.draw(st.integers(0, 5), "replicas"),
            zones=zones,
            clients=data.draw(st.lists(st.tuples(places, places), max_size=6), "clients"),
            caches=data.draw(st.integers(1, 3), "caches"),
            named=data.draw(st.booleans(), "named"),
        )
    )
    check(model, data.draw(st.sampled_from(ALL_WIDTHS), "width"))


@settings(max_examples=25)
@given(st.integers(1, 500), st.integers(0, 5), st.sampled_from(ALL_WIDTHS))
@example(500, 5, 288)
def test_every_number_of_shards_is_drawn(shards: int, replicas: int, width: int) -> None:
    drawing = read(draw(picture({**network(3), "Cache": sharded(shards, replicas)}), width))
    assert not list(faults(drawing))
    if shards <= 8:
        assert len(drawing.of("node")) == shards * (replicas + 1)
    else:
        assert len(drawing.of("cell")) == shards
        assert len(drawing.of("strip")) == (shards * replicas if shards <= 60 else 0)


@pytest.mark.parametrize(
    ("shards", "wide", "narrow", "per_row"),
    [(9, 44, 44, 20), (60, 44, 44, 20), (61, 26, 26, 25), (150, 26, 26, 25), (151, 20, 13, 50), (500, 20, 13, 50)],
)
def test_cells_follow_the_number_of_shards(shards: int, wide: int, narrow: int, per_row: int) -> None:
    model = picture({**network(), "Cache": sharded(shards)})
    for width, side in ((1200, wide), (376, narrow)):
        assert {box.right - box.left for box in read(draw(model, width)).of("cell")} == {side}
    cells = read(draw(model, 1200)).of("cell")
    assert sum(cell.top == cells[0].top for cell in cells) == min(per_row, shards)
    if shards == 500:
        beside = read(draw(model, 340)).of("cell")  # As wide as one of three regions side by side.
        assert sum(cell.top == beside[0].top for cell in beside) == 15
    numbers = [text for text, _ in read(draw(model, 1200)).texts if text.isdigit()]
    assert numbers == ([str(number) for number in range(1, shards + 1)] if shards <= 150 else [])


@pytest.mark.parametrize("count", range(1, 5))
def test_each_client_has_an_arrow_that_ends_at_the_cache(count: int) -> None:
    model = picture(system(shards=1, replicas=1, zones=2, clients=[(0, 0)] * count))
    for width in ALL_WIDTHS:
        drawing = read(draw(model, width))
        (cache,) = drawing.of("cache")
        ends = [points[-1] for kind, points in drawing.arrows if kind == "path"]
        assert len(ends) == count
        assert all(y == cache.top and cache.left < x < cache.right for x, y in ends)
        starts = [points[0] for kind, points in drawing.arrows if kind == "path"]
        assert all(any(box.bottom == y and box.left < x < box.right for box in drawing.of("client")) for x, y in starts)


def test_arrows_to_lower_caches_end_at_their_left_sides() -> None:
    model = picture(system(shards=1, replicas=1, zones=2, clients=[(0, 1), (0, 0), (1, 1)], caches=3))
    check(model)
    for width in ALL_WIDTHS:
        drawing = read(draw(model, width))
        first, *lower = drawing.of("cache")
        ends = [points[-1] for kind, points in drawing.arrows if kind == "path"]
        assert sum(y == first.top for _, y in ends) == 3
        for cache in lower:
            assert sum(x == cache.left and cache.top < y < cache.bottom for x, y in ends) == 3


def test_many_caches_keep_their_width() -> None:
    model = picture(system(shards=1, replicas=1, zones=2, clients=[(0, 1), (0, 0)], caches=30))
    check(model)
    for width in ALL_WIDTHS:
        assert all(box.right - box.left > width * 0.6 for box in read(draw(model, width)).of("cache"))


def test_more_than_four_clients_are_counted() -> None:
    model = picture(system(shards=1, replicas=1, zones=2, clients=[(0, 0)] * 6 + [(0, 1)]))
    drawing = read(draw(model, 1200))
    assert len(drawing.of("client")) == 4
    assert any(text.startswith("and 3 more clients, in the table") for text, _ in drawing.texts)
    zones = drawing.of("zone")
    assert sum(all(box.meets(zone) for zone in zones) for box in drawing.of("client")) == 1, "several zones come first"


def test_equal_labels_are_written_once() -> None:
    model = picture(system(shards=1, replicas=1, zones=2, clients=[(0, 0)] * 4))
    texts = [text for text, _ in read(draw(model, 1200)).texts]
    assert texts.count("TCP 6379, TLS, no authentication") == 1


def test_nodes_lie_in_the_columns_of_their_zones() -> None:
    layout = [
        {"PrimaryAvailabilityZone": "eu-west-1b", "ReplicaAvailabilityZones": ["eu-west-1a"], "ReplicaCount": 1},
        {"PrimaryAvailabilityZone": "eu-west-1a", "ReplicaAvailabilityZones": ["eu-west-1b"], "ReplicaCount": 1},
    ]
    resources = {**network(2, named=True), "Cache": sharded(2, 1, NodeGroupConfiguration=layout)}
    for width in ALL_WIDTHS:
        drawing = read(draw(picture(resources), width))
        left, right = sorted(drawing.of("zone"), key=lambda box: box.left)
        columns = [0 if left.left <= node.left and node.right <= left.right else 1 for node in drawing.of("node")]
        assert columns == [1, 0, 0, 1]
        assert all(
            zone.left <= node.left and node.right <= zone.right
            for node, column in zip(drawing.of("node"), columns, strict=True)
            for zone in [(left, right)[column]]
        )


@pytest.mark.parametrize("replicas", range(6))
def test_each_replica_in_the_line_of_its_primary_has_an_arrow(replicas: int) -> None:
    drawing = read(draw(picture({**network(), "Cache": sharded(2, replicas)}), 1200))
    copies = [points for kind, points in drawing.arrows if kind == "copies"]
    assert len(copies) == 2 * replicas
    first, *others = drawing.of("node")[: replicas + 1]
    for points, node in zip(copies[:replicas], others, strict=True):
        assert touches(points[0], first)
        assert touches(points[-1], node)


def test_nodes_that_lie_in_several_lines_have_no_arrows() -> None:
    drawing = read(draw(picture({**network(), "Cache": sharded(2, 5)}), 288))
    assert len({node.top for node in drawing.of("node")}) > 2
    assert [points for kind, points in drawing.arrows if kind == "copies"] == []


def test_nodes_of_memcached_do_not_replicate() -> None:
    cluster = resource(
        "ElastiCache::CacheCluster", Engine="memcached", NumCacheNodes=3, CacheNodeType="cache.t4g.micro"
    )
    drawing = read(draw(picture({"Cache": cluster}), 1200))
    assert len(drawing.of("node")) == 3
    assert drawing.arrows == ()


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_regions_of_a_datastore_are_linked(count: int) -> None:
    model = datastore(count)
    check(model)
    for width in ALL_WIDTHS:
        drawing = read(draw(model, width))
        regions = drawing.of("region")
        beside = len({box.top for box in regions}) == 1
        assert beside == (count == 1 or (width >= 900 and count <= 3))
        copies = [
            points for kind, points in drawing.arrows if kind == "copies" and not inside(points, drawing.of("cache"))
        ]
        assert len(copies) == count - 1
        for points in copies:
            assert sum(touches(points[-1], box) for box in regions) == 1
            assert touches(points[0], regions[0])
            assert not touches(points[-1], regions[0])


def inside(points: tuple[tuple[int, int], ...], boxes: list[Box]) -> bool:
    (x, y) = points[0]
    return any(box.left < x < box.right and box.top < y < box.bottom for box in boxes)


def touches(point: tuple[int, int], box: Box) -> bool:
    x, y = point
    on_side = x in (box.left, box.right) and box.top <= y <= box.bottom
    return on_side or (y in (box.top, box.bottom) and box.left <= x <= box.right)


def datastore(count: int) -> Picture:
    """A Global Datastore with its primary in the first of so many regions."""
    from elasticache_operations.picture.building import build
    from elasticache_operations.picture.sources import source_of
    from elasticache_rules.documents import Document

    regions = ["us-east-1", "eu-west-1", "ap-southeast-1", "sa-east-1"][:count]
    first = {
        **standard(),
        "Global": resource(
            "ElastiCache::GlobalReplicationGroup",
            GlobalReplicationGroupIdSuffix="orders",
            Members=[{"ReplicationGroupId": {"Ref": "Cache"}, "ReplicationGroupRegion": regions[0], "Role": "PRIMARY"}],
        ),
    }
    output = {"Value": {"Fn::GetAtt": ["Global", "GlobalReplicationGroupId"]}}
    documents = [Document("Main.template.json", {"Resources": first, "Outputs": {"Id": output}}, regions[0])]
    secondary = changed(
        standard(),
        "Cache",
        GlobalReplicationGroupId={
            "Fn::GetStackOutput": {"StackName": "Main", "Region": regions[0], "OutputName": "Id"}
        },
        Engine=None,
        EngineVersion=None,
        CacheNodeType=None,
        AtRestEncryptionEnabled=None,
        TransitEncryptionEnabled=None,
    )
    documents += [Document(f"Copy{region}.template.json", {"Resources": secondary}, region) for region in regions[1:]]
    return build(source_of(documents, "templates"))


def test_a_change_is_drawn_without_faults() -> None:
    before = source({**network(2), "Cache": sharded(3, 1), "Client": instance(), "Gone": instance(1)})
    for shards, replicas in itertools.product((2, 5, 20), (0, 3)):
        after = source({**network(2), "Cache": sharded(shards, replicas), "Client": instance(), "New": function(0, 1)})
        delta = delta_of(before, after)
        check(delta.before)
        check(delta.after)


@pytest.mark.parametrize(
    "name",
    [
        "a" * 255,
        "\u4e2d" * 120,
        "W" * 200,
        "\u202e\u0645\u0631\u062d\u0628\u0627" * 20,
        '<script>alert("]]>")</script>' * 8,
    ],
)
def test_long_and_foreign_names_stay_in_their_boxes(name: str) -> None:
    resources = standard()
    for logical_id in ("Cache", "Client"):
        resources[logical_id]["Metadata"] = {"aws:cdk:path": f"{name}/{name}"}
    resources["Client"]["Properties"]["InstanceType"] = name
    resources["Cache"]["Properties"]["CacheNodeType"] = name
    check(picture(resources))


def test_several_vpcs_of_a_region_lie_one_beneath_the_other() -> None:
    model = picture(standard(), {**network(1), "Other": group(), "Client": instance()})
    check(model)
    first, second = read(draw(model, 760)).of("vpc")
    assert first.bottom < second.top


def test_templates_without_a_cache_are_a_sentence() -> None:
    drawing = read(draw(picture({"Topic": resource("SNS::Topic")}), 376))
    assert [text for text, _ in drawing.texts] == ["The templates have no cache."]
    check(picture({"Topic": resource("SNS::Topic")}))


def test_a_range_of_addresses_is_drawn_in_full() -> None:
    addresses = changed(standard(), "In", SourceSecurityGroupId=None, CidrIp="10.20.0.0/16")
    for width in WIDTHS:
        assert "10.20.0.0/16" in [text for text, _ in read(draw(picture(addresses), width)).texts]


@pytest.mark.parametrize("width", WIDTHS)
def test_a_grid_of_cells_keeps_a_distance_to_the_notes(width: int) -> None:
    drawing = read(draw(picture({**network(), "Cache": sharded(500)}), width))
    note = next(place for text, place in drawing.texts if text.startswith("ElastiCache chooses"))
    assert note.top - max(cell.bottom for cell in drawing.of("cell")) >= 4
