"""The commands of a client of redis, read from its stream: those that authenticate can be changed on the way."""

from collections.abc import Callable
from typing import Final

Words = list[bytes]
_END: Final = b"\r\n"
# Of a line with a number, and of a whole command that authenticates.
_LONGEST_LINE: Final = 64
_LONGEST_COMMAND: Final = 64 * 1024
_AUTHENTICATING: Final = (b"AUTH", b"HELLO")


class _Incomplete(Exception):  # noqa: N818 - no error: the rest of a command has not come yet
    pass


class Commands:
    """Passes a stream on, with the AUTH and HELLO commands changed.

    What it cannot read is passed on as it is, from there to the end of the stream.

    :param change: returns the words of such a command as they are passed on.
    """

    def __init__(self, change: Callable[[Words], Words]) -> None:
        self._change = change
        self._rest = b""
        # Of the command that is passed on now: words left, and bytes left of a word.
        self._words, self._bytes, self._raw = 0, 0, False

    def feed(self, data: bytes) -> bytes:
        """What to pass on, once this has come; the beginning of a command that may have to change is kept back."""
        if self._raw:
            return data
        data, at, passed = self._rest + data, 0, bytearray()
        try:
            while at < len(data):
                at = self._step(data, at, passed)
        except _Incomplete:
            if len(data) - at > _LONGEST_COMMAND:
                self._raw = True
        except ValueError:
            self._raw = True
        if self._raw:
            passed += data[at:]
            at = len(data)
        self._rest = data[at:]
        return bytes(passed)

    def _step(self, data: bytes, at: int, passed: bytearray) -> int:
        """Pass on the next part; returns where the one after it begins."""
        if self._bytes:
            end = min(len(data), at + self._bytes)
            self._bytes -= end - at
        elif self._words:
            length, end = _number(data, at, b"$")
            self._bytes = length + len(_END)
            self._words -= 1
        elif data[at : at + 1] != b"*":
            # A command in one line, as a person types it; none that clients authenticate with.
            _, end = _line(data, at, _LONGEST_COMMAND)
        else:
            return self._command(data, at, passed)
        passed += data[at:end]
        return end

    def _command(self, data: bytes, at: int, passed: bytearray) -> int:
        count, start = _number(data, at, b"*")
        if count > 0:
            length, name = _number(data, start, b"$")
            if length <= max(map(len, _AUTHENTICATING)):
                if name + length > len(data):
                    raise _Incomplete
                if data[name : name + length].upper() in _AUTHENTICATING:
                    words, end = _words(data, start, count)
                    passed += encoded(self._change(words))
                    return end
        self._words = max(count, 0)
        passed += data[at:start]
        return start


def _words(data: bytes, at: int, count: int) -> tuple[Words, int]:
    words = []
    for _ in range(count):
        length, start = _number(data, at, b"$")
        at = start + length + len(_END)
        if at > len(data):
            raise _Incomplete
        words.append(data[start : start + length])
    return words, at


def _number(data: bytes, at: int, kind: bytes) -> tuple[int, int]:
    """The number in a line such as `$3`, and where the next line begins."""
    line, end = _line(data, at, _LONGEST_LINE)
    if line[:1] != kind or not line[1:].isdigit():
        raise ValueError(f"a line must be {kind.decode()} and a number, got {line!r}")
    return int(line[1:]), end


def _line(data: bytes, at: int, longest: int) -> tuple[bytes, int]:
    end = data.find(_END, at, at + longest)
    if end < 0:
        if len(data) - at >= longest:
            raise ValueError(f"a line must have fewer than {longest} bytes")
        raise _Incomplete
    return data[at:end], end + len(_END)


def encoded(words: Words) -> bytes:
    """A command as it goes over the wire."""
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(each), each) for each in words)
