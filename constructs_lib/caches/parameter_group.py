"""Parameter groups: the engine's settings."""

from collections.abc import Mapping

from aws_cdk import aws_elasticache as elasticache
from constructs import Construct

from .._core.checking import check, error
from .._core.names import description as describe
from ..parameters import Parameters
from ..parameters.base import text
from ..values.engine import EngineVersion, MemcachedVersion

PARAMETER_GROUP_PROPS = {
    "Description": "description",
    "CacheParameterGroupFamily": "engine",
    "Properties": "parameters",
}


class ParameterGroupBase(Construct):
    """What a cache asks of a parameter group, made here or imported."""

    @property
    def parameter_group_name(self) -> str:
        """The name that a cache refers to."""
        raise NotImplementedError

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
        said = description or describe("Cache parameters", self)
        check(
            self,
            {"Resource": self.as_resource(said)},
            only="Resource",
            names=PARAMETER_GROUP_PROPS,
        )
        self._resource = elasticache.CfnParameterGroup(
            self,
            "Resource",
            cache_parameter_group_family=self._family,
            description=said,
            properties=self._parameters or None,
        )

    def as_resource(self, description: str = "-") -> dict[str, object]:
        """The resource as the rules read it."""
        return {
            "Type": "AWS::ElastiCache::ParameterGroup",
            "Properties": {
                "CacheParameterGroupFamily": self._family,
                "Description": description,
                "Properties": self._parameters,
            },
        }

    @property
    def parameter_group_name(self) -> str:
        """The name that a cache refers to."""
        return self._resource.ref

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
        """A parameter group that exists already, the service's own `default.…` ones among them."""
        return _ImportedParameterGroup(scope, id, parameter_group_name)


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
    def __init__(self, scope: Construct, id: str, parameter_group_name: str) -> None:
        super().__init__(scope, id)
        self._name = parameter_group_name

    @property
    def parameter_group_name(self) -> str:
        return self._name
