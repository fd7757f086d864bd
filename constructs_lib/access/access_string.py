"""Access strings: what a user may do, written without a way to misspell it."""

import re
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Final, Self, final

from elasticache_rules import facts

from .._core.checking import must_be_known
from .._core.factories import build, no_constructor

_PATTERN: Final = re.compile(r"[^\s()]+\Z")
_KEYWORDS: Final = {
    "allkeys": "~*",
    "allchannels": "&*",
    "allcommands": "+@all",
    "nocommands": "-@all",
}
_PLAIN: Final = frozenset({"resetkeys", "resetchannels", "clearselectors", "alldbs", "resetdbs"})


class Category(StrEnum):
    """The categories that the engines sort their commands into, and those of the service's modules."""

    ALL = "all"
    ADMIN = "admin"
    BITMAP = "bitmap"
    BLOCKING = "blocking"
    BLOOM = "bloom"
    CONNECTION = "connection"
    DANGEROUS = "dangerous"
    FAST = "fast"
    GEO = "geo"
    HASH = "hash"
    HYPERLOGLOG = "hyperloglog"
    JSON = "json"
    KEYSPACE = "keyspace"
    LIST = "list"
    PUBSUB = "pubsub"
    READ = "read"
    SCRIPTING = "scripting"
    SEARCH = "search"
    SET = "set"
    SLOW = "slow"
    SORTEDSET = "sortedset"
    STREAM = "stream"
    STRING = "string"
    TRANSACTION = "transaction"
    WRITE = "write"


class KeyAccess(StrEnum):
    """What a user may do with the keys of a pattern; reading and writing apart needs redis 7.0 or valkey."""

    READ_WRITE = "~"
    READ = "%R~"
    WRITE = "%W~"


@dataclass(frozen=True, slots=True)
class AccessRules:
    """Keys, channels, commands and databases; each method returns a new value with more of them, in order.

    https://valkey.io/topics/acl
    """

    rules: tuple[str, ...] = field(default=(), init=False)

    def keys(self, *patterns: str, access: KeyAccess = KeyAccess.READ_WRITE) -> Self:
        """Let the user use keys.

        :param patterns: globs such as `app:*`.
        :param access: Default: reading and writing.
        :raises ValueError: for a pattern with a space or a parenthesis, or an empty one.
        """
        return self._with(*(f"{access.value}{_pattern('keys', each)}" for each in patterns))

    def channels(self, *patterns: str) -> Self:
        """Let the user use channels of publish and subscribe.

        :param patterns: globs such as `news:*`.
        :raises ValueError: for a pattern with a space or a parenthesis, or an empty one.
        """
        return self._with(*(f"&{_pattern('channels', each)}" for each in patterns))

    def allow(self, *what: Category | str) -> Self:
        """Let the user run commands.

        :param what: categories, commands (`get`) and subcommands (`config|get`).
        :raises ValueError: for a command that no engine has.
        """
        return self._with(*(f"+{_command(each)}" for each in what))

    def deny(self, *what: Category | str) -> Self:
        """Take commands away again.

        :param what: categories, commands and subcommands.
        :raises ValueError: for a command that no engine has.
        """
        return self._with(*(f"-{_command(each)}" for each in what))

    def databases(self, *numbers: int) -> Self:
        """Confine the user to databases; needs valkey 9.1.

        :param numbers: 0 and up.
        :raises ValueError: for none, or a negative one.
        """
        if not numbers or any(isinstance(each, bool) or each < 0 for each in numbers):
            raise ValueError(
                f"AccessString: databases must be numbers from 0, got {list(numbers)}; name at least one, such as 0"
            )
        return self._with(f"db={','.join(map(str, numbers))}")

    def _with(self, *rules: str) -> Self:
        return self._changed(rules=(*self.rules, *rules))

    def _changed(self, **changes: object) -> Self:
        return build(type(self), **{**{each.name: getattr(self, each.name) for each in fields(self)}, **changes})

    def __str__(self) -> str:
        return " ".join(self.rules)


