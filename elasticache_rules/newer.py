"""Decides which unknown names may be newer than the facts: those get a warning, all others an error.

A type may be newer when its size is larger than the known ones of its family, or when its family has the newest
generation that its letter is known in, or a later one; sizes of EC2 instances are added in any order. A known type
of the newest generation may have come to a region. A version may be newer when it is later than the last known one, and
its engine still has new versions: Redis OSS ended at 7.1.
"""

import re
from collections.abc import Collection
from typing import Final

from elasticache_rules import facts

_FAMILY: Final = re.compile(r"([a-z]{1,3}?)([0-9]{1,2})([abdeghinz]{0,4}|u)(-(flex|gb[0-9]{3}|[0-9]{1,2}tb))?\Z")
_SIZE: Final = re.compile(r"(nano|micro|small|medium|large|([0-9]{0,3})xlarge|metal(-[0-9]{1,3}xl)?)\Z")
_LETTERS: Final = ("c", "m", "r", "x")
"""Letters that a service may take over from another one, with the newest generation."""
_SMALL: Final = ("nano", "micro", "small", "medium", "large", "xlarge")
_GROWING: Final = frozenset({"valkey"})
"""Engines that still get new versions without a change of their form."""


def may_be_newer_type(name: str, known: Collection[str], *, any_size: bool = False) -> bool:
    """Whether a node type or instance type may have been added after the facts were recorded.

    :param name: family and size, such as `r9g.large`.
    :param known: the known names, in the same form.
    :param any_size: whether a family may get sizes between the known ones.
    """
    family, _, size = name.partition(".")
    family_match, measured = _FAMILY.match(family), _SIZE.match(size)
    if family_match is None or measured is None:
        return False
    sizes = [item.partition(".")[2] for item in known if item.startswith(f"{family}.")]
    if sizes and not any_size:
        return _rank(size) > max(map(_rank, sizes))
    families = {item.partition(".")[0] for item in known}
    same = [match for other in families if (match := _FAMILY.match(other)) and match[1] == family_match[1]]
    newest = max((int(match[2]) for match in same), default=_newest_of_all(families))
    never = family_match[1] == "t" or family_match[3] == "z" or (not same and family_match[1] not in _LETTERS)
    return not never and int(family_match[2]) >= newest


def may_have_come_to_region(name: str, known: Collection[str]) -> bool:
    """Whether a known node type may have been added to a region after the facts were recorded.

    A service adds the newest generation of each letter to one region after the other, and no older one.

    :param name: family and size, such as `r8g.large`.
    :param known: the known names, in the same form.
    """
    families = {item.partition(".")[0] for item in known}
    matches = {family: match for family in families if (match := _FAMILY.match(family))}
    own = matches.get(name.partition(".")[0])
    return own is not None and int(own[2]) == max(int(match[2]) for match in matches.values() if match[1] == own[1])


def may_be_newer_version(engine: str, version: str) -> bool:
    """Whether a version may have been added after the facts were recorded."""
    offered = facts.engine_versions(engine)
    key = facts.version_key(version)
    return (
        engine in _GROWING
        and "x" not in version
        and len(key) == len(facts.version_key(offered[-1]))
        and key > facts.version_key(offered[-1])
    )


def may_be_newer_family(family: str) -> bool:
    """Whether a parameter group family may have been added after the facts were recorded."""
    for engine in _GROWING:
        number = family.removeprefix(engine)
        newest = facts.version_key(facts.families(engine)[-1].removeprefix(engine))
        if family.startswith(engine) and facts.is_version(number) and "." not in number:
            return facts.version_key(number) > newest
    return False


def _newest_of_all(families: Collection[str]) -> int:
    return max(int(match[2]) for family in families if (match := _FAMILY.match(family)))


def _rank(size: str) -> int:
    if size in _SMALL:
        return _SMALL.index(size)
    return len(_SMALL) + int("".join(re.findall(r"[0-9]+", size)) or 1000)
