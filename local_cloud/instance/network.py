"""Who reaches whom: security groups, routes and VPC endpoints, as the emulator keeps them."""

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from local_cloud.seam import Emulator

# The instance's address in its VPC: a rule for everywhere, or for the VPC, holds for it.
PRIVATE_ADDRESS: Final = "10.0.0.10"
_HTTPS: Final = 443


@dataclass(frozen=True, slots=True)
class Way:
    """How an AWS service is reached.

    :param open: whether it is.
    :param policy: of the VPC endpoint on the way; None where there is none.
    """

    open: bool
    policy: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Network:
    """Where an instance is.

    :param groups: its security groups.
    """

    emulator: Emulator
    subnet: str
    groups: frozenset[str]

    def reaches(self, groups: Iterable[str], port: int) -> bool:
        """Whether a rule lets it out to members of these security groups, and one lets it in there."""
        others = set(groups)
        into = any(_matches(each, port, self.groups) for id in others for each in self._rules(id, "IpPermissions"))
        return into and self._leaves(port, others)

    def way_to(self, service: str) -> Way:
        """How it reaches an AWS service, such as s3: by a VPC endpoint, or by the default route."""
        ec2 = self.emulator.ec2
        table = self._route_table()
        vpc = (ec2._subnets.get(self.subnet) or {}).get("VpcId")
        for endpoint in ec2._vpc_endpoints.values():
            if endpoint["VpcId"] != vpc or not endpoint["ServiceName"].endswith(f".{service}"):
                continue
            gateway = endpoint["VpcEndpointType"] == "Gateway"
            groups = set(endpoint.get("SecurityGroupIds") or ())
            if gateway and table.get("RouteTableId") in endpoint["RouteTableIds"]:
                return Way(self._leaves(_HTTPS, set()), endpoint.get("PolicyDocument"))
            # Without private DNS, the service's own name does not lead to it.
            if not gateway and str(endpoint.get("PrivateDnsEnabled")).lower() == "true":
                return Way(self.reaches(groups, _HTTPS), endpoint.get("PolicyDocument"))
        routed = any(each.get("DestinationCidrBlock") == "0.0.0.0/0" for each in table.get("Routes", []))
        return Way(routed and self._leaves(_HTTPS, set()))

    def _route_table(self) -> Mapping[str, Any]:
        tables = self.emulator.ec2._route_tables.values()
        return next(
            (
                table
                for table in tables
                if any(each.get("SubnetId") == self.subnet for each in table.get("Associations", []))
            ),
            {},
        )

    def _leaves(self, port: int, others: set[str]) -> bool:
        return any(
            _matches(each, port, others) for id in self.groups for each in self._rules(id, "IpPermissionsEgress")
        )

    def _rules(self, group: str, direction: str) -> list[Mapping[str, Any]]:
        return list((self.emulator.ec2._security_groups.get(group) or {}).get(direction, []))


def _matches(permission: Mapping[str, Any], port: int, others: Iterable[str]) -> bool:
    protocol = str(permission.get("IpProtocol"))
    if protocol not in ("tcp", "6", "-1"):
        return False
    if protocol != "-1" and not int(permission.get("FromPort", -1)) <= port <= int(permission.get("ToPort", -1)):
        return False
    if any(each["GroupId"] in others for each in permission.get("UserIdGroupPairs", [])):
        return True
    # A managed prefix list is the service's own addresses.
    if permission.get("PrefixListIds") and not others:
        return True
    inside = ipaddress.ip_address(PRIVATE_ADDRESS)
    return any(inside in ipaddress.ip_network(each["CidrIp"]) for each in permission.get("IpRanges", []))
