"""Nodes, their answers, and what the watch knows of them, without a server."""

from typing import Any

from connection_test.config import Config, Endpoint
from connection_test.slots import Node, Shard
from connection_test.watch_link import Credentials
from connection_test.watch_routes import Routes

A, B, C = Node("a", 1), Node("b", 2), Node("c", 3)
ALL = [(0, 16383)]


class Server:
    """Answers commands from a table of lists, whose last answer is repeated; an exception is raised."""

    def __init__(self, **answers: list[Any]) -> None:
        self.answers, self.calls = answers, list[tuple[Any, ...]]()

    def call(self, *words: Any) -> Any:
        self.calls.append(words)
        answers = self.answers.get(str(words[0]), ["OK"])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def text(self, *words: Any) -> str:
        answer = self.call(*words)
        return "" if answer is None else str(answer)

    def close(self) -> None:
        pass


def config_of(**settings: Any) -> Config:
    return Config(**{"endpoints": [Endpoint("primary", "a", 1)], "tls": False, **settings})


def routes_of(shards: list[Shard], **settings: Any) -> Routes:
    config = config_of(**settings)
    return Routes(config, Credentials(config), shards)
