"""Users of a cache, and what their access strings allow, in words."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from elasticache_operations.picture.model import User
from elasticache_operations.picture.sources import Source
from elasticache_rules.rules.common import REPLICATION_GROUP, SERVERLESS_CACHE, USER, USER_GROUP
from elasticache_rules.template import Resource

_OFF: Final = "nothing: the user is off"
_PROOFS: Final = {"iam": "IAM token", "password": "password", "no-password-required": "nothing"}
_GROUPS: Final = {REPLICATION_GROUP: "UserGroupIds", SERVERLESS_CACHE: "UserGroupId"}
_KEY: Final = re.compile(r"(?:%(R|W|RW|WR))?~(.*)\Z", re.IGNORECASE)
_RIGHTS: Final = {"R": "read keys", "W": "write keys", None: "keys", "RW": "keys", "WR": "keys"}


def users_of(cache: Resource) -> list[Resource] | None:
    """The users of a cache; None where the template does not show them.

    :param cache: a replication group or a serverless cache.
    """
    name = _GROUPS.get(cache.type, "")
    if not name or cache.lacks(name):
        return []
    value = cache.get(name)
    groups = [cache.template.follow(group, name) for group in (value if isinstance(value, list) else [value])]
    result: list[Resource] = []
    for group in groups:
        if group is None or group.type != USER_GROUP:
            return None
        members = group.targets("UserIds")
        if members is None:
            return None
        for member in members:
            if member is None or member.type != USER:
                return None
            result.append(member)
    return result


def users(source: Source, cache: Resource, name: str) -> Iterator[User]:
    """The users of a cache, as rows.

    :param name: of the cache in the picture.
    """
    for user in users_of(cache) or ():
        yield User(
            identity=source.identity(user),
            name=user.text("UserName") or user.logical_id,
            of=name,
            proof=proof_of(user),
            may=in_words(text) if (text := user.text("AccessString")) is not None else "what the deployment decides",
        )


def proof_of(user: Resource) -> str:
    """How a user authenticates."""
    mode = user.get("AuthenticationMode")
    kind = mode.get("Type") if isinstance(mode, dict) else None
    if isinstance(kind, str):
        return _PROOFS.get(kind, kind)
    if user.boolean("NoPasswordRequired"):
        return _PROOFS["no-password-required"]
    return _PROOFS["password"] if user.has("Passwords") else "not stated"


def is_off(user: Resource) -> bool:
    """Whether a user cannot log in."""
    return "off" in (user.text("AccessString") or "").lower().split()


def in_words(access_string: str) -> str:
    """What an access string allows, in words.

    :param access_string: such as `on ~app:* +@read`.
    """
    text = access_string
    root = re.sub(r"\([^()]*\)", " ", text)
    tokens = root.split()
    if "off" in (token.lower() for token in tokens) or "on" not in (token.lower() for token in tokens):
        return _OFF
    parts = [_scope(tokens)]
    parts += [_scope(selector.split()) for selector in re.findall(r"\(([^()]*)\)", text)]
    return "; or ".join(parts)


def _scope(tokens: Iterable[str]) -> str:
    tokens = list(tokens)
    return f"{_commands(tokens)}; {_keys(tokens)}; {_channels(tokens)}"


def _commands(tokens: list[str]) -> str:
    base, groups = "no command", list[tuple[str, list[str]]]()
    for token in tokens:
        plain = token.lower()
        if plain in ("+@all", "allcommands"):
            base, groups = "every command", []
        elif plain in ("-@all", "nocommands"):
            base, groups = "no command", []
        elif plain[0] in "+-":
            if not groups or groups[-1][0] != plain[0]:
                groups.append((plain[0], []))
            groups[-1][1].append(plain[1:])
    if base == "no command" and groups and groups[0][0] == "+":
        base = f"only {', '.join(groups.pop(0)[1])}"
    return "".join([base, *(f"{', plus' if sign == '+' else ' except'} {', '.join(names)}" for sign, names in groups)])


def _keys(tokens: list[str]) -> str:
    allowed: dict[str, list[str]] = {}
    for token in tokens:
        plain = token.lower()
        match = _KEY.match(token)
        if plain in ("allkeys", "~*"):
            allowed = {"all keys": []}
        elif plain == "resetkeys":
            allowed = {}
        elif match and "all keys" not in allowed:
            right = _RIGHTS[match[1].upper() if match[1] else None]
            allowed.setdefault(right, []).append(match[2])
    return " and ".join(f"{right} {', '.join(names)}".strip() for right, names in allowed.items()) or "no keys"


def _channels(tokens: list[str]) -> str:
    names: list[str] = []
    for token in tokens:
        plain = token.lower()
        if plain in ("allchannels", "&*"):
            names = ["*"]
        elif plain == "resetchannels":
            names = []
        elif token[0] == "&" and names != ["*"]:
            names.append(token[1:])
    return "all channels" if names == ["*"] else f"channels {', '.join(names)}" if names else "no channels"
