"""Pictures in Mermaid and Markdown: names in their line, and the limits of a comment."""

import re

import pytest

from elasticache_operations.picture.changes import delta_of
from elasticache_operations.picture.markup import LONGEST, markdown, mermaid
from tests.picture.pages import HOSTILE, hostile
from tests.picture.templates import changed, function, instance, network, picture, resource, sharded, source, standard
from tests.picture.test_geometry import datastore


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
