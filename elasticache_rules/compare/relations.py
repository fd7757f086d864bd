"""Decides whether two values of a property are equal, or only known at deployment."""

from collections.abc import Iterable, Iterator
from enum import Enum
from typing import Any, Final

Form = tuple[Any, ...]
"""A value with one spelling: its first item is one of the tags below."""
ABSENT: Final[Form] = ("absent",)
TEXT, LIST, MAP, REF, PARTS, IF, UNKNOWN = "text", "list", "map", "ref", "parts", "if", "unknown"
_MOST_LEAVES: Final = 64
"""How many values of nested conditions are compared with each other; more are uncertain."""


class Relation(Enum):
    """How two values relate."""

    SAME = "same"
    DIFFERENT = "different"
    UNCERTAIN = "uncertain"


def relation(first: Form, second: Form) -> Relation:
    """How two values of a property relate, one from each template."""
    if first == second:
        return Relation.SAME
    return _conditional(first, second) if IF in (first[0], second[0]) else _plain(first, second)


def _conditional(first: Form, second: Form) -> Relation:
    if first[:2] == second[:2]:
        # One condition with two outcomes: equal in both, different in both, or dependent on the condition.
        relations = {relation(one, other) for one, other in zip(first[2:], second[2:], strict=True)}
    else:
        ones, others = list(_leaves(first)), list(_leaves(second))
        if len(ones) * len(others) > _MOST_LEAVES:
            return Relation.UNCERTAIN
        relations = {relation(one, other) for one in ones for other in others}
    return relations.pop() if len(relations) == 1 else Relation.UNCERTAIN


def _plain(first: Form, second: Form) -> Relation:
    if ABSENT in (first, second):
        return Relation.DIFFERENT
    if first[0] == second[0] == REF and first[1:3] == second[1:3]:
        return Relation.SAME
    if first[0] == second[0] == LIST:
        return _lists(first[1], second[1])
    if first[0] == second[0] == MAP:
        one, other = dict(first[1]), dict(second[1])
        return _all(relation(one.get(key, ABSENT), other.get(key, ABSENT)) for key in {**one, **other})
    return _texts(first, second)


def _lists(first: tuple[Form, ...], second: tuple[Form, ...]) -> Relation:
    if len(first) == len(second):
        return _all(relation(one, other) for one, other in zip(first, second, strict=True))
    uncertain = any(item[0] in (IF, UNKNOWN) for item in (*first, *second))
    return Relation.UNCERTAIN if uncertain else Relation.DIFFERENT


def _texts(first: Form, second: Form) -> Relation:
    one, other = _text_of(first), _text_of(second)
    if one is not None and other is not None:
        return Relation.SAME if one == other else Relation.DIFFERENT
    if first[0] == second[0] == PARTS and len(first[1]) == len(second[1]):
        return _all(relation(mine, theirs) for mine, theirs in zip(first[1], second[1], strict=True))
    if first[0] == second[0] == REF:
        return Relation.DIFFERENT
    tags = {first[0], second[0]}
    if tags & {UNKNOWN, REF, PARTS}:
        return Relation.UNCERTAIN
    return Relation.DIFFERENT


def _text_of(form: Form) -> str | None:
    """The text of a value, with the names of the resources that it refers to; None when unknown."""
    if form[0] == TEXT:
        return str(form[1])
    if form[0] == REF:
        return form[3] if isinstance(form[3], str) else None
    if form[0] == PARTS:
        texts = [_text_of(item) for item in form[1]]
        known = [text for text in texts if text is not None]
        return "".join(known) if len(known) == len(texts) else None
    return None


def _all(relations: Iterable[Relation]) -> Relation:
    distinct = set(relations)
    if Relation.DIFFERENT in distinct:
        return Relation.DIFFERENT
    return Relation.UNCERTAIN if Relation.UNCERTAIN in distinct else Relation.SAME


def _leaves(form: Form) -> Iterator[Form]:
    """The values that nested conditions choose from."""
    if form[0] == IF:
        for side in form[2:]:
            yield from _leaves(side)
    else:
        yield form
