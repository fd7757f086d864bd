"""What an access string allows of the commands that the connection test uses, and with which keys."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import aws_cdk as cdk

from elasticache_rules import facts

from .user_base import UserBase

OWN_KEYS: Final = "connection-test:"
_KEY_COMMANDS: Final = {"get": "R", "set": "W", "del": "W"}
_KEYWORDS: Final = {"allkeys": "~*", "allcommands": "+@all", "nocommands": "-@all"}
_DATABASES: Final = re.compile(r"(?:alldbs|resetdbs|db=([0-9,]+))\Z", re.IGNORECASE)
# The best set of keys is the first whose commands are all allowed.
_PREFERRED: Final = (("get", "set", "del"), ("get", "set"), ("get",), ("set", "del"), ("set",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """The part of a user's permissions that the connection test can use.

    :param on: whether the user can connect.
    :param commands: the commands that it may run, in alphabetical order.
    :param key_prefix: the prefix of the keys that get, set and del may access; empty if none of them is allowed.
    """

    on: bool
    commands: tuple[str, ...]
    key_prefix: str

    @property
    def is_testable(self) -> bool:
        """Whether a stage after the authentication can use the cache."""
        return self.on and bool({"ping", "info", "get", "set"} & set(self.commands))


def allowed_to(user: UserBase) -> Allowed | None:
    """What the user may do; None if its access string is not known, as of an imported user."""
    text = getattr(user, "access_string", None)
    if not isinstance(text, str) or cdk.Token.is_unresolved(text):
        return None
    outside, selectors = _split(text)
    sets = [_commands_and_keys(words) for words in (outside, *selectors)]
    commands = set[str]().union(*(given for given, _ in sets)) - _KEY_COMMANDS.keys()
    prefix, with_keys = _best_prefix(sets)
    states = [word for word in map(str.lower, outside) if word in ("on", "off")]
    return Allowed(
        on=states[-1:] == ["on"],
        commands=tuple(sorted(commands | with_keys)),
        key_prefix=prefix,
    )


def _split(text: str) -> tuple[list[str], list[list[str]]]:
    """The words outside the selectors, and those of each selector that counts."""
    outside: list[str] = []
    selectors: list[list[str]] = []
    for selector, word in re.findall(r"\(([^()]*)\)|([^\s()]+)", text):
        if word.lower() == "clearselectors":
            selectors = []
        elif word:
            outside.append(word)
        else:
            selectors.append(selector.split())
    return outside, selectors


def _commands_and_keys(words: Sequence[str]) -> tuple[set[str], list[tuple[str, str]]]:
    """The commands that rules allow, and the access and the pattern of their keys."""
    categories: dict[str, list[str]] = facts.load("commands")["test_commands"]
    commands: set[str] = set()
    in_test_database = True
    keys: list[tuple[str, str]] = []
    for word in words:
        rule = _KEYWORDS.get(word.lower(), word)
        numbers = _DATABASES.match(rule)
        if numbers:
            # Every selector begins with all databases, and the test uses the database 0.
            in_test_database = rule.lower() == "alldbs" or "0" in (numbers[1] or "").split(",")
        elif rule[0] in "+-":
            what = rule[1:].lower()
            named = {
                name
                for name, within in categories.items()
                if what in ("@all", name, name.partition("|")[0]) or (what.startswith("@") and what[1:] in within)
            }
            commands = commands | named if rule[0] == "+" else commands - named
        elif rule.lower() == "resetkeys":
            keys = []
        elif rule[0] in "~%":
            access, _, pattern = rule.partition("~")
            keys.append((access.strip("%").upper() or "RW", pattern))
    return (commands if in_test_database else commands - _KEY_COMMANDS.keys()), keys


def _best_prefix(sets: list[tuple[set[str], list[tuple[str, str]]]]) -> tuple[str, set[str]]:
    """The prefix with which most key commands are allowed, and these commands."""
    prefixes = [prefix for _, keys in sets for _, pattern in keys if (prefix := _prefix(pattern)) is not None]
    found: dict[str, set[str]] = {
        prefix: {
            name
            for name, access in _KEY_COMMANDS.items()
            for commands, keys in sets
            if name in commands and any(access in given and _covers(pattern, prefix) for given, pattern in keys)
        }
        for prefix in prefixes
    }
    for wanted in _PREFERRED:
        for prefix, commands in found.items():
            if commands.issuperset(wanted):
                return prefix + OWN_KEYS, commands
    return "", set()


def _prefix(pattern: str) -> str | None:
    """The text before the star of a pattern that ends with its only wildcard; None for another pattern."""
    literal = pattern.rstrip("*")
    return literal if literal != pattern and not set(literal) & set("*?[\\") else None


def _covers(pattern: str, prefix: str) -> bool:
    literal = _prefix(pattern)
    return literal is not None and prefix.startswith(literal)
