"""Secrets as AUTH tokens and passwords, by dynamic references."""

import re
import string
from collections.abc import Iterator, Mapping
from typing import Any, Final

from elasticache_rules import facts
from elasticache_rules.finding import Severity
from elasticache_rules.registry import Violation, rule
from elasticache_rules.rules.common import GUIDE, REPLICATION_GROUP, USER, values_at
from elasticache_rules.template import Composite, Reference, Resource, Unknown

_SECRET: Final = "AWS::SecretsManager::Secret"  # noqa: S105 - a type
_DYNAMIC: Final = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html"
_ALLOWED: Final = frozenset("!&#$^<>-")
_REFUSED: Final = frozenset('/"@')
_PLACES: Final = {REPLICATION_GROUP: ("AuthToken",), USER: ("Passwords", "AuthenticationMode.Passwords")}
_KEY: Final = re.compile(r"(?::(?:SecretString)?(?::([^:}]*)[^}]*)?)?\}\}")


@rule("access/generated-secret", *_PLACES, source=f"{GUIDE}auth.html")
def generated_secret(resource: Resource) -> Iterator[Violation]:
    """A secret that Secrets Manager generates has a value that ElastiCache accepts."""
    for dotted in _PLACES[resource.type]:
        for path, value in values_at(resource.properties, dotted):
            secret = _secret(resource, value)
            if secret is None:
                continue
            generated, key = secret
            problem = _problem(generated, key, token=resource.type == REPLICATION_GROUP)
            if problem:
                must, fix, severity = problem
                yield Violation(property=path, value=value, must=must, fix=fix, severity=severity)


def _secret(resource: Resource, value: object) -> tuple[Mapping[str, Any], str] | None:
    """How the secret of a dynamic reference is generated, and the key of its JSON."""
    if not isinstance(value, Composite) or not value.prefix.startswith("{{resolve:secretsmanager:"):
        return None
    target = resource.template.follow(value)
    generated = target.get("GenerateSecretString") if target is not None and target.type == _SECRET else None
    rest = value.parts[2] if len(value.parts) == 3 and isinstance(value.parts[1], Reference) else None
    match = _KEY.match(rest) if isinstance(rest, str) else None
    if match is None or not isinstance(generated, Mapping):
        return None
    return generated, match[1] or ""


def _problem(generated: Mapping[str, Any], key: str, *, token: bool) -> tuple[str, str, Severity | None] | None:
    wanted = generated.get("GenerateStringKey")
    if isinstance(wanted, str) and not key:
        severity = None if token else Severity.WARNING
        return (
            "be one value of the secret, which is a JSON document",
            f"name its key, {wanted}, in the reference: SecretString:{wanted}",
            severity,
        )
    if wanted is None and key:
        return "be the whole secret, which is no JSON document", "remove the key from the reference", Severity.WARNING
    if wanted != (key or None):
        return None  # another value of the document, or an unknown one
    least, most = (facts.limit("auth_token_length" if token else "password_length", edge) for edge in ("min", "max"))
    length = generated.get("PasswordLength", 32)
    if isinstance(length, int) and not least <= length <= most:
        return f"have {least} to {most} characters, and {length} are generated", "change PasswordLength", None
    return _characters(generated, token=token)


def _characters(generated: Mapping[str, Any], *, token: bool) -> tuple[str, str, Severity | None] | None:
    if _is_true(generated.get("IncludeSpace")):
        return "hold no space", "remove IncludeSpace", None if token else Severity.WARNING
    excluded = generated.get("ExcludeCharacters", "")
    if isinstance(generated.get("ExcludePunctuation"), Unknown) or not isinstance(excluded, str):
        return None
    if _is_true(generated.get("ExcludePunctuation")):
        return None
    left = frozenset(string.punctuation) - frozenset(excluded)
    if token and left - _ALLOWED:
        severity = None if left & _REFUSED else Severity.WARNING
        return "hold only letters, digits and ! & # $ ^ < > -", "set ExcludePunctuation to true", severity
    if not token and "," in left:
        return "hold no comma", "set ExcludePunctuation to true", Severity.WARNING
    return None


def _is_true(value: object) -> bool:
    return str(value).lower() == "true"


@rule("access/secure-string", REPLICATION_GROUP, USER, source=_DYNAMIC)
def secure_string(resource: Resource) -> Iterator[Violation]:
    """A secure string of Parameter Store is only for AuthToken; CloudFormation resolves it in no other property."""
    for name, value in resource.properties.items():
        if name != "AuthToken":
            for path in _secure(value, name):
                yield Violation(
                    property=path,
                    value="{{resolve:ssm-secure:...}}",
                    must="hold no ssm-secure reference",
                    fix="use {{resolve:secretsmanager:...}}",
                )


def _secure(value: object, path: str) -> Iterator[str]:
    if isinstance(value, (str, int)):
        return
    if isinstance(value, Unknown | Composite):
        text = value.text if isinstance(value, Unknown) else value.prefix
        if text.startswith("{{resolve:ssm-secure:"):
            yield path
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from _secure(item, f"{path}.{name}")
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _secure(item, f"{path}.{number}")