@final
@dataclass(frozen=True, slots=True, init=False)
class AccessString(AccessRules):
    """What a user may do; created by `on`, `off` or `parse`.

    `AccessString.on().keys("app:*").allow(Category.READ, Category.WRITE).deny(Category.DANGEROUS)`

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html
    """

    enabled: bool = True
    selectors: tuple[AccessRules, ...] = ()

    def __init__(self, *_: object, **__: object) -> None:
        raise no_constructor("AccessString", ("on()", "off()", "parse(...)"))

    @classmethod
    def on(cls) -> Self:
        """A user that may connect, and do nothing yet."""
        return build(cls)

    @classmethod
    def off(cls) -> Self:
        """A user that may not connect."""
        return build(cls, enabled=False)

    def selector(self, rules: AccessRules) -> Self:
        """Add a second set of rules; a command runs when one set admits it whole. Needs redis 7.0 or valkey.

        :param rules: made from `AccessRules()`.
        """
        return self._changed(selectors=(*self.selectors, build(AccessRules, rules=rules.rules)))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an access string.

        :param text: as `on ~app:* +@read`.
        :raises ValueError: for anything that the builder could not have written.
        """
        must_be_known("AccessString", "text", text)
        outside, inside = _split(text)
        words = outside.split()
        states = [word for word in words if word.lower() in ("on", "off")]
        if len(states) != 1:
            raise ValueError(f"AccessString: text must say on or off once, got {text!r}; begin it with on or off")
        rules = _parse_rules([word for word in words if word not in states])
        return build(
            cls,
            rules=rules.rules,
            enabled=states[0].lower() == "on",
            selectors=tuple(_parse_rules(each.split()) for each in inside),
        )

    def __str__(self) -> str:
        parts = ["on" if self.enabled else "off", *self.rules, *(f"({each})" for each in self.selectors)]
        return " ".join(parts)


def _split(text: str) -> tuple[str, list[str]]:
    """What stands outside the parentheses, and what in each pair of them."""
    inside = re.findall(r"\(([^()]*)\)", text)
    outside = re.sub(r"\([^()]*\)", " ", text)
    if "(" in outside or ")" in outside:
        raise ValueError(
            f"AccessString: text must close each selector's parenthesis, got {text!r}; add what is missing"
        )
    return outside, inside


def _parse_rules(words: list[str]) -> AccessRules:
    made = AccessRules()
    for word in words:
        made = _parse_word(made, word)
    return made


def _parse_word(made: AccessRules, word: str) -> AccessRules:
    plain = word.lower()
    if plain in _KEYWORDS:
        return made._with(_KEYWORDS[plain])
    if plain in _PLAIN:
        return made._with(plain)
    if keys := re.match(r"(~|%[rRwW]{1,2}~)(.*)\Z", word):
        letters = "".join(sorted(set(keys[1].strip("%~").upper())))
        access = {"R": KeyAccess.READ, "W": KeyAccess.WRITE}.get(letters, KeyAccess.READ_WRITE)
        return made.keys(keys[2], access=access)
    if word[0] == "&":
        return made.channels(word[1:])
    if word[0] in "+-":
        named = word[1:]
        what = _category(named[1:]) if named.startswith("@") else named
        return made.allow(what) if word[0] == "+" else made.deny(what)
    if numbers := re.match(r"db=(\d+(?:,\d+)*)\Z", plain):
        return made.databases(*map(int, numbers[1].split(",")))
    raise ValueError(
        f"AccessString: text must hold key and channel patterns, commands, categories and databases, got {word!r}; "
        "passwords are a property of the user, and the rest has methods here"
    )


def _category(name: str) -> Category:
    if name.lower() not in tuple(Category):
        raise ValueError(
            f"AccessString: categories must be those of the engines, got @{name}; choose one of {', '.join(Category)}"
        )
    return Category(name.lower())


def _pattern(what: str, pattern: str) -> str:
    if not _PATTERN.match(pattern):
        raise ValueError(
            f"AccessString: {what} must be patterns without spaces and parentheses, got {pattern!r}; "
            "write ? for such a character"
        )
    return pattern


def _command(what: Category | str) -> str:
    if isinstance(what, Category):
        return f"@{what.value}"
    name, bar, sub = what.lower().partition("|")
    known: dict[str, list[str]] = facts.load("commands")["commands"]
    if "." in name and not bar:
        return name  # a module's
    if name not in known:
        raise ValueError(f"AccessString: commands must be those of the engines, got {what!r}; correct its spelling")
    if bar and sub not in known[name] and known[name]:
        raise ValueError(
            f"AccessString: subcommands of {name} must be one of {', '.join(known[name])}, got {sub!r}; choose one"
        )
    if bar and not known[name]:
        raise ValueError(f"AccessString: {name} must stand without a subcommand, got {what!r}; leave |{sub} out")
    return f"{name}{bar}{sub}"
