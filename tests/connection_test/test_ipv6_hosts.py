"""IPv6 addresses as hosts and as ends of tunnels."""

import pytest
from connection_test.options import parser, read_config


@pytest.mark.parametrize(
    ("value", "key", "target"),
    [
        ("cache.example:6379:[::1]:16379", "cache.example:6379", ("::1", 16379)),
        ("[2600:1f18::10]:6379:127.0.0.1:16379", "2600:1f18::10:6379", ("127.0.0.1", 16379)),
        ("cache.example:6379:10.0.0.1:6380", "cache.example:6379", ("10.0.0.1", 6380)),
    ],
)
def test_a_tunnel_to_or_from_an_ipv6_address(value: str, key: str, target: tuple[str, int]) -> None:
    config = read_config(parser().parse_args(["--host=cache.example", f"--connect-to={value}"]), "")
    assert config.connect_to == {key: target}


def test_hosts_in_brackets() -> None:
    config = read_config(parser().parse_args(["--host=[2600::1]", "--reader=[2600::2]:6380"]), "")
    assert [(each.host, each.port) for each in config.endpoints] == [("2600::1", 6379), ("2600::2", 6380)]
    config = read_config(parser().parse_args(["--host=2600::1", "--reader=2600::2"]), "")
    assert [(each.host, each.port) for each in config.endpoints] == [("2600::1", 6379), ("2600::2", 6379)]


@pytest.mark.parametrize("value", ["cache.example:6379:::1:16379", "cache:6379:[::1]", "cache:6379:[::1]:0"])
def test_an_ipv6_address_without_brackets_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="an IPv6 address in brackets"):
        read_config(parser().parse_args(["--host=cache.example", f"--connect-to={value}"]), "")
