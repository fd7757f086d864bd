"""Evaluates the emulator's security groups, route tables and VPC endpoints for one instance."""

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from local_cloud.internals import Emulator

# The address of every instance in its VPC, which a rule with an address range must include.
PRIVATE_ADDRESS: Final = "10.0.0.10"
_HTTPS: Final = 443


@dataclass(frozen=True, slots=True)
class Route:
    """The route to an AWS service.

    :param open: whether there is a route, and the security groups allow it.
    :param policy: the policy of the VPC endpoint on the route; None without an endpoint.
    """

    open: bool
    policy: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Network:
    """The network of an instance.

    :param subnet: the id of its subnet.
    :param groups: the ids of its security groups.
    """

    emulator: Emulator
    subnet: str
    groups: frozenset[str]

    def reaches(self, groups: Iterable[str], port: int) -> bool:
        """Whether the security groups on both sides allow a connection to members of these security groups."""
        others = set(groups)
        into = any(_matches(rule, port, self.groups) for id in others for rule in self._rules(id, "IpPermissions"))
        return into and self._egress_allowed(port, others)

    def route_to(self, service: str) -> Route:
        """The route to an AWS service, such as s3: through a VPC endpoint, or by the default route."""
        ec2 = self.emulator.ec2
        table = self._route_table()
        vpc = (ec2._subnets.get(self.subnet) or {}).get("VpcId")
        for endpoint in ec2._vpc_endpoints.values():
            if endpoint["VpcId"] != vpc or not endpoint["ServiceName"].endswith(f".{service}"):
                continue
            gateway = endpoint["VpcEndpointType"] == "Gateway"
            groups = set(endpoint.get("SecurityGroupIds") or ())
            if gateway and table.get("RouteTableId") in endpoint["RouteTableIds"]:
                return Route(self._egress_allowed(_HTTPS, set()), endpoint.get("PolicyDocument"))
            # Without private DNS, the host name of the service does not resolve to the endpoint.
            if not gateway and str(endpoint.get("PrivateDnsEnabled")).lower() == "true":
                return Route(self.reaches(groups, _HTTPS), endpoint.get("PolicyDocument"))
        routed = any(route.get("DestinationCidrBlock") == "0.0.0.0/0" for route in table.get("Routes", []))
        return Route(routed and self._egress_allowed(_HTTPS, set()))

    def _route_table(self) -> Mapping[str, Any]:
        tables = self.emulator.ec2._route_tables.values()
        return next(
            (
                table
                for table in tables
                if any(association.get("SubnetId") == self.subnet for association in table.get("Associations", []))
            ),
            {},
        )

    def _egress_allowed(self, port: int, others: set[str]) -> bool:
        return any(
            _matches(rule, port, others) for id in self.groups for rule in self._rules(id, "IpPermissionsEgress")
        )

    def _rules(self, group: str, direction: str) -> list[Mapping[str, Any]]:
        return list((self.emulator.ec2._security_groups.get(group) or {}).get(direction, []))


def _matches(permission: Mapping[str, Any], port: int, others: Iterable[str]) -> bool:
    protocol = str(permission.get("IpProtocol"))
    if protocol not in ("tcp", "6", "-1"):
        return False
    if protocol != "-1" and not int(permission.get("FromPort", -1)) <= port <= int(permission.get("ToPort", -1)):
        return False
    if any(pair["GroupId"] in others for pair in permission.get("UserIdGroupPairs", [])):
        return True
    # A managed prefix list contains the addresses of the service.
    if permission.get("PrefixListIds") and not others:
        return True
    inside = ipaddress.ip_address(PRIVATE_ADDRESS)
    return any(inside in ipaddress.ip_network(ip_range["CidrIp"]) for ip_range in permission.get("IpRanges", []))
