"""Users: passwords, and the grammar of access strings."""

import re
from collections.abc import Iterator
from functools import lru_cache

from elasticache_rules import facts
from elasticache_rules.finding import Severity
from elasticache_rules.output import counted
from elasticache_rules.registry import Violation, rule
from elasticache_rules.rules.common import API, GUIDE, USER
from elasticache_rules.template import Resource

_SOURCE = f"{GUIDE}Clusters.RBAC.html"
_KEYWORDS = frozenset(
    {
        "on",
        "off",
        "allkeys",
        "resetkeys",
        "allchannels",
        "resetchannels",
        "allcommands",
        "nocommands",
        "clearselectors",
        "sanitize-payload",
        "skip-sanitize-payload",
    }
)
_TYPES = ("password", "no-password-required", "iam")
_COMMAND = re.compile(r"[+-][a-zA-Z][\w.|:-]*\Z", re.ASCII)
_CATEGORY = re.compile(r"[+-]@(\w+)\Z", re.ASCII)
_PATTERN = re.compile(r"(~|&|%(R|W|RW|WR)~)\S*\Z", re.IGNORECASE)
_DATABASE = re.compile(r"(db|alldbs|resetdbs)(=[0-9,*]+)?\Z")


def _authentication(user: Resource) -> tuple[str | None, list[object] | None]:
    """The authentication type and the passwords, from either property."""
    mode = user.get("AuthenticationMode")
    if isinstance(mode, dict):
        value, passwords = mode.get("Type"), mode.get("Passwords")
        return (value if isinstance(value, str) else None), passwords if isinstance(passwords, list) else None
    kind = "no-password-required" if user.boolean("NoPasswordRequired") else None
    return kind, user.items("Passwords")


@rule("users/passwords", USER, source=f"{API}API_CreateUser.html", absent=("User.Passwords",))
def passwords(user: Resource) -> Iterator[Violation]:
    """A user has at most two passwords of 16 to 128 characters, and none with another authentication type."""
    kind, values = _authentication(user)
    everything = [*(values or []), *(user.items("Passwords") or [] if values is not user.items("Passwords") else [])]
    least, most = facts.limit("password_length", "min"), facts.limit("password_length", "max")
    for password in everything:
        if isinstance(password, str) and not least <= len(password) <= most:
            yield Violation(
                property="Passwords",
                value=f"a password of {counted(len(password), 'character')}",
                must=f"have {least} to {most} characters",
                fix="generate one in Secrets Manager",
            )
        elif isinstance(password, str) and ("," in password or " " in password):
            yield Violation(
                property="Passwords",
                value="a password with a comma or a space",
                must="hold neither comma nor space",
                fix="generate one in Secrets Manager",
                severity=Severity.WARNING,
            )
    if len(everything) > facts.load("limits")["passwords_per_user"]:
        yield Violation(
            property="Passwords", value=f"{len(everything)} passwords", must="be at most 2", fix="remove the oldest"
        )
    mode = user.get("AuthenticationMode")
    given = mode.get("Passwords") if isinstance(mode, dict) else None
    if kind == "password" and given in (None, []) and (user.lacks("Passwords") or user.get("Passwords") == []):
        yield Violation(
            property="AuthenticationMode.Passwords", value=None, must="hold a password", fix="add one or two"
        )
    if kind in ("no-password-required", "iam") and everything:
        yield Violation(
            property="Passwords",
            value=f"{len(everything)} passwords",
            must=f"be absent with {kind}",
            fix="remove the password, or choose the type password",
        )


@rule("users/both-modes", USER, source=f"{API}API_CreateUser.html")
def both_modes(user: Resource) -> Iterator[Violation]:
    """NoPasswordRequired and Passwords exclude each other."""
    if user.boolean("NoPasswordRequired") and user.items("Passwords") and user.has("AuthenticationMode"):
        yield Violation(
            property="NoPasswordRequired", value=True, must="be absent with Passwords", fix="keep one of the two"
        )


@rule("users/authentication-type", USER, source=f"{API}API_CreateUser.html")
def authentication_type(user: Resource) -> Iterator[Violation]:
    """The authentication mode has a type: password, no-password-required or iam."""
    mode = user.get("AuthenticationMode")
    if not isinstance(mode, dict):
        return
    kind = mode.get("Type")
    if "Type" in mode and (not isinstance(kind, str) or kind.lower() in _TYPES):
        return
    yield Violation(
        property="AuthenticationMode.Type",
        value=kind,
        must=f"be {', '.join(_TYPES[:-1])} or {_TYPES[-1]}",
        fix="state Type; CloudFormation writes it with a capital T" if "type" in mode else "choose one of them",
    )


@rule("users/name", USER, source=f"{API}API_CreateUser.html", severity=Severity.WARNING)
def user_name(user: Resource) -> Iterator[Violation]:
    """A user name has at most 120 characters and no space."""
    value = user.text("UserName")
    if value is not None and (len(value) > 120 or " " in value):
        yield Violation(
            property="UserName",
            value=value,
            must="have at most 120 characters and no space",
            fix="shorten it" if len(value) > 120 else "write it without spaces",
        )


@rule("users/access-string", USER, source=_SOURCE)
def access_string(user: Resource) -> Iterator[Violation]:
    """The access string is present and follows the grammar that ElastiCache accepts."""
    if user.lacks("AccessString") or user.get("AccessString") == "":
        yield Violation(
            property="AccessString",
            value=user.get("AccessString"),
            must="be stated",
            fix="say what the user may do, such as 'on ~* +@read'",
        )
        return
    text = user.text("AccessString")
    fault = None if text is None else _fault(text)
    if fault is not None:
        yield fault


@lru_cache(maxsize=64)
def _fault(text: str) -> Violation | None:
    """The first fault of an access string; kept, because many users have the same one."""
    tokens = re.sub(r"[()]", " ", text).split()
    for token in tokens:
        problem = _problem(token)
        if problem:
            return Violation(
                property="AccessString",
                value="a password rule" if token[0] in "><#!" else token,
                must=problem,
                fix="correct this part of the access string",
            )
    for token in tokens:
        command = _unknown_command(token)
        if command:
            return Violation(
                property="AccessString",
                value=token,
                must=f"name commands that exist, and {command} is not known here",
                fix="correct the name of the command",
                severity=Severity.WARNING,
            )
    if text.count("(") != text.count(")"):
        return Violation(
            property="AccessString", value=text, must="close every selector's parenthesis", fix="add what is missing"
        )
    return None


def _problem(token: str) -> str:
    """The problem with a token; empty if there is none."""
    plain = token.lower()
    if token[0] in "><#!" or plain in ("nopass", "resetpass"):
        return "hold no password rule (> < # ! nopass resetpass); passwords are a property of the user"
    if plain == "reset":
        return "not hold reset"
    category = _CATEGORY.match(token)
    if category:
        known = category[1].lower() in facts.load("features")["access_string_categories"]
        return "" if known else f"name categories that exist (@{category[1]} does not)"
    if plain in _KEYWORDS or _COMMAND.match(token) or _PATTERN.match(token) or _DATABASE.match(plain):
        return ""
    return "hold only on, off, key and channel patterns, commands with + or -, and categories"


def _unknown_command(token: str) -> str:
    """The token's command if no engine has it; commands of modules contain a dot."""
    if not _COMMAND.match(token):
        return ""
    commands: dict[str, list[str]] = facts.load("commands")["commands"]
    name, _, inner = token[1:].lower().partition("|")
    if "." in name or (name in commands and (not inner or not commands[name] or inner in commands[name])):
        return ""
    return token[1:]
