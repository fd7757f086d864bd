"""Access strings: the permissions of a user, checked at synth."""

import re
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Final, Self, final

from elasticache_rules import facts

from .._core.checking import error, must_be_known
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
    """The command categories of the engines and of the modules that ElastiCache offers.

    ```python
    AccessString.on().keys("*").allow(Category.READ, Category.CONNECTION).deny(Category.DANGEROUS)
    ```
    """

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
    """The access to the keys of a pattern; separate read and write access needs redis 7.0 or valkey.

    ```python
    AccessString.on().keys("orders:*", access=KeyAccess.READ).allow(Category.READ)
    ```
    """

    READ_WRITE = "~"
    READ = "%R~"
    WRITE = "%W~"


@dataclass(frozen=True, slots=True)
class AccessRules:
    """Rules for keys, channels, commands and databases. Each method returns a new value with one more rule.

    https://valkey.io/topics/acl

    ```python
    AccessString.on().keys("app:*").allow(Category.READ, Category.WRITE, "info").deny("keys")
    ```
    """

    rules: tuple[str, ...] = field(default=(), init=False)

    def keys(self, *patterns: str, access: KeyAccess = KeyAccess.READ_WRITE) -> Self:
        """Allow access to keys.

        :param patterns: globs such as `app:*`.
        :param access: read, write or both. Default: both.
        :raises ValueError: for an empty pattern, or one with a space or a parenthesis.
        """
        return self._with(*(f"{access.value}{_pattern('keys', pattern)}" for pattern in patterns))

    def channels(self, *patterns: str) -> Self:
        """Allow access to publish/subscribe channels.

        :param patterns: globs such as `news:*`.
        :raises ValueError: for an empty pattern, or one with a space or a parenthesis.
        """
        return self._with(*(f"&{_pattern('channels', pattern)}" for pattern in patterns))

    def allow(self, *what: Category | str) -> Self:
        """Allow commands.

        :param what: categories, commands such as `get`, and subcommands such as `config|get`.
        :raises ValueError: for a command that no engine has.
        """
        return self._with(*(f"+{_command(command)}" for command in what))

    def deny(self, *what: Category | str) -> Self:
        """Deny commands that an earlier rule allows.

        :param what: categories, commands and subcommands.
        :raises ValueError: for a command that no engine has.
        """
        return self._with(*(f"-{_command(command)}" for command in what))

    def databases(self, *numbers: int) -> Self:
        """Restrict access to databases; needs valkey 9.1.

        :param numbers: one or more database numbers, from 0.
        :raises ValueError: for no number, or a negative one.
        """
        if not numbers or any(isinstance(number, bool) or number < 0 for number in numbers):
            raise error("AccessString", "databases", "be numbers from 0", list(numbers), "pass at least one, such as 0")
        return self._with(f"db={','.join(map(str, numbers))}")

    def _with(self, *rules: str) -> Self:
        return self._changed(rules=(*self.rules, *rules))

    def _changed(self, **changes: object) -> Self:
        return build(type(self), **{**{field.name: getattr(self, field.name) for field in fields(self)}, **changes})

    def __str__(self) -> str:
        return " ".join(self.rules)


