"""Value classes that only their factory methods create."""

from dataclasses import MISSING, fields
from typing import ClassVar, Self, TypeVar

T = TypeVar("T")


class CreatedByFactory:
    """A value without a public constructor. A subclass is a dataclass with `init=False` that lists its factories.

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
    """Create an instance of a frozen dataclass without its constructor; omitted fields have their defaults."""
    created = object.__new__(cls)
    for field in fields(cls):  # type: ignore[arg-type]  # every caller passes a dataclass
        value = values.pop(field.name, field.default)
        assert value is not MISSING, field.name  # noqa: S101 - a factory omits a field
        object.__setattr__(created, field.name, value)
    assert not values, values  # noqa: S101 - a factory misspells a field
    return created


def no_constructor(name: str, factories: tuple[str, ...]) -> TypeError:
    """The error for calling the constructor of a class that has only factories."""
    return TypeError(
        f"{name}: it has no public constructor; use {' or '.join(f'{name}.{factory}' for factory in factories)}"
    )
