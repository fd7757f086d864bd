"""The base class of deployments. Each kind adds its own fields and creates its own stacks."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Literal

import aws_cdk as cdk
from constructs import Construct

from stacks.forms import check_account, check_instance_type


@dataclass(frozen=True, kw_only=True)
class Deployment(ABC):
    """A cache with its network and its client.

    Each field except `name` is a context key: `-c field=value` overrides it.

    :param name: the value of `-c deployment=` that selects the deployment.
    :param termination_protection: whether the stack of the cache has termination protection.
    :param account: the account to deploy to. Default: the account of the CLI credentials.
    :param availability_zone_count: the number of Availability Zones of a new VPC, 2 or 3.
    :param instance_connect_endpoint: whether the new VPC has an EC2 Instance Connect Endpoint.
    :param ssm_endpoints: whether the new VPC has the endpoints of Session Manager.
    :param restrict_default_security_group: whether a Lambda function removes the rules of the new VPC's default
        security group.
    :param instance_type: the instance type of the client.
    :param on_failure: whether a failed connection test fails the stack: fail or report.
    """

    name: str
    termination_protection: bool = False
    account: str | None = None
    availability_zone_count: int = 2
    instance_connect_endpoint: bool = False
    ssm_endpoints: bool = False
    restrict_default_security_group: bool = False
    instance_type: str = "t4g.nano"
    on_failure: Literal["fail", "report"] = "fail"

    def __post_init__(self) -> None:
        """Check the fields.

        :raises ValueError: for an invalid value, or fields that contradict each other.
        """
        check_account(self.name, self.account)
        check_instance_type(self.name, self.instance_type)

    @property
    def stack_prefix(self) -> str:
        """The prefix of the stack names, such as ClusterModeDisabled."""
        return "".join(word.capitalize() for word in self.name.split("-"))

    @property
    def reads_secret(self) -> bool:
        """Whether the client reads a password or a token from Secrets Manager."""
        return False

    @property
    def rotates_secret(self) -> bool:
        """Whether the deployment rotates that secret."""
        return False

    @abstractmethod
    def build(self, scope: Construct, env: cdk.Environment | None = None) -> None:
        """Create the stacks.

        :param scope: the app, or a stage.
        :param env: the account and the region, if they are known; the fields of the deployment take precedence.
        """
