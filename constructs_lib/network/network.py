"""A VPC without internet access, for a cache and its clients."""

from collections.abc import Callable, Sequence
from typing import Final

import aws_cdk as cdk
import jsii
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from .._core.checking import error, length_must_be_known, must_be_known
from .._core.names import description
from . import endpoint_policies as policies

_QUALIFIER_CONTEXT: Final = "@aws-cdk/core:bootstrapQualifier"
_SUBNETS: Final = "Isolated"
_Policy = Callable[[cdk.Stack], list[iam.PolicyStatement]]
# By the suffix of the service name, because the constants of CDK cost a jsii call each.
_SSM: Final[dict[str, tuple[str, _Policy]]] = {
    "Ssm": ("ssm", policies.ssm_policy),
    "SsmMessages": ("ssmmessages", policies.ssm_messages_policy),
}
_SECRETS_MANAGER: Final = ("secretsmanager", policies.secrets_manager_policy)
_ELASTICACHE: Final = ("elasticache", policies.elasticache_policy)


class Network(Construct):
    """A VPC with isolated subnets only: no NAT, no internet gateway, an S3 gateway endpoint.

    Packages, assets and the wait condition signal use the gateway endpoint, which is free of charge. Its policy allows
    only the buckets for these, without a condition on the caller, because requests of dnf and requests with a
    presigned URL are not signed by the account of the instance.

    https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html

    The policies of the interface endpoints allow only principals of this account, and resources of this account or of
    AWS. A secret of another account, for example, cannot be read through them.

    ```python
    network = Network(self, "Network", ssm_endpoints=True)
    ReplicationGroup(self, "Cache", vpc=network.vpc)
    ```

    :param availability_zone_count: 2 or 3. Default: 2.
    :param availability_zones: the Availability Zones by name, instead of a count. Default: the first zones of the
        region.
    :param ip_range: the IPv4 CIDR block of the VPC. Default: 10.0.0.0/16.
    :param instance_connect_endpoint: whether to create an EC2 Instance Connect Endpoint, for a shell in the browser or
        with `aws ec2-instance-connect ssh`. It is free of charge; a VPC can have one. Default: False.
    :param ssm_endpoints: whether to create the interface endpoints of Session Manager. Each costs about 7 USD a month
        per Availability Zone. Default: False.
    :param secrets_manager_endpoint: whether to create the interface endpoint of Secrets Manager, which clients need to
        read a password or an AUTH token. Default: False.
    :param elasticache_endpoint: whether to create the interface endpoint of the ElastiCache API, which
        `CredentialRotation` needs. Default: False.
    :param flow_logs: whether to log rejected packets. Default: True.
    :param flow_log_retention: how long the flow log is kept. Default: one year, the minimum of the Security Hub control
        CloudWatch.16. The log is small, because few packets are rejected, and storage costs 0.03 USD per GB and month.
    :param restrict_default_security_group: whether to remove the rules of the default security group of the VPC, which
        this construct does not use. CloudFormation cannot remove them, so CDK adds a Lambda function with permission to
        change the group. Default: False.
    :param bootstrap_qualifier: the qualifier of the CDK bootstrap stack whose assets bucket the endpoint policy allows.
        Default: the qualifier of the app.
    :raises ValueError: for a number of zones other than 2 or 3, or if both a number and names are passed.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        availability_zone_count: int | None = None,
        availability_zones: Sequence[str] | None = None,
        ip_range: str = "10.0.0.0/16",
        instance_connect_endpoint: bool = False,
        ssm_endpoints: bool = False,
        secrets_manager_endpoint: bool = False,
        elasticache_endpoint: bool = False,
        flow_logs: bool = True,
        flow_log_retention: logs.RetentionDays = logs.RetentionDays.ONE_YEAR,
        restrict_default_security_group: bool = False,
        bootstrap_qualifier: str | None = None,
    ) -> None:
        super().__init__(scope, id)
        must_be_known(self, "ip_range", ip_range)
        self._vpc = ec2.Vpc(
            self,
            "Vpc",
            ip_addresses=ec2.IpAddresses.cidr(ip_range),
            availability_zones=_zones(self, availability_zone_count, availability_zones),
            nat_gateways=0,
            create_internet_gateway=False,
            restrict_default_security_group=restrict_default_security_group,
            subnet_configuration=[
                ec2.SubnetConfiguration(name=_SUBNETS, subnet_type=ec2.SubnetType.PRIVATE_ISOLATED, cidr_mask=24)
            ],
        )
        self._add_s3_endpoint(bootstrap_qualifier)
        services = dict(_SSM) if ssm_endpoints else {}
        if secrets_manager_endpoint:
            services["SecretsManager"] = _SECRETS_MANAGER
        if elasticache_endpoint:
            services["ElastiCache"] = _ELASTICACHE
        if services:
            self._add_interface_endpoints(services, ip_range)
        self._instance_connect = (
            InstanceConnectEndpoint(self, "InstanceConnect", vpc=self._vpc, subnet=self._vpc.isolated_subnets[0])
            if instance_connect_endpoint
            else None
        )
        if flow_logs:
            self._log_refused_packets(flow_log_retention)

    @property
    def vpc(self) -> ec2.Vpc:
        """The VPC, to pass to caches, clients and other constructs."""
        return self._vpc

    @property
    def vpc_subnets(self) -> ec2.SubnetSelection:
        """A selection of the isolated subnets, to pass as `vpc_subnets` together with `vpc`."""
        return ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)

    @property
    def instance_connect_endpoint(self) -> "InstanceConnectEndpoint | None":
        """The EC2 Instance Connect Endpoint; None without `instance_connect_endpoint=True`."""
        return self._instance_connect

    def _add_s3_endpoint(self, bootstrap_qualifier: str | None) -> None:
        qualifier = (
            bootstrap_qualifier
            or self.node.try_get_context(_QUALIFIER_CONTEXT)
            or cdk.DefaultStackSynthesizer.DEFAULT_QUALIFIER
        )
        endpoint = self._vpc.add_gateway_endpoint("S3", service=ec2.GatewayVpcEndpointAwsService.S3)
        for statement in policies.s3_policy(cdk.Stack.of(self), qualifier):
            endpoint.add_to_policy(statement)

    def _add_interface_endpoints(self, services: dict[str, tuple[str, _Policy]], ip_range: str) -> None:
        group = ec2.SecurityGroup(
            self,
            "EndpointSecurityGroup",
            vpc=self._vpc,
            description=description("Interface endpoints", self),
            allow_all_outbound=False,
        )
        group.add_ingress_rule(ec2.Peer.ipv4(ip_range), ec2.Port.tcp(443), "from the whole VPC")
        for name, (service, policy) in services.items():
            endpoint = self._vpc.add_interface_endpoint(
                f"{name}Endpoint",
                service=ec2.InterfaceVpcEndpointAwsService(service),
                security_groups=[group],
                open=False,
            )
            for statement in policy(cdk.Stack.of(self)):
                endpoint.add_to_policy(statement)

    def _log_refused_packets(self, retention: logs.RetentionDays) -> None:
        group = logs.LogGroup(
            self,
            "RefusedPackets",
            retention=retention,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        self._vpc.add_flow_log(
            "FlowLog",
            destination=ec2.FlowLogDestination.to_cloud_watch_logs(group),
            traffic_type=ec2.FlowLogTrafficType.REJECT,
        )


@jsii.implements(ec2.IConnectable)
class InstanceConnectEndpoint(Construct):
    """An EC2 Instance Connect Endpoint: SSH to instances without a public IP address, free of charge.

    A VPC can have only one, so a replacement of the endpoint fails. Do not change its construct id.

    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/create-ec2-instance-connect-endpoints.html

    ```python
    endpoint = InstanceConnectEndpoint(self, "Ssh", vpc=vpc, subnet=vpc.isolated_subnets[0])
    endpoint.connections.allow_to(security_group, ec2.Port.tcp(22))
    ```

    :param vpc: the VPC of the instances.
    :param subnet: the subnet for the network interface of the endpoint.
    """

    def __init__(self, scope: Construct, id: str, *, vpc: ec2.IVpc, subnet: ec2.ISubnet) -> None:
        super().__init__(scope, id)
        group = ec2.SecurityGroup(
            self,
            "SecurityGroup",
            vpc=vpc,
            description=description("EC2 Instance Connect Endpoint", self),
            allow_all_outbound=False,
        )
        ec2.CfnInstanceConnectEndpoint(
            self,
            "Resource",
            subnet_id=subnet.subnet_id,
            security_group_ids=[group.security_group_id],
            preserve_client_ip=False,
        )
        self._connections = ec2.Connections(security_groups=[group])

    @property
    def connections(self) -> ec2.Connections:
        """The security group of the endpoint; `connections.allow_to(instance, ec2.Port.SSH)` allows SSH."""
        return self._connections


def _zones(network: Construct, count: int | None, names: Sequence[str] | None) -> list[str]:
    must_be_known(network, "availability_zone_count", count)
    length_must_be_known(network, "availability_zones", names or ())
    if names is not None and count is not None:
        raise error(
            network,
            "availability_zone_count",
            "be absent with availability_zones",
            repr(count),
            "leave one of them out",
        )
    number = len(names) if names is not None else 2 if count is None else count
    if number not in (2, 3):
        raise error(
            network,
            "availability_zones" if names is not None else "availability_zone_count",
            "be 2 or 3 zones",
            repr(list(names) if names is not None else count),
            "two are enough for Multi-AZ",
        )
    # Fn::GetAZs needs no context look-up, and therefore no credentials at synth.
    return list(names) if names is not None else [cdk.Fn.select(i, cdk.Fn.get_azs()) for i in range(number)]
