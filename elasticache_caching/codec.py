"""Values as JSON. Pickle is not used, because write access to the cache would allow running code in its readers."""

from __future__ import annotations

import dataclasses
import enum
import functools
import json
from typing import Any, Callable, Generic, TypeVar, cast, get_args, get_origin, get_type_hints

from elasticache_caching.errors import ConfigurationError, ValueRefusedError
from elasticache_caching.limits import is_integer

T = TypeVar("T")
MAX_SCHEMA = 65_535
# The JSON types of each field type; another type is a miss. JSON may contain 1 for the float 1.0.
_SCALARS: dict[Any, Any] = {str: str, bool: bool, int: int, float: (int, float)}
_parse = json.JSONDecoder().raw_decode  # half the time of `json.loads`, which also accepts white space around a value


class Json(Generic[T]):
    """Encodes values as JSON: the types of JSON, and dataclasses, also nested, in lists, dicts and optional fields.

    A field may also have an enumeration of strings or integers. Each value is decoded again before it is stored. A
    value that would change (a tuple, a dict whose keys are not strings, NaN) is refused. An instance of a subclass of a
    JSON type that is in a dict or list without declared types comes back as the JSON type.

    Example: `Json(Product, schema=3)`, `Json(list[Product])`, or `Json(Decimal, to_json=str, from_json=Decimal)`.

    :param kind: the type of the values.
    :param schema: 0 to 65,535, 1 by default; raise it whenever the type changes. Values of another schema are misses.
    :param to_json: converts a value to types of JSON; by default a dataclass to its fields, and no other value.
    :param from_json: the inverse of `to_json`; pass both or neither.
    :raises ConfigurationError: if an argument is out of range.
    """

    def __init__(
        self,
        kind: type[T],
        *,
        schema: int = 1,
        to_json: Callable[[T], object] | None = None,
        from_json: Callable[[Any], T] | None = None,
    ) -> None:
        if not is_integer(schema, 0, MAX_SCHEMA):
            raise ConfigurationError(f"Json: schema must be 0 to {MAX_SCHEMA}, got {schema!r}; start again at 0")
        if (to_json is None) != (from_json is None):
            raise ConfigurationError("Json: only one of to_json and from_json is set; pass both or neither")
        self.schema, self._kind = schema, kind
        self._to_json = to_json or (lambda value: value)
        is_plain = type(kind) is type and not dataclasses.is_dataclass(kind)
        self._from_json = from_json or (self._checked if is_plain else lambda data: cast("T", _restored(kind, data)))

    def encode(self, value: T) -> bytes:
        """The bytes of a value.

        :raises ValueRefusedError: if the value cannot be restored from JSON.
        """
        try:
            encoded = _encode(self._to_json(value)).encode()
            same = self.decode(encoded) == value
        except Exception as error:
            raise ValueRefusedError(f"{type(value).__name__} cannot be encoded as JSON: {error}") from error
        if not same:
            message = f"{type(value).__name__} changes when it is restored from JSON; pass to_json and from_json"
            raise ValueRefusedError(message)
        return encoded

    def decode(self, body: bytes) -> T:
        """The value of the bytes; raises the errors of `json` or of the type for invalid bytes."""
        text = body.decode()
        data, end = _parse(text)
        if end != len(text):
            raise ValueError("one JSON value expected, got more")
        return self._from_json(data)

    def _checked(self, data: object) -> T:
        if not isinstance(data, self._kind):
            raise TypeError(f"{self._kind.__name__} expected, got {type(data).__name__}")
        return data


def _fields(value: object) -> dict[str, Any]:
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        raise TypeError(f"{type(value).__name__} is not a type of JSON; pass to_json and from_json")
    return dataclasses.asdict(value)


_encode = json.JSONEncoder(separators=(",", ":"), allow_nan=False, ensure_ascii=False, default=_fields).encode
_hints = functools.lru_cache(maxsize=None)(get_type_hints)


def _restored(hint: Any, data: Any) -> Any:
    """The inverse of `dataclasses.asdict`."""
    origin, arguments = get_origin(hint), get_args(hint)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        hints = _hints(hint)
        return hint(**{name: _restored(hints[name], item) for name, item in data.items()})
    if origin is list and arguments:
        return [_restored(arguments[0], item) for item in data]
    if origin is dict and arguments:
        return {name: _restored(arguments[1], item) for name, item in data.items()}
    inner = [argument for argument in arguments if argument is not type(None)]
    if len(inner) == 1 and len(arguments) == 2:  # an optional field
        return None if data is None else _restored(inner[0], data)
    if isinstance(hint, enum.EnumMeta):
        return hint(data)
    # Other metaclasses, as of a TypedDict or an abstract class, may not support `isinstance`.
    allowed = _SCALARS.get(hint, hint) if type(hint) is type else None
    if allowed is not None and not isinstance(data, allowed):
        raise TypeError(f"{hint.__name__} expected, got {type(data).__name__}")
    return data
