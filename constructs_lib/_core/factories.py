"""Values that only their factories create: a union of alternatives, of which each has fields of its own."""

from dataclasses import MISSING, fields
from typing import ClassVar, Self, TypeVar

T = TypeVar("T")


class CreatedByFactory:
    """A value without a public constructor; a subclass is a dataclass with `init=False` and names its factories.

    :raises TypeError: on direct construction.
    """

    __slots__ = ()
    _factories: ClassVar[tuple[str, ...]]

    def __init__(self, *_: object, **__: object) -> None:
        raise no_constructor(type(self).__name__, self._factories)

    @classmethod
    def _of(cls, **values: object) -> Self:
        return build(cls, **values)


def build(cls: type[T], **values: object) -> T:
    """A value of a frozen dataclass, past its constructor; fields that are not given have their defaults."""
    created = object.__new__(cls)
    for field in fields(cls):  # type: ignore[arg-type]  # every caller passes a dataclass
        value = values.pop(field.name, field.default)
        assert value is not MISSING, field.name  # noqa: S101 - a factory that forgets a field
        object.__setattr__(created, field.name, value)
    assert not values, values  # noqa: S101 - a factory that misspells a field
    return created


def no_constructor(name: str, factories: tuple[str, ...]) -> TypeError:
    """The error of a class that is not constructed directly."""
    return TypeError(
        f"{name}: it has no public constructor; use {' or '.join(f'{name}.{factory}' for factory in factories)}"
    )
