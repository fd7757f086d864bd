"""The base class of constructs that represent one AWS resource, created in this app or imported."""

import aws_cdk as cdk
import jsii
from constructs import Construct

from .checking import error, is_token, problem
from .creation import initialise
from .imports import Imported
from .installed import ResourceEnvironment
from .lookups import is_same_stack, remember_scope


@jsii.implements(cdk.IResource)
class AwsResource(Construct):
    """A construct with the members of CDK's `IResource`: `stack`, `env`, `node` and `apply_removal_policy`.

    https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.IResource.html

    :param imported: the name or ARN of an imported resource. Default: this app creates the resource.
    """

    def __init__(self, scope: Construct, id: str, *, imported: Imported | None = None) -> None:
        initialise(self, scope, id)
        remember_scope(self, scope, id)
        self._imported = imported

    @property
    def stack(self) -> cdk.Stack:
        """The stack that holds the construct."""
        return cdk.Stack.of(self)

    @property
    def env(self) -> ResourceEnvironment:
        """The account and the region of the resource: those of the stack, or those in the ARN of an imported one."""
        if self._imported is not None and self._imported.environment is not None:
            return self._imported.environment
        stack = self.stack
        return ResourceEnvironment(account=stack.account, region=stack.region)

    def apply_removal_policy(self, policy: cdk.RemovalPolicy) -> None:
        """Set what CloudFormation does with the resource when it is removed from the stack or replaced.

        :param policy: `DESTROY`, `RETAIN`, or `SNAPSHOT` for a resource that has snapshots.
        :raises ValueError: for an imported resource, which the stack does not manage.
        """
        child = self.node.default_child
        if not isinstance(child, cdk.CfnResource | cdk.Resource):
            raise problem(
                self,
                "a removal policy needs a resource of this stack, got an imported one",
                "set the policy where the resource is created",
            )
        child.apply_removal_policy(policy)

    def _arn(self, resource: str, name: str) -> str:
        """The ARN given at import, or an ARN built from the environment and the name."""
        if self._imported is not None and self._imported.arn is not None:
            return self._imported.arn
        env = self.env
        return self.stack.format_arn(
            service="elasticache",
            region=env.region,
            account=env.account,
            resource=resource,
            resource_name=name,
            arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
        )

    def _metric_environment(self) -> tuple[str | None, str | None]:
        """The region and the account for metrics; None for a token, as in the metrics of CDK."""
        env = self.env
        return (None if is_token(env.region) else env.region), (None if is_token(env.account) else env.account)


def require_same_environment(
    construct: Construct, prop: str, resource: AwsResource | cdk.IResource, *, other_account: bool = False
) -> None:
    """Refuse a resource of another region or account, which would deploy without having any effect.

    :param construct: the construct that uses the resource.
    :param prop: the name of the prop that holds the resource.
    :param other_account: whether the resource may belong to another account. Default: False.
    :raises ValueError: if the regions or accounts differ and neither is a token.
    """
    if isinstance(resource, AwsResource) and is_same_stack(construct, resource):
        imported = resource._imported
        if imported is None or imported.environment is None:
            return  # known without a jsii call
    stack, env = cdk.Stack.of(construct), resource.env
    pairs = [("region", stack.region, env.region)]
    if not other_account:
        pairs.append(("account", stack.account, env.account))
    for what, here, there in pairs:
        if here != there and not is_token(here) and not is_token(there):
            raise error(
                construct,
                prop,
                f"be in the {what} of the stack ({here})",
                f"{resource.node.path} in {there}",
                f"put it into a stack of {there}",
            )
