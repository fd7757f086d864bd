"""The settings of the tested database and their validation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Mapping

from connection_test.settings import DATABASE_SETTINGS, require

ENGINES = ("postgres",)
# PostgreSQL truncates longer names.
_LONGEST_NAME = 63
_REQUIRED = ("host", "port", "name", "user", "region")


@dataclass(frozen=True)
class Database:
    """A PostgreSQL of RDS or Aurora.

    :param name: of the database that the session opens.
    :param user: the user that signs in with an IAM token.
    :param application_user: the user for applications; not used by the test.
    :param region: of the token, and of the certificate authorities.
    :param reader_host: an endpoint for reads, tested as well; empty for none.
    :param ca_file: PEM file of authorities; empty for the system's and those of RDS.
    """

    host: str
    port: int
    name: str
    user: str
    region: str
    engine: str = "postgres"
    application_user: str = ""
    reader_host: str = ""
    ca_file: str = ""

    @property
    def hosts(self) -> dict[str, str]:
        """The endpoints by their roles."""
        return {"writer": self.host, "reader": self.reader_host} if self.reader_host else {"writer": self.host}

    def address(self, host: str) -> str:
        """One of the endpoints with the port."""
        return f"{host}:{self.port}"


def from_settings(value: object) -> Database:
    """The database of a configuration file.

    :raises ValueError: when it is no JSON object, lacks a setting, or has one that does not exist or of another type.
    """
    if not isinstance(value, Mapping):
        raise ValueError(f"database must be a JSON object, got {type(value).__name__}; correct the file")
    known = set(DATABASE_SETTINGS)
    unknown, missing = sorted(set(value) - known), [name for name in _REQUIRED if name not in value]
    if unknown:
        raise ValueError(f"database must hold only {', '.join(sorted(known))}, got {', '.join(unknown)}; remove it")
    if missing:
        raise ValueError(f"database must have {', '.join(_REQUIRED)}, got none of {', '.join(missing)}; add it")
    for name, field_value in value.items():
        require(f"database.{name}", field_value, DATABASE_SETTINGS[name])
    return Database(**value)


def problems_of(database: Database) -> list[tuple[str, str]]:
    """The invalid settings with the next action for each."""
    problems = []
    if database.engine not in ENGINES:
        problems.append(
            (f"database.engine must be {', '.join(ENGINES)}, got {database.engine!r}", "test another database")
        )
    for role, host in database.hosts.items():
        if not host.strip() or any(char in host for char in ":/\0 "):
            problems.append(
                (
                    f"the database's {role} host must be a plain name, got {host!r}",
                    "leave out the scheme and the port",
                )
            )
    if not 1 <= database.port <= 65535:
        problems.append(
            (f"the database's port must be 1 to 65535, got {database.port}", "use the database's port, 5432 by default")
        )
    for name in ("name", "user"):
        value = getattr(database, name)
        if not 1 <= len(value.encode()) <= _LONGEST_NAME or not value.isprintable():
            problems.append(
                (f"database.{name} must have 1 to {_LONGEST_NAME} printable bytes, got {value!r}", "correct the name")
            )
    if not database.region:
        problems.append(("IAM authentication at the database needs its region, and it is empty", "pass --db-region"))
    return problems
