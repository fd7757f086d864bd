"""Access strings: the builder, its errors, and parsing."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib import DATA_ACCESS, NO_ACCESS, AccessRules, AccessString, Category, KeyAccess
from elasticache_rules import Template, check_template, facts

COMMANDS: dict[str, list[str]] = facts.load("commands")["commands"]
patterns = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="()"), min_size=1, max_size=9)
commands = st.sampled_from(
    [*COMMANDS, *(f"{name}|{sub}" for name, subs in COMMANDS.items() for sub in subs), "json.get", *Category]
)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("keys"), patterns, st.sampled_from(KeyAccess)),
        st.tuples(st.just("channels"), patterns),
        st.tuples(st.just("allow"), commands),
        st.tuples(st.just("deny"), commands),
        st.tuples(st.just("databases"), st.integers(0, 15), st.integers(0, 15)),
    ),
    max_size=8,
)


def apply(to: AccessRules, taken: list[tuple[object, ...]]) -> AccessRules:
    for name, *arguments in taken:
        options = {"access": arguments.pop()} if name == "keys" else {}
        to = getattr(to, str(name))(*arguments, **options)
    return to


def finding_count(text: str) -> int:
    resource = {
        "Type": "AWS::ElastiCache::User",
        "Properties": {
            "UserId": "app",
            "UserName": "app",
            "Engine": "valkey",
            "AccessString": text,
            "AuthenticationMode": {"Type": "iam"},
        },
    }
    return len(check_template(Template.of({"Resources": {"User": resource}})))


@given(taken=steps, selectors=st.lists(steps.filter(bool), max_size=2), enabled=st.booleans())
def test_it_reads_what_it_writes_and_the_rules_accept_it(
    taken: list[tuple[object, ...]], selectors: list[list[tuple[object, ...]]], enabled: bool
) -> None:
    made = apply(AccessString.on() if enabled else AccessString.off(), taken)
    assert isinstance(made, AccessString)
    for selector in selectors:
        made = made.selector(apply(AccessRules(), selector))
    assert AccessString.parse(str(made)) == made
    assert finding_count(str(made)) == 0


@given(text=st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    refusal, parsed = "", None
    try:
        parsed = AccessString.parse(text)
    except ValueError as problem:
        refusal = str(problem)
    if parsed is None:
        assert refusal.startswith("AccessString: ")
    else:
        assert AccessString.parse(str(parsed)) == parsed


def test_the_defaults() -> None:
    assert str(DATA_ACCESS) == (
        "on ~* &* +@all -@dangerous +info +cluster|slots +cluster|shards +cluster|nodes +cluster|info"
    )
    assert str(NO_ACCESS) == "off -@all"


def test_everything_at_once() -> None:
    made = (
        AccessString.on()
        .keys("app:*", "cart:*")
        .keys("ref:*", access=KeyAccess.READ)
        .keys("log:*", access=KeyAccess.WRITE)
        .channels("news:*")
        .allow(Category.READ, Category.WRITE, "config|get")
        .deny(Category.DANGEROUS, "flushall")
        .databases(0, 1)
        .selector(AccessRules().keys("stats:*").allow("incr"))
    )
    assert str(made) == (
        "on ~app:* ~cart:* %R~ref:* %W~log:* &news:* +@read +@write +config|get -@dangerous -flushall db=0,1 "
        "(~stats:* +incr)"
    )


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("on allkeys allchannels allcommands", "on ~* &* +@all"),
        ("OFF nocommands resetkeys", "off -@all resetkeys"),
        ("on %RW~a %rw~b +GET", "on ~a ~b +get"),
        ("on (~a +get) clearselectors +ping (~b +set)", "on clearselectors +ping (~b +set)"),
        ("on clearselectors alldbs (~a +get) resetchannels", "on clearselectors alldbs resetchannels (~a +get)"),
    ],
)
def test_other_spellings_are_read(text: str, normal: str) -> None:
    assert str(AccessString.parse(text)) == normal


ERRORS: list[tuple[Callable[[], object], str]] = [
    (
        lambda: AccessString.on().keys("a b"),
        "AccessString: keys must be patterns without spaces and parentheses, got 'a b'; write ? for such a character",
    ),
    (
        lambda: AccessString.on().channels(""),
        "AccessString: channels must be patterns without spaces and parentheses, got ''; write ? for such a character",
    ),
    (
        lambda: AccessString.on().allow("gett"),
        "AccessString: commands must be commands of the engines, got 'gett'; correct the spelling",
    ),
    (
        lambda: AccessString.on().allow("memory|size"),
        "AccessString: subcommands of memory must be one of doctor, help, malloc-stats, purge, stats, usage, "
        "got 'size'; choose one of them",
    ),
    (
        lambda: AccessString.on().deny("get|x"),
        "AccessString: get must have no subcommand, got 'get|x'; leave |x out",
    ),
    (
        lambda: AccessString.on().databases(-1),
        "AccessString: databases must be numbers from 0, got [-1]; pass at least one, such as 0",
    ),
    (
        lambda: AccessString.on().databases(),
        "AccessString: databases must be numbers from 0, got []; pass at least one, such as 0",
    ),
    (
        lambda: AccessString.parse("~* +@all"),
        "AccessString: text must contain on or off once, got '~* +@all'; start it with on or off",
    ),
    (
        lambda: AccessString.parse("on +@reed"),
        "AccessString: categories must be categories of the engines, got @reed; choose one of " + ", ".join(Category),
    ),
    (
        lambda: AccessString.parse("on (~a"),
        "AccessString: text must close the parenthesis of each selector, got 'on (~a'; add the missing parenthesis",
    ),
    (
        lambda: AccessString.parse("on >secret"),
        "AccessString: text must contain only key and channel patterns, commands, categories and databases, got "
        "'>secret'; remove it, and pass passwords to the user instead",
    ),
]


@pytest.mark.parametrize(("make", "message"), ERRORS)
def test_errors(make: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match="AccessString") as caught:
        make()
    assert str(caught.value) == message


def test_the_categories_are_those_of_the_facts() -> None:
    assert sorted(Category) == sorted(facts.load("features")["access_string_categories"])


def test_a_command_is_no_category_of_the_same_name() -> None:
    """`set` is a command and a category; a text is the command, and the enum the category."""
    assert str(AccessString.on().allow("set")) == "on +set"
    assert str(AccessString.on().allow(Category.SET).deny("set")) == "on +@set -set"
    assert str(AccessString.parse("on +set +@set -set")) == "on +set +@set -set"
    assert str(AccessString.on().allow("read", "hash", "get")) == "on +@read +@hash +get"
