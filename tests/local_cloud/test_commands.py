"""Commands in the stream of a client: those that authenticate are changed, all other data is unchanged."""

import random

from hypothesis import given
from hypothesis import strategies as st

from local_cloud.cache.commands import Commands, Words, encoded


def changed(words: Words) -> Words:
    return [*words[:-1], b"PASSWORD"]


def forwarded(*parts: bytes) -> bytes:
    commands = Commands(changed)
    return b"".join(commands.feed(part) for part in parts)


AUTH = encoded([b"AUTH", b"app", b"token"])
CHANGED = encoded([b"AUTH", b"app", b"PASSWORD"])
GET, SET = encoded([b"GET", b"key"]), encoded([b"SET", b"key", b"x\r\n*3\r\n$4\r\nAUTH\r\n"])


def test_commands_that_authenticate_are_changed() -> None:
    assert forwarded(AUTH) == CHANGED
    assert forwarded(GET + SET + AUTH + GET + AUTH) == GET + SET + CHANGED + GET + CHANGED
    hello = [b"hello", b"3", b"AUTH", b"app", b"token"]
    assert forwarded(encoded(hello)) == encoded([*hello[:-1], b"PASSWORD"])
    # A value that looks like a command is unchanged.
    assert forwarded(SET) == SET


def test_invalid_data_is_unchanged() -> None:
    for raw in (b"PING\r\n", b"AUTH app token\r\n", b"*1\r\n:5\r\n", b"*x\r\n", b"\x16\x03\x01" * 40000, b"*0\r\n"):
        assert forwarded(raw) == raw
    # The command is too long for one that authenticates.
    long = encoded([b"AUTH", b"app", b"x" * 70000])
    assert forwarded(long[:69000], long[69000:] + AUTH) == long + AUTH
    assert forwarded(b"PING\r\n" + AUTH) == b"PING\r\n" + CHANGED


def test_large_values_are_forwarded_at_once() -> None:
    commands = Commands(changed)
    value = encoded([b"SET", b"key", b"x" * 1_000_000])
    assert commands.feed(value[:500_000]) == value[:500_000]
    assert commands.feed(value[500_000:] + AUTH[:10]) == value[500_000:]
    assert commands.feed(AUTH[10:]) == CHANGED


@given(
    st.lists(
        st.one_of(
            st.just([b"AUTH", b"app", b"token"]),
            st.just([b"HELLO", b"3", b"AUTH", b"app", b"token"]),
            st.lists(st.binary(max_size=12), min_size=1, max_size=4).filter(
                lambda words: words[0].upper() not in (b"AUTH", b"HELLO")
            ),
        ),
        max_size=8,
    ),
    st.integers(),
)
def test_the_result_does_not_depend_on_the_packets(commands: list[Words], seed: int) -> None:
    whole = b"".join(map(encoded, commands))
    expected = b"".join(encoded(changed(words) if words[0] in (b"AUTH", b"HELLO") else words) for words in commands)
    cuts, parts, at = random.Random(seed), [], 0
    while at < len(whole):
        size = cuts.randint(1, 9)
        parts.append(whole[at : at + size])
        at += size
    assert forwarded(*parts) == expected
