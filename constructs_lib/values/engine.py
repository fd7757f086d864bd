"""Engines and their versions."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Self, final

from elasticache_rules import facts

from .._core.checking import error, is_token, must_be_known

_FORM = re.compile(r"\d+\.(\d+|x)(\.\d+)?\Z")


class Engine(StrEnum):
    """The engines of replication groups.

    ```python
    IamUser(self, "Orders", engine=Engine.VALKEY)
    ```
    """

    REDIS = "redis"
    VALKEY = "valkey"


class ServerlessEngineName(StrEnum):
    """The engines of serverless caches.

    ```python
    engine = ServerlessEngine.of(ServerlessEngineName.VALKEY, "8")
    ServerlessCache(self, "Sessions", vpc=vpc, engine=engine)
    ```
    """

    VALKEY = "valkey"
    REDIS = "redis"
    MEMCACHED = "memcached"


@final
@dataclass(frozen=True, slots=True)
class ServerlessEngine:
    """An engine and its major version for serverless caches; ElastiCache applies minor versions automatically.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateServerlessCache.html

    ```python
    ServerlessCache(self, "Sessions", vpc=vpc, engine=ServerlessEngine.VALKEY_8)
    ```

    :param engine: the engine.
    :param major_version: such as `8`, or `1.6` for memcached.
    """

    engine: ServerlessEngineName
    major_version: str

    VALKEY_7: ClassVar[Self]
    VALKEY_8: ClassVar[Self]
    VALKEY_9: ClassVar[Self]
    REDIS_7: ClassVar[Self]
    MEMCACHED_1_6: ClassVar[Self]

    @classmethod
    def of(cls, engine: ServerlessEngineName | str, major_version: str) -> Self:
        """An engine and a major version, also one that is newer than this release of the library.

        :param engine: `valkey`, `redis` or `memcached`.
        :param major_version: such as `8`, or `1.6` for memcached.
        :raises ValueError: for an unknown engine.
        """
        must_be_known("ServerlessEngine", "engine", engine)
        if engine not in tuple(ServerlessEngineName):
            raise error(
                "ServerlessEngine",
                "engine",
                f"be one of {', '.join(ServerlessEngineName)}",
                repr(engine),
                "choose one of them",
            )
        return cls(ServerlessEngineName(engine), major_version)

    def has(self, feature: str) -> bool:
        """Whether the newest minor version has a feature.

        :param feature: the name of the feature in `elasticache_rules.facts`.
        """
        return facts.has_feature(feature, self.engine, f"{self.major_version}.99")

    def __str__(self) -> str:
        return f"serverless {self.engine} {self.major_version}"


@final
@dataclass(frozen=True, slots=True)
class MemcachedVersion:
    """A version of memcached, which determines the parameter group family.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/engine-versions.html

    ```python
    MemcachedCluster(self, "Pages", vpc=vpc, version=MemcachedVersion.V1_6_22)
    ```

    :param version: `major.minor.patch`.
    :raises ValueError: for a version in another format.
    """

    version: str

    V1_6_12: ClassVar[Self]
    V1_6_17: ClassVar[Self]
    V1_6_22: ClassVar[Self]

    def __post_init__(self) -> None:
        if not is_token(self.version) and not re.match(r"\d+\.\d+\.\d+\Z", self.version):
            raise error(
                "MemcachedVersion",
                "version",
                "have the form 1.6.22",
                repr(self.version),
                f"use one of {', '.join(facts.engine_versions('memcached'))}",
            )

    @classmethod
    def of(cls, version: str) -> Self:
        """A version by number.

        The cluster that uses it adds a warning for a version newer than those this release knows, and raises an error
        for any other unknown version.

        :param version: `major.minor.patch`.
        """
        return cls(version)

    @property
    def family(self) -> str:
        """The parameter group family, such as `memcached1.6`.

        :raises ValueError: if the version is a token.
        """
        _known_for_family("MemcachedVersion", self.version)
        return facts.family_of("memcached", self.version)

    def has(self, feature: str) -> bool:
        """Whether the version has a feature; True for a token if the newest version has it.

        :param feature: the name of the feature in `elasticache_rules.facts`.
        """
        return facts.has_feature(feature, "memcached", self.version)

    def __str__(self) -> str:
        return f"memcached {self.version}"


@final
@dataclass(frozen=True, slots=True)
class EngineVersion:
    """An engine and its version, which determine the parameter group family.

    Use `of` for a version that is newer than this release of the library: `EngineVersion.of(Engine.VALKEY, "9.2")`.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/engine-versions.html

    ```python
    ReplicationGroup(self, "Cache", vpc=vpc, engine=EngineVersion.VALKEY_8_2)
    assert EngineVersion.of(Engine.REDIS, "7.1").family == "redis7"
    ```

    :param engine: the engine.
    :param version: `major.minor` from redis 6.0 and for valkey, `major.minor.patch` before redis 6.0.
    :raises ValueError: for a version in another format.
    """

    engine: Engine
    version: str

    REDIS_6_2: ClassVar[Self]
    REDIS_7_0: ClassVar[Self]
    REDIS_7_1: ClassVar[Self]
    VALKEY_7_2: ClassVar[Self]
    VALKEY_8_0: ClassVar[Self]
    VALKEY_8_1: ClassVar[Self]
    VALKEY_8_2: ClassVar[Self]
    VALKEY_9_0: ClassVar[Self]
    VALKEY_9_1: ClassVar[Self]

    def __post_init__(self) -> None:
        if not is_token(self.version) and not _FORM.match(self.version):
            raise error(
                "EngineVersion",
                "version",
                "have the form 7.1 or 5.0.6",
                repr(self.version),
                f"use one of {', '.join(facts.engine_versions(self.engine))}",
            )

    @classmethod
    def of(cls, engine: Engine | str, version: str) -> Self:
        """An engine and a version by number.

        The cache that uses it adds a warning for a version newer than those this release knows, and raises an error
        for any other unknown version.

        :param engine: `redis` or `valkey`.
        :param version: such as `7.1`.
        :raises ValueError: for an unknown engine, or a version in another format.
        """
        must_be_known("EngineVersion", "engine", engine)
        if engine not in tuple(Engine):
            raise error("EngineVersion", "engine", f"be one of {', '.join(Engine)}", repr(engine), "choose one of them")
        return cls(Engine(engine), version)

    @classmethod
    def latest(cls, engine: Engine | str) -> Self:
        """The newest version of an engine that this release of the library knows. Updates may change it.

        :param engine: `redis` or `valkey`.
        """
        must_be_known("EngineVersion", "engine", engine)
        versions = facts.engine_versions(str(engine))
        return cls.of(engine, versions[-1] if versions else "")

    @property
    def family(self) -> str:
        """The parameter group family, such as `redis7` for redis 7.1 or `valkey8` for valkey 8.2.

        :raises ValueError: if the version is a token.
        """
        _known_for_family("EngineVersion", self.version)
        return facts.family_of(self.engine, self.version)

    def has(self, feature: str) -> bool:
        """Whether the version has a feature; True for a token if the newest version has it.

        :param feature: the name of the feature in `elasticache_rules.facts`.
        """
        return facts.has_feature(feature, self.engine, self.version)

    def __str__(self) -> str:
        return f"{self.engine} {self.version}"


def _known_for_family(owner: str, version: str) -> None:
    if is_token(version):
        raise error(
            owner,
            "version",
            "be known at synth for a new parameter group",
            "a token",
            "pass parameter_group to the cache, or use a literal value",
        )


EngineVersion.REDIS_6_2 = EngineVersion(Engine.REDIS, "6.2")
EngineVersion.REDIS_7_0 = EngineVersion(Engine.REDIS, "7.0")
EngineVersion.REDIS_7_1 = EngineVersion(Engine.REDIS, "7.1")
EngineVersion.VALKEY_7_2 = EngineVersion(Engine.VALKEY, "7.2")
EngineVersion.VALKEY_8_0 = EngineVersion(Engine.VALKEY, "8.0")
EngineVersion.VALKEY_8_1 = EngineVersion(Engine.VALKEY, "8.1")
EngineVersion.VALKEY_8_2 = EngineVersion(Engine.VALKEY, "8.2")
EngineVersion.VALKEY_9_0 = EngineVersion(Engine.VALKEY, "9.0")
EngineVersion.VALKEY_9_1 = EngineVersion(Engine.VALKEY, "9.1")

ServerlessEngine.VALKEY_7 = ServerlessEngine(ServerlessEngineName.VALKEY, "7")
ServerlessEngine.VALKEY_8 = ServerlessEngine(ServerlessEngineName.VALKEY, "8")
ServerlessEngine.VALKEY_9 = ServerlessEngine(ServerlessEngineName.VALKEY, "9")
ServerlessEngine.REDIS_7 = ServerlessEngine(ServerlessEngineName.REDIS, "7")
ServerlessEngine.MEMCACHED_1_6 = ServerlessEngine(ServerlessEngineName.MEMCACHED, "1.6")

MemcachedVersion.V1_6_12 = MemcachedVersion("1.6.12")
MemcachedVersion.V1_6_17 = MemcachedVersion("1.6.17")
MemcachedVersion.V1_6_22 = MemcachedVersion("1.6.22")
