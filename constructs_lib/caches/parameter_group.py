"""Parameter groups: the engine's settings."""

from collections.abc import Mapping
from typing import Final

from aws_cdk import aws_elasticache as elasticache
from constructs import Construct

from .._core.aws_resource import AwsResource
from .._core.checking import error
from .._core.imports import imported
from .._core.names import description as describe
from .._core.resource import create, reference_to
from .._core.words import Words
from ..parameters import Parameters
from ..parameters.base import text
from ..values.engine import EngineVersion, MemcachedVersion

WORDS: Final = Words({"Description": "description", "CacheParameterGroupFamily": "engine", "Properties": "parameters"})


class ParameterGroupBase(AwsResource):
    """What a cache asks of a parameter group, created here or imported."""

    @property
    def parameter_group_name(self) -> str:
        """The name that a cache refers to."""
        raise NotImplementedError

    @property
    def parameter_group_arn(self) -> str:
        """The ARN: `arn:<partition>:elasticache:<region>:<account>:parametergroup:<name>`.

        https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticache.html
        """
        return self._arn("parametergroup", self.parameter_group_name)

    @property
    def family(self) -> str | None:
        """The family, where it is known."""
        return None

    @property
    def parameters(self) -> Mapping[str, str] | None:
        """The parameters that it sets, where they are known."""
        return None


class ParameterGroup(ParameterGroupBase):
    """Settings of the engine, for the family that an engine version needs.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.html

    :param engine: the version whose family it is for.
    :param parameters: names and values, or the family's own class such as `parameters.Redis7Parameters`, whose names
        and values are checked by an editor. What is not named keeps the family's default.
    :param description: 1 to 255 characters. Default: names the stack.
    :raises ValueError: for a value that AWS would refuse.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        engine: EngineVersion | MemcachedVersion,
        parameters: Mapping[str, str | float | bool] | Parameters | None = None,
        description: str | None = None,
    ) -> None:
        super().__init__(scope, id)
        self._family = engine.family
        self._parameters = rendered(self, parameters, self._family)
        create(
            self,
            elasticache.CfnParameterGroup,
            {
                "CacheParameterGroupFamily": self._family,
                "Description": description or describe("Cache parameters", self),
                "Properties": self._parameters or None,
            },
            words=WORDS,
        )

    @property
    def parameter_group_name(self) -> str:
        """The name that a cache refers to."""
        return reference_to(self)

    @property
    def family(self) -> str:
        """The family."""
        return self._family

    @property
    def parameters(self) -> Mapping[str, str]:
        """The parameters that it sets."""
        return dict(self._parameters)

    @staticmethod
    def from_parameter_group_name(scope: Construct, id: str, parameter_group_name: str) -> ParameterGroupBase:
        """A parameter group of the stack's account and region that exists already, also one of the service's own.

        Example: `ParameterGroup.from_parameter_group_name(self, "Parameters", "default.redis7")`.

        :param parameter_group_name: letters, digits, hyphens, dots and underscores.
        :raises ValueError: for a name that is malformed.
        """
        return _ImportedParameterGroup(scope, id, name=parameter_group_name)

    @staticmethod
    def from_parameter_group_arn(scope: Construct, id: str, parameter_group_arn: str) -> ParameterGroupBase:
        """A parameter group that exists already, by its ARN.

        Example: `ParameterGroup.from_parameter_group_arn(self, "Parameters", cdk.Fn.import_value("ParametersArn"))`.

        :param parameter_group_arn: `arn:aws:elasticache:<region>:<account>:parametergroup:<name>`.
        :raises ValueError: for an ARN that is malformed, or of another kind of resource.
        """
        return _ImportedParameterGroup(scope, id, arn=parameter_group_arn)


def rendered(
    construct: Construct, parameters: Mapping[str, str | float | bool] | Parameters | None, family: str
) -> dict[str, str]:
    """Parameters by the engine's own names.

    :raises ValueError: when they are of another family.
    """
    if not isinstance(parameters, Parameters):
        return {name: text(value) for name, value in (parameters or {}).items()}
    if parameters.family != family:
        raise error(
            construct,
            "parameters",
            f"be of the family {family}",
            f"those of {parameters.family}",
            f"use the class of {family}, or another engine version",
        )
    return parameters.render()


class _ImportedParameterGroup(ParameterGroupBase):
    def __init__(self, scope: Construct, id: str, *, name: str | None = None, arn: str | None = None) -> None:
        given = imported(
            scope,
            id,
            kind="parametergroup",
            name_prop="parameter_group_name",
            name=name,
            arn_prop="parameter_group_arn",
            arn=arn,
        )
        super().__init__(scope, id, imported=given)
        self._name = given.name

    @property
    def parameter_group_name(self) -> str:
        return self._name
