"""Parses the commands of a redis client from its stream, to change those that authenticate."""

from collections.abc import Callable
from typing import Final

Words = list[bytes]
_END: Final = b"\r\n"
# The maximum length of a line with a number, and of a whole command that authenticates.
_LONGEST_LINE: Final = 64
_LONGEST_COMMAND: Final = 64 * 1024
_AUTHENTICATING: Final = (b"AUTH", b"HELLO")


class _Incomplete(Exception):  # noqa: N818 - no error: the rest of a command has not been received yet
    pass


class Commands:
    """Changes the AUTH and HELLO commands in a stream.

    From the first bytes that are not valid on, the rest of the stream is unchanged.

    :param change: returns the words that replace those of an AUTH or HELLO command.
    """

    def __init__(self, change: Callable[[Words], Words]) -> None:
        self._change = change
        self._rest = b""
        # The remaining words of the current command, and the remaining bytes of the current word.
        self._words, self._bytes, self._unparsed = 0, 0, False

    def feed(self, data: bytes) -> bytes:
        """Returns the data to forward after more was received; keeps an incomplete AUTH or HELLO command for later."""
        if self._unparsed:
            return data
        data, at, output = self._rest + data, 0, bytearray()
        try:
            while at < len(data):
                at = self._step(data, at, output)
        except _Incomplete:
            if len(data) - at > _LONGEST_COMMAND:
                self._unparsed = True
        except ValueError:
            self._unparsed = True
        if self._unparsed:
            output += data[at:]
            at = len(data)
        self._rest = data[at:]
        return bytes(output)

    def _step(self, data: bytes, at: int, output: bytearray) -> int:
        """Forward the next part; returns the position of the part after it."""
        if self._bytes:
            end = min(len(data), at + self._bytes)
            self._bytes -= end - at
        elif self._words:
            length, end = _number(data, at, b"$")
            self._bytes = length + len(_END)
            self._words -= 1
        elif data[at : at + 1] != b"*":
            # An inline command, as a person types it. Clients do not authenticate with inline commands.
            _, end = _line(data, at, _LONGEST_COMMAND)
        else:
            return self._command(data, at, output)
        output += data[at:end]
        return end

    def _command(self, data: bytes, at: int, output: bytearray) -> int:
        count, start = _number(data, at, b"*")
        if count > 0:
            length, name = _number(data, start, b"$")
            if length <= max(map(len, _AUTHENTICATING)):
                if name + length > len(data):
                    raise _Incomplete
                if data[name : name + length].upper() in _AUTHENTICATING:
                    words, end = _words(data, start, count)
                    output += encoded(self._change(words))
                    return end
        self._words = max(count, 0)
        output += data[at:start]
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
    """The number in a line such as `$3`, and the position of the next line."""
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
    """A command in the redis protocol."""
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)