@final
@dataclass(frozen=True, slots=True, init=False)
class AccessString(AccessRules):
    """The permissions of a user; created by `on`, `off` or `parse`.

    `AccessString.on().keys("app:*").allow(Category.READ, Category.WRITE).deny(Category.DANGEROUS)`

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html

    ```python
    rules = AccessString.on().keys("orders:*", access=KeyAccess.READ).allow(Category.READ, Category.CONNECTION)
    IamUser(self, "Report", engine=Engine.VALKEY, access_string=rules)
    ```
    """

    enabled: bool = True
    selectors: tuple[AccessRules, ...] = ()

    def __init__(self, *_: object, **__: object) -> None:
        raise no_constructor("AccessString", ("on()", "off()", "parse(...)"))

    @classmethod
    def on(cls) -> Self:
        """A user that may connect; add rules to allow keys and commands."""
        return build(cls)

    @classmethod
    def off(cls) -> Self:
        """A user that cannot connect."""
        return build(cls, enabled=False)

    def selector(self, rules: AccessRules) -> Self:
        """Add a selector: a command is allowed if the rules of the user or one selector allow it completely.

        Needs redis 7.0 or valkey.

        :param rules: the rules of the selector, starting with `AccessRules()`.
        """
        return self._changed(selectors=(*self.selectors, build(AccessRules, rules=rules.rules)))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse an access string, such as one copied from the console.

        :param text: such as `on ~app:* +@read`; not a token.
        :raises ValueError: for text that the methods of this class cannot create.
        """
        must_be_known("AccessString", "text", text)
        outside, inside = _split(text)
        words = outside.split()
        states = [word for word in words if word.lower() in ("on", "off")]
        if len(states) != 1:
            raise error("AccessString", "text", "contain on or off once", repr(text), "start it with on or off")
        rules = _parse_rules([word for word in words if word not in states])
        return build(
            cls,
            rules=rules.rules,
            enabled=states[0].lower() == "on",
            selectors=tuple(_parse_rules(selector.split()) for selector in inside),
        )

    def __str__(self) -> str:
        parts = ["on" if self.enabled else "off", *self.rules, *(f"({selector})" for selector in self.selectors)]
        return " ".join(parts)


def _split(text: str) -> tuple[str, list[str]]:
    """The text outside the parentheses, and the text in each pair of parentheses that counts."""
    inside: list[str] = []
    for selector, word in re.findall(r"\(([^()]*)\)|([^\s()]+)", text):
        # The rules of the user are written before all selectors, where the word would remove none.
        inside = [] if word.lower() == "clearselectors" else inside if word else [*inside, selector]
    outside = re.sub(r"\([^()]*\)", " ", text)
    if "(" in outside or ")" in outside:
        raise error(
            "AccessString", "text", "close the parenthesis of each selector", repr(text), "add the missing parenthesis"
        )
    return outside, inside


def _parse_rules(words: list[str]) -> AccessRules:
    rules = AccessRules()
    for word in words:
        rules = _parse_word(rules, word)
    return rules


def _parse_word(rules: AccessRules, word: str) -> AccessRules:
    plain = word.lower()
    if plain in _KEYWORDS:
        return rules._with(_KEYWORDS[plain])
    if plain in _PLAIN:
        return rules._with(plain)
    if keys := re.match(r"(~|%[rRwW]{1,2}~)(.*)\Z", word):
        letters = "".join(sorted(set(keys[1].strip("%~").upper())))
        access = {"R": KeyAccess.READ, "W": KeyAccess.WRITE}.get(letters, KeyAccess.READ_WRITE)
        return rules.keys(keys[2], access=access)
    if word[0] == "&":
        return rules.channels(word[1:])
    if word[0] in "+-":
        named = word[1:]
        what = _category(named[1:]) if named.startswith("@") else named
        return rules.allow(what) if word[0] == "+" else rules.deny(what)
    if numbers := re.match(r"db=(\d+(?:,\d+)*)\Z", plain):
        return rules.databases(*map(int, numbers[1].split(",")))
    raise error(
        "AccessString",
        "text",
        "contain only key and channel patterns, commands, categories and databases",
        repr(word),
        "remove it, and pass passwords to the user instead",
    )


def _category(name: str) -> Category:
    if name.lower() not in tuple(Category):
        raise error(
            "AccessString",
            "categories",
            "be categories of the engines",
            f"@{name}",
            f"choose one of {', '.join(Category)}",
        )
    return Category(name.lower())


def _pattern(what: str, pattern: str) -> str:
    if not _PATTERN.match(pattern):
        raise error(
            "AccessString",
            what,
            "be patterns without spaces and parentheses",
            repr(pattern),
            "write ? for such a character",
        )
    return pattern


def _command(what: Category | str) -> str:
    if isinstance(what, Category):
        return f"@{what.value}"
    name, bar, sub = what.lower().partition("|")
    known: dict[str, list[str]] = facts.load("commands")["commands"]
    if "." in name and not bar:
        return name  # a command of a module
    if name not in known and what in tuple(Category):
        return f"@{what}"
    if name not in known:
        raise error("AccessString", "commands", "be commands of the engines", repr(what), "correct the spelling")
    if bar and sub not in known[name] and known[name]:
        raise error(
            "AccessString",
            f"subcommands of {name}",
            f"be one of {', '.join(known[name])}",
            repr(sub),
            "choose one of them",
        )
    if bar and not known[name]:
        raise error("AccessString", name, "have no subcommand", repr(what), f"leave |{sub} out")
    return f"{name}{bar}{sub}"


DATA_ACCESS: Final = (
    AccessString.on()
    .keys("*")
    .channels("*")
    .allow(Category.ALL)
    .deny(Category.DANGEROUS)
    .allow("info", "cluster|slots", "cluster|shards", "cluster|nodes", "cluster|info")
)
"""All keys and channels, all commands that are not dangerous, and the commands that cluster clients need."""

NO_ACCESS: Final = AccessString.off().deny(Category.ALL)
"""Disabled, and without permission for any command."""
