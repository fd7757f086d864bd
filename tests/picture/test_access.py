"""Access strings in words."""

import pytest

from elasticache_operations.picture.access import in_words

WORDS = [
    ("on ~* &* +@all", "every command; all keys; all channels"),
    ("on allkeys allchannels allcommands", "every command; all keys; all channels"),
    ("off ~* +@all", "nothing: the user is off"),
    ("~* +@all", "nothing: the user is off"),
    ("ON ~* +@ALL", "every command; all keys; no channels"),
    ("on ~app:* +@read +ping", "only @read, ping; keys app:*; no channels"),
    ("on ~a ~b -@all +get", "only get; keys a, b; no channels"),
    ("on ~* +@all -@dangerous +info", "every command except @dangerous, plus info; all keys; no channels"),
    (
        "on ~* +@all -keys -@admin +info -debug",
        "every command except keys, @admin, plus info except debug; all keys; no channels",
    ),
    ("on ~* +get +@all", "every command; all keys; no channels"),
    ("on ~* +@all nocommands", "no command; all keys; no channels"),
    ("on ~* +@all -@all +set", "only set; all keys; no channels"),
    ("on ~* -get", "no command except get; all keys; no channels"),
    ("on +@all", "every command; no keys; no channels"),
    ("on %R~a %W~b %RW~c +@all", "every command; read keys a and write keys b and keys c; no channels"),
    ("on ~* resetkeys ~b +@all", "every command; keys b; no channels"),
    ("on ~a ~* +@all", "every command; all keys; no channels"),
    ("on ~* ~a +@all", "every command; all keys; no channels"),
    ("on ~* &news &alerts:* +@all", "every command; all keys; channels news, alerts:*"),
    ("on ~* &* resetchannels &a +@all", "every command; all keys; channels a"),
    ("on ~* &* &a +@all", "every command; all keys; all channels"),
    ("on ~a +get (~b +set)", "only get; keys a; no channels; or only set; keys b; no channels"),
    ("", "nothing: the user is off"),
]


@pytest.mark.parametrize(("text", "words"), WORDS, ids=[text for text, _ in WORDS])
def test_an_access_string_is_put_into_words(text: str, words: str) -> None:
    assert in_words(text) == words
