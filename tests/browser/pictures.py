"""Pages of pictures, in files."""

import functools
from collections.abc import Callable
from pathlib import Path

import pytest

from elasticache_operations.picture.changes import delta_of
from elasticache_operations.picture.page import page as html
from elasticache_operations.picture.timeline.page import page as timeline_page
from tests.picture.databases import several as databases
from tests.picture.templates import (
    Resources,
    changed,
    function,
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
from tests.picture.timeline.drawings import timeline
from tests.picture.timeline.samples import SAMPLES

with_users: Resources = changed(
    {
        **network(3),
        "Cache": sharded(5, 2),
        "Client": instance(),
        "Code": function(0, 1, 2),
        "App": user("on ~app:* +@read +@write -@dangerous +cluster|slots"),
        "Group": resource("ElastiCache::UserGroup", Engine="valkey", UserGroupId="g", UserIds=[{"Ref": "App"}]),
    },
    "Cache",
    UserGroupIds=[{"Ref": "Group"}],
)


def change() -> str:
    after = changed({**with_users, "More": instance(1)}, "Cache", NumNodeGroups=7, AtRestEncryptionEnabled=False)
    delta = delta_of(source({**with_users, "Gone": instance(2)}), source(after))
    return html(delta.after, delta)


def of_records(name: str) -> str:
    return timeline_page(timeline(SAMPLES[name]()))


PAGES: dict[str, Callable[[], str]] = {
    "one": lambda: html(picture(standard())),
    "shards": lambda: html(picture(with_users)),
    "cells": lambda: html(picture({**network(), "Cache": sharded(40, 2), "Client": instance()})),
    "numbers": lambda: html(picture({**network(), "Cache": sharded(150, 2), "Client": instance()})),
    "500 shards": lambda: html(picture({**network(), "Cache": sharded(500, 1), "Client": instance()})),
    "regions": lambda: html(datastore(3)),
    "many": lambda: html(
        picture(
            {**network(6), **{f"Cache{number}": sharded(2) for number in range(4)}}
            | {f"Client{number}": instance(number) for number in range(6)}
        )
    ),
    "databases": lambda: html(picture(databases())),
    "change": change,
    "long names": lambda: html(
        picture({name: {**entry, "Metadata": {"aws:cdk:path": "Long" * 60}} for name, entry in with_users.items()})
    ),
    "wide names": lambda: html(
        picture(
            {
                name: entry if name == "App" else {**entry, "Metadata": {"aws:cdk:path": "W" * 18}}
                for name, entry in changed(with_users, "App", UserId="W" * 11).items()
            }
        )
    ),
    "nothing": lambda: html(picture({"Topic": resource("SNS::Topic")})),
    **{f"timeline, {name}": functools.partial(of_records, name) for name in SAMPLES},
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    result = {}
    for name, write in PAGES.items():
        result[name] = folder / f"{name}.html"
        result[name].write_text(write(), encoding="utf-8")
    return result
