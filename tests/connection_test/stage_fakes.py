"""Connections that answer from a table or from memory, and the context of a stage with one."""

import time
from dataclasses import replace
from typing import Any, cast

from connection_test import config
from connection_test.context import Context
from connection_test.resp import Connection
from connection_test.slots import Node

ENDPOINT = config.Endpoint("primary", "cache.example", 6379)
NODE = Node("cache.example", 6379)
DEAD, ALIVE = "10.0.0.1", "10.0.0.2"


class Open:
    def close(self) -> None:
        """Nothing is open."""


class Server:
    """Answers commands from a table; an exception is raised."""

    def __init__(self, **answers: Any) -> None:
        self.answers, self.calls = answers, list[tuple[Any, ...]]()

    def call(self, *words: Any) -> Any:
        self.calls.append(words)
        answer = self.answers.get(str(words[0]).replace(" ", "_"), "OK")
        answer = answer(*words[1:]) if callable(answer) else answer
        if isinstance(answer, Exception):
            raise answer
        return answer

    def text(self, *words: Any) -> str:
        return str(self.call(*words))

    def close(self) -> None:
        """Nothing is open."""


class Memory(Server):
    """Keeps what is set; a read may be late, in seconds."""

    def __init__(self, *, late: float = 0.0, other: str = "") -> None:
        self.held: dict[str, tuple[float, str]] = {}
        self.late, self.other = late, other
        self.role = {"role": "slave", "master_link_status": "up"}
        super().__init__(SET=self.set, GET=self.get, DEL=lambda key: self.held.pop(key, None))

    def set(self, key: str, value: Any, *_: Any) -> str:
        self.held[key] = (time.monotonic(), str(value))
        return "OK"

    def info(self, section: str) -> dict[str, str]:
        return self.role

    def get(self, key: str) -> str | None:
        at, value = self.held.get(key, (0.0, ""))
        return None if time.monotonic() - at < self.late else self.other or value or None


def context_of(connection: Server | None = None, **settings: Any) -> Context:
    context = Context(replace(config.Config([ENDPOINT]), **settings))
    context.connection = cast("Connection", connection)
    return context


def codes(context: Context) -> list[str]:
    return [code for code, _, _ in context.warnings]


def slots_reply(*ranges: tuple[int, int]) -> list[Any]:
    return [[first, last, [f"node{index}", 6379]] for index, (first, last) in enumerate(ranges)]
