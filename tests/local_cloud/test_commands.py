"""Commands in a client's stream: those that authenticate are changed, everything else passes as it is."""

import random

from hypothesis import given
from hypothesis import strategies as st

from local_cloud.cache.commands import Commands, Words, encoded


def changed(words: Words) -> Words:
    return [*words[:-1], b"PASSWORD"]


def fed(*parts: bytes) -> bytes:
    commands = Commands(changed)
    return b"".join(commands.feed(each) for each in parts)


AUTH = encoded([b"AUTH", b"app", b"token"])
KNOWN = encoded([b"AUTH", b"app", b"PASSWORD"])
GET, SET = encoded([b"GET", b"key"]), encoded([b"SET", b"key", b"x\r\n*3\r\n$4\r\nAUTH\r\n"])


def test_what_authenticates_is_changed_wherever_it_is() -> None:
    assert fed(AUTH) == KNOWN
    assert fed(GET + SET + AUTH + GET + AUTH) == GET + SET + KNOWN + GET + KNOWN
    hello = [b"hello", b"3", b"AUTH", b"app", b"token"]
    assert fed(encoded(hello)) == encoded([*hello[:-1], b"PASSWORD"])
    # The words in a value are no command.
    assert fed(SET) == SET


def test_what_cannot_be_read_passes_as_it_is() -> None:
    for raw in (b"PING\r\n", b"AUTH app token\r\n", b"*1\r\n:5\r\n", b"*x\r\n", b"\x16\x03\x01" * 40000, b"*0\r\n"):
        assert fed(raw) == raw
    # Too long for a command that authenticates.
    long = encoded([b"AUTH", b"app", b"x" * 70000])
    assert fed(long[:69000], long[69000:] + AUTH) == long + AUTH
    assert fed(b"PING\r\n" + AUTH) == b"PING\r\n" + KNOWN


def test_large_values_are_not_kept_back() -> None:
    commands = Commands(changed)
    value = encoded([b"SET", b"key", b"x" * 1_000_000])
    assert commands.feed(value[:500_000]) == value[:500_000]
    assert commands.feed(value[500_000:] + AUTH[:10]) == value[500_000:]
    assert commands.feed(AUTH[10:]) == KNOWN


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
def test_it_is_the_same_however_it_is_cut(commands: list[Words], seed: int) -> None:
    whole = b"".join(map(encoded, commands))
    expected = b"".join(encoded(changed(each) if each[0] in (b"AUTH", b"HELLO") else each) for each in commands)
    cuts, parts, at = random.Random(seed), [], 0
    while at < len(whole):
        size = cuts.randint(1, 9)
        parts.append(whole[at : at + size])
        at += size
    assert fed(*parts) == expected
