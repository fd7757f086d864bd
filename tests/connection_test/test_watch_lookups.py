"""How often the watch looks up the names of an interrupted cache."""

import time

import pytest
from connection_test import transport
from connection_test.config import Config, Endpoint
from connection_test.slots import Node, Shard
from connection_test.watch_link import Credentials
from connection_test.watch_routes import Routes


class EndOfLoopError(Exception):
    """Ends the loop of look-ups."""


def test_names_are_looked_up_twice_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    elapsed, looked_up = [0.0], []

    def resolve(config: Config, host: str, port: int) -> list[tuple[str, int]]:
        looked_up.append((host, elapsed[0]))
        return [("127.0.0.1", port)]

    def sleep(seconds: float) -> None:
        elapsed[0] += seconds
        if elapsed[0] > 1:
            raise EndOfLoopError

    monkeypatch.setattr(transport, "resolve", resolve)
    monkeypatch.setattr(time, "sleep", sleep)
    config = Config([Endpoint("primary", "a", 1)], tls=False)
    routes = Routes(config, Credentials(config), [Shard(Node("a", 1), [(0, 16383)], [])])
    routes.addresses(Node("a", 1))
    looked_up.clear()
    routes._searching.set()
    with pytest.raises(EndOfLoopError):
        routes._resolve_again()
    assert looked_up == [("a", 0.0), ("a", 0.5), ("a", 1.0)]
