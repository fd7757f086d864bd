"""Parameter groups: the settings of the engine."""

from collections.abc import Mapping
from typing import Final

from aws_cdk import aws_elasticache as elasticache
from constructs import Construct

from .._core.aws_resource import AwsResource
from .._core.checking import Place, error, problem
from .._core.imports import imported
from .._core.names import description as describe
from .._core.resource import create, reference_to
from .._core.words import Words
from ..parameters import Parameters
from ..parameters.base import text
from ..values.cluster_mode import ClusterMode
from ..values.engine import EngineVersion, MemcachedVersion

WORDS: Final = Words({"Description": "description", "CacheParameterGroupFamily": "engine", "Properties": "parameters"})


class ParameterGroupBase(AwsResource):
    """A parameter group, created in this app or imported.

    ```python
    shared = ParameterGroup.from_parameter_group_name(self, "Parameters", "default.valkey8")
    ReplicationGroup(self, "Cache", vpc=vpc, engine=EngineVersion.VALKEY_8_2, parameter_group=shared)
    ```
    """

    @property
    def parameter_group_name(self) -> str:
        """The name of the parameter group; a token unless it is imported by a literal name."""
        raise NotImplementedError

    @property
    def parameter_group_arn(self) -> str:
        """The ARN: `arn:<partition>:elasticache:<region>:<account>:parametergroup:<name>`.

        https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticache.html
        """
        return self._arn("parametergroup", self.parameter_group_name)

    @property
    def family(self) -> str | None:
        """The family, such as `redis7`; None for an imported parameter group."""
        return None

    @property
    def parameters(self) -> Mapping[str, str] | None:
        """The parameters that the group sets; None for an imported parameter group."""
        return None


class ParameterGroup(ParameterGroupBase):
    """A parameter group of the family of an engine version.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.html

    ```python
    group = ParameterGroup(
        self, "Parameters", engine=EngineVersion.VALKEY_8_2, parameters={"maxmemory-policy": "allkeys-lru"}
    )
    ReplicationGroup(self, "Cache", vpc=vpc, engine=EngineVersion.VALKEY_8_2, parameter_group=group)
    ```

    :param engine: the engine version, which determines the family.
    :param parameters: names and values, or the typed class of the family such as `parameters.Redis7Parameters`, which
        editors can check and complete. Default: the defaults of the family.
    :param description: 1 to 255 characters. Default: a text with the name of the stack.
    :raises ValueError: for a parameter or a value that AWS would refuse.
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
        """The name of the parameter group; a token unless it is imported by a literal name."""
        return reference_to(self)

    @property
    def family(self) -> str:
        """The family, such as `redis7`."""
        return self._family

    @property
    def parameters(self) -> Mapping[str, str]:
        """The parameters that the group sets, by their names and values in the ElastiCache API."""
        return dict(self._parameters)

    @staticmethod
    def from_parameter_group_name(scope: Construct, id: str, parameter_group_name: str) -> ParameterGroupBase:
        """Import a parameter group of the stack's account and region by its name, also a default parameter group.

        Example: `ParameterGroup.from_parameter_group_name(self, "Parameters", "default.redis7")`.

        :param parameter_group_name: letters, digits, hyphens, dots and underscores.
        :raises ValueError: for a name that is malformed.
        """
        return _ImportedParameterGroup(scope, id, name=parameter_group_name)

    @staticmethod
    def from_parameter_group_arn(scope: Construct, id: str, parameter_group_arn: str) -> ParameterGroupBase:
        """Import a parameter group by its ARN.

        Example: `ParameterGroup.from_parameter_group_arn(self, "Parameters", cdk.Fn.import_value("ParametersArn"))`.

        :param parameter_group_arn: `arn:aws:elasticache:<region>:<account>:parametergroup:<name>`.
        :raises ValueError: for an ARN that is malformed, or of another kind of resource.
        """
        return _ImportedParameterGroup(scope, id, arn=parameter_group_arn)


def rendered(
    construct: Construct, parameters: Mapping[str, str | float | bool] | Parameters | None, family: str
) -> dict[str, str]:
    """Parameters by their names and values in the ElastiCache API.

    :raises ValueError: for the typed class of another family.
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
        identity = imported(
            scope,
            id,
            kind="parametergroup",
            name_prop="parameter_group_name",
            name=name,
            arn_prop="parameter_group_arn",
            arn=arn,
        )
        super().__init__(scope, id, imported=identity)
        self._name = identity.name

    @property
    def parameter_group_name(self) -> str:
        return self._name


def with_cluster_mode(path: Place, mode: ClusterMode, parameters: dict[str, str]) -> dict[str, str]:
    """The parameters of a new parameter group, with the parameter `cluster-enabled` that cluster mode determines."""
    required = "yes" if mode.is_clustered else "no"
    value = parameters.get("cluster-enabled", required)
    if value != required:
        raise problem(
            path,
            f"parameters set cluster-enabled={value}, and cluster_mode is {mode.name}",
            "leave cluster-enabled out, because cluster_mode sets it",
        )
    return {"cluster-enabled": "yes", **parameters} if mode.is_clustered else parameters
