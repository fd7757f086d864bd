"""The paths that security groups allow: a rule of the cache lets in, and a rule of the client lets out."""

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from elasticache_operations.picture.network import Key, key_of, own_key
from elasticache_operations.picture.sources import Source
from elasticache_rules.template import Template, as_integer

SECURITY_GROUP: Final = "AWS::EC2::SecurityGroup"
_SIDES: Final = {
    "SecurityGroupIngress": ("AWS::EC2::SecurityGroupIngress", "SourceSecurityGroupId", "SourcePrefixListId"),
    "SecurityGroupEgress": ("AWS::EC2::SecurityGroupEgress", "DestinationSecurityGroupId", "DestinationPrefixListId"),
}
INGRESS, EGRESS = _SIDES


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a security group.

    :param peer: the security group at the other end.
    :param block: the addresses at the other end.
    :param prefix_list: the prefix list at the other end.
    """

    first: int
    last: int
    peer: Key | None
    block: str
    prefix_list: str

    def covers(self, port: int) -> bool:
        """Whether the rule allows TCP connections to a port."""
        return self.first <= port <= self.last


@dataclass(frozen=True, slots=True)
class End:
    """One end of a connection.

    :param groups: its security groups.
    :param addresses: the ranges of its subnets, which rules by address are compared with.
    """

    groups: tuple[Key, ...]
    addresses: tuple[str, ...] = ()


class SecurityGroups:
    """The rules of all security groups, inline and standalone."""

    def __init__(self, source: Source) -> None:
        self._rules: dict[tuple[str, Key], list[Rule]] = {}
        self._known: dict[Key, str] = {}
        self._open: set[Key] = set()
        for group in source.of_type(SECURITY_GROUP):
            key = own_key(group)
            self._known[key] = group.path or group.logical_id
            if group.lacks(EGRESS):
                self._open.add(key)
            for side in _SIDES:
                value = group.get(side)
                for entry in value if isinstance(value, list) else [value]:
                    self._add(side, key, group.template, entry)
        for side, (kind, _, _) in _SIDES.items():
            for item in source.of_type(kind):
                owner = key_of(item.template, item.get("GroupId"))
                if owner is not None and side == EGRESS:
                    # A standalone egress rule removes the default one, which allows everything.
                    self._open.discard(owner)
                if owner is not None:
                    self._add(side, owner, item.template, item.properties)

    def name(self, key: Key) -> str:
        """The name of a security group."""
        return self._known.get(key, key[1] if key[0] == "" else "a security group known at deployment")

    def ingress(self, groups: Sequence[Key]) -> Iterator[Rule]:
        """The rules that let connections into a resource with these security groups."""
        for group in groups:
            yield from self._rules.get((INGRESS, group), ())

    def ports(self, client: End, cache: End, ports: Sequence[int]) -> list[int]:
        """The ports of a cache that a client reaches.

        :param ports: of the cache.
        """
        return [
            port
            for port in ports
            if any(_lets(rule, port, client) for rule in self.ingress(cache.groups))
            and any(self._lets_out(group, port, cache) for group in client.groups)
        ]

    def unseen(self, groups: Sequence[Key]) -> list[str]:
        """The security groups whose own rules the templates do not have."""
        return [self.name(group) for group in groups if group not in self._known]

    def _lets_out(self, group: Key, port: int, cache: End) -> bool:
        if group in self._open or group not in self._known:
            return True
        return any(_lets(rule, port, cache) for rule in self._rules.get((EGRESS, group), ()))

    def _add(self, side: str, owner: Key, template: Template, entry: Any) -> None:
        if not isinstance(entry, Mapping):
            return
        _, peer, prefix_list = _SIDES[side]
        ports = _ports(entry)
        if ports is None:
            return
        block = entry.get("CidrIp", entry.get("CidrIpv6", ""))
        listed = entry.get(prefix_list)
        rule = Rule(
            *ports,
            peer=key_of(template, entry.get(peer)),
            block=block if isinstance(block, str) else "addresses known at deployment",
            prefix_list=""
            if listed is None
            else listed
            if isinstance(listed, str)
            else "prefix list known at deployment",
        )
        self._rules.setdefault((side, owner), []).append(rule)


def _ports(entry: Mapping[str, Any]) -> tuple[int, int] | None:
    """The TCP ports of a rule; None where it has none, or none that is known."""
    protocol = str(entry.get("IpProtocol")).lower()
    if protocol == "-1":
        return 0, 65_535
    first, last = as_integer(entry.get("FromPort")), as_integer(entry.get("ToPort"))
    if protocol not in ("tcp", "6") or first is None or last is None:
        return None
    return (0, 65_535) if first == -1 else (first, last)


def _lets(rule: Rule, port: int, other: End) -> bool:
    """Whether a rule lets a connection through: by the security group at the other end, or by its addresses."""
    if not rule.covers(port):
        return False
    if rule.peer is not None:
        return rule.peer in other.groups
    if rule.block in ("0.0.0.0/0", "::/0"):
        return True
    return _contains(rule.block, other.addresses)


def _contains(block: str, addresses: Sequence[str]) -> bool:
    """Whether a range contains all others."""
    try:
        outer = ipaddress.ip_network(block, strict=False)
        inner = [ipaddress.ip_network(address, strict=False) for address in addresses]
    except ValueError:
        return False
    if isinstance(outer, ipaddress.IPv4Network):
        return bool(inner) and all(isinstance(item, ipaddress.IPv4Network) and item.subnet_of(outer) for item in inner)
    return bool(inner) and all(isinstance(item, ipaddress.IPv6Network) and item.subnet_of(outer) for item in inner)
