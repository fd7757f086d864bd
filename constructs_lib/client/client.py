"""An EC2 client instance that tests the connection to a cache."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal

import aws_cdk as cdk
import jsii
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from constructs import Construct

from .._core.aws_resource import require_same_environment
from .._core.checking import error
from .._core.nag import WAIT_CONDITION_DATA, acknowledge
from .._core.names import description
from ..access.user_base import UserBase
from ..caches.cache_base import CacheBase
from ..network.subnet_selection import require_zone, select_private_subnets
from ..values.authentication import Authentication
from .client_program import ClientProgram, readable_asset
from .client_script import ClientScript, ProgramInS3
from .client_user import user_of
from .database_target import DatabaseTarget
from .image import HTTP_TOKENS, launch_from_template, newest_amazon_linux_2023

_CONNECTION_TEST: Final = Path(__file__).parent / "connection_test"
_LONGEST_TIMEOUT: Final = 43200


@jsii.implements(ec2.IConnectable, iam.IGrantable)
class CacheClient(Construct):
    """An EC2 instance that tests its connection to a cache when it is launched, and decides whether the stack succeeds.

    Its user data fetches the connection test, runs it with the system's Python and signals a wait condition: the
    verdict completes the stack, or fails it with the stage, the cause and the next action. The report stays on
    the console and in `/var/lib/cache-client/report.json`; `cache-connection-test` runs the test again and
    `cache-cli` opens a client. A changed configuration creates a new instance and a new verdict.

    The instance has no key pair and no public address; it needs an S3 gateway endpoint or another way to S3.

    Whoever may read the instance's user data, by `ec2:DescribeInstanceAttribute` or on the instance, learns the
    presigned URL of the wait condition and can send a false verdict while the stack waits for one. The URL allows
    nothing else.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-waitcondition.html

    ```python
    client = CacheClient(self, "Client", vpc=vpc, cache=cache)
    cdk.CfnOutput(self, "Verdict", value=client.verdict)
    ```

    :param vpc: the cache's VPC, or one that reaches it.
    :param cache: the cache. The construct adds the rule for its port and the permission to connect.
    :param user: the user that it connects as, one of the cache's users. The test uses only the commands and the keys
        that its access string allows. Default: the user whose access string allows most of what the test uses.
    :param vpc_subnets: the subnets for the instance; the first is used. Default: isolated, otherwise private.
    :param instance_type: Default: t4g.nano, 2 vCPU and 0.5 GiB.
    :param machine_image: an Amazon Linux 2023 image for that type. Default: the newest one when the instance is
        launched, so that a newer one never replaces it.
    :param on_failure: `fail` fails the stack when the test fails; `report` lets it complete with the verdict as output.
        Default: fail.
    :param timeout: how long the stack waits for the verdict: at least the sum of the time limits of all steps, so that
        the verdict arrives before, and at most 12 hours. Default: that sum, 25 minutes without a program.
    :param command_line_client: whether valkey-cli is installed; a failed installation is a warning. Memcached needs
        none. Default: True.
    :param database: a PostgreSQL of RDS or Aurora, which is tested after the cache. The construct adds the rules for
        its port and the permission to connect. Default: none.
    :param cache_optional: whether the stack completes with a warning when the cache cannot be used, and the database
        can; requires `database`. Default: False.
    :param program: what runs after the test has passed; its summary becomes part of the verdict. Default: none.
    :param session_manager: whether the role may use Session Manager, which needs its endpoints in the VPC.
        Default: False.
    :raises ValueError: when the test cannot use the cache's access control, or an option is invalid.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        vpc: ec2.IVpc,
        cache: CacheBase,
        user: UserBase | None = None,
        vpc_subnets: ec2.SubnetSelection | None = None,
        instance_type: ec2.InstanceType | None = None,
        machine_image: ec2.IMachineImage | None = None,
        on_failure: Literal["fail", "report"] = "fail",
        timeout: cdk.Duration | None = None,
        command_line_client: bool = True,
        session_manager: bool = False,
        database: DatabaseTarget | None = None,
        program: ClientProgram | None = None,
        cache_optional: bool = False,
    ) -> None:
        super().__init__(scope, id)
        require_same_environment(self, "cache", cache, other_account=True)
        _check(self, on_failure, database, cache_optional=cache_optional)
        chosen = user_of(self, cache, user)
        subnets = select_private_subnets(self, vpc, vpc_subnets, "because the instance must have no public address")
        require_zone(self, subnets[0])
        size = instance_type or ec2.InstanceType.of(ec2.InstanceClass.T4G, ec2.InstanceSize.NANO)
        self._role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"),
            description=description("Role of a cache client", self),
        )
        if session_manager:
            self._role.add_managed_policy(
                iam.ManagedPolicy.from_aws_managed_policy_name("AmazonSSMManagedInstanceCore")
            )
        if cache.access.authentication is not Authentication.NONE:
            cache.grants.connect(self._role, user=chosen)
        asset = readable_asset(self, "ConnectionTest", str(_CONNECTION_TEST), self._role)
        security_group = ec2.SecurityGroup(
            self,
            "SecurityGroup",
            vpc=vpc,
            description=description("Cache client", self),
            allow_all_outbound=False,
        )
        security_group.add_egress_rule(
            ec2.Peer.any_ipv4(),
            ec2.Port.tcp(443),
            "S3 and the VPC endpoints; an isolated subnet has no other way",
        )
        script = ClientScript(
            cache=cache,
            user=chosen,
            asset=asset,
            on_failure=on_failure,
            command_line_client=command_line_client,
            database=database,
            cache_optional=cache_optional,
            program=None
            if program is None
            else ProgramInS3(program=program, asset=program.asset(self, "Program", self._role)),
        )
        seconds = _wait_seconds(self, script, timeout)
        # A new version of the launch template replaces the instance, and the timeout of a wait condition cannot be
        # updated, so they are part of the hash.
        settings = [size.to_string(), HTTP_TOKENS, str(seconds)]
        fingerprint = script.fingerprint(self, settings)
        handle = cdk.CfnWaitConditionHandle(self, f"Handle{fingerprint}")
        user_data = ec2.UserData.for_linux()
        user_data.add_commands(script.render(self, handle.ref))
        image = machine_image or newest_amazon_linux_2023(size)
        self._instance = ec2.Instance(
            self,
            f"Instance{fingerprint}",
            vpc=vpc,
            vpc_subnets=ec2.SubnetSelection(subnets=subnets),
            instance_type=size,
            machine_image=image,
            security_group=security_group,
            role=self._role,
            user_data=user_data,
            propagate_tags_to_volume_on_creation=True,
            block_devices=[
                ec2.BlockDevice(
                    device_name="/dev/xvda",
                    volume=ec2.BlockDeviceVolume.ebs(8, encrypted=True, volume_type=ec2.EbsDeviceVolumeType.GP3),
                )
            ],
        )
        # Not the L2 prop, which is newer than the minimum version of aws-cdk-lib.
        self._instance.instance.add_property_override("MetadataOptions.HttpTokens", HTTP_TOKENS)
        # The subnet determines it.
        self._instance.instance.add_property_deletion_override("AvailabilityZone")
        if machine_image is None:
            launch_from_template(self, self._instance, image)
        self._connections = ec2.Connections(security_groups=[security_group])
        self._connections.allow_to_default_port(cache.connections, "cache")
        # The test begins when the instance starts: every rule and permission must exist before.
        self._instance.node.add_dependency(security_group, self._role, cache)
        if database is not None:
            self._instance.node.add_dependency(*database.admit(self, self._connections, self._role))
        wait = cdk.CfnWaitCondition(self, f"Verdict{fingerprint}", handle=handle.ref, count=1, timeout=str(seconds))
        wait.node.add_dependency(self._instance)
        # The attribute is {"connection-test":"<verdict>"}; the verdict is the fourth part of a split at quotes.
        self._verdict = cdk.Fn.select(3, cdk.Fn.split('"', wait.attr_data.to_string()))
        cache.on_changed_settings(
            lambda: self._test_again(script, settings, fingerprint, (handle, self._instance.instance, wait))
        )
        # On the stack, because findings for outputs are reported there.
        acknowledge(cdk.Stack.of(self), WAIT_CONDITION_DATA)
        cdk.CfnOutput(self, "Verdict", value=self._verdict, description="What the connection test found")
        cdk.CfnOutput(
            self,
            "InstanceId",
            value=self._instance.instance_id,
            description="The client; aws ec2 get-console-output --latest shows its report",
        )

    def _test_again(
        self,
        script: ClientScript,
        settings: Sequence[str],
        before: str,
        elements: tuple[cdk.CfnWaitConditionHandle, ec2.CfnInstance, cdk.CfnWaitCondition],
    ) -> None:
        """Apply changed settings of the cache: new user data and new logical ids, so that the test runs again."""
        handle, instance, _ = elements
        user_data = ec2.UserData.for_linux()
        user_data.add_commands(script.render(self, handle.ref))
        instance.user_data = cdk.Fn.base64(user_data.render())
        stack, fingerprint = cdk.Stack.of(self), script.fingerprint(self, settings)
        for element in elements:
            logical_id: str = stack.resolve(element.logical_id)
            element.override_logical_id(logical_id.replace(before, fingerprint))

    @property
    def instance(self) -> ec2.Instance:
        """The instance."""
        return self._instance

    @property
    def role(self) -> iam.Role:
        """The instance's role."""
        return self._role

    @property
    def grant_principal(self) -> iam.IPrincipal:
        """The role, for grants on other resources."""
        return self._role.grant_principal

    @property
    def connections(self) -> ec2.Connections:
        """The instance's security group."""
        return self._connections

    @property
    def verdict(self) -> str:
        """The verdict of the test in one line; available when the stack is complete."""
        return self._verdict


def _check(client: Construct, on_failure: str, database: DatabaseTarget | None, *, cache_optional: bool) -> None:
    if on_failure not in ("fail", "report"):
        raise error(client, "on_failure", "be 'fail' or 'report'", repr(on_failure), "choose one of the two")
    if cache_optional and database is None:
        fix = "pass database, or leave cache_optional out"
        raise error(client, "cache_optional", "be False without a database", cache_optional, fix)


def _wait_seconds(client: Construct, script: ClientScript, timeout: cdk.Duration | None) -> int:
    """How long the wait condition waits: by default as long as the client can take."""
    longest = script.longest_seconds
    seconds = longest if timeout is None else int(timeout.to_seconds())
    if not longest <= seconds <= _LONGEST_TIMEOUT:
        raise error(
            client,
            "timeout",
            f"be {longest} s, which the client may take, to {_LONGEST_TIMEOUT} s",
            f"{seconds} s",
            f"pass cdk.Duration.seconds({longest}) or leave it out",
        )
    return seconds
