"""The configuration of PostgreSQL: settings, client authentication, and the roles that RDS adds."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from local_cloud.database.confined import SOCKETS
from local_cloud.database.directory import PREFIX
from local_cloud.reachable import Address

# The superuser, which on RDS belongs to AWS. It can connect only through the Unix socket.
SUPERUSER: Final = "rdsadmin"
FORCE_SSL: Final = "rds.force_ssl"
_PRELOAD: Final = "shared_preload_libraries"
_STATISTICS: Final = "pg_stat_statements"
# The settings of a parameter group that are applied. Others are only recorded, because many are formulas of RDS.
_TAKEN: Final = re.compile(
    r"log_(connections|disconnections|min_duration_statement|statement|lock_waits)|"
    r"(statement|lock|idle_in_transaction_session)_timeout|track_\w+|pg_stat_statements\.\w+|random_page_cost"
)
# Roles whose members can run programs or read files on the server. RDS does not grant them, but in PostgreSQL 15 every
# user who can create roles can grant them.
_WITHOUT_DANGEROUS_ROLES: Final = (
    "DELETE FROM pg_authid WHERE rolname IN "
    "('pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files')"
)
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Master:
    """The master user, and the initial database.

    :param password: its password; None when it has IAM authentication.
    :param iam: whether it has IAM authentication.
    :param database: the name of the initial database; empty for none.
    :raises ValueError: when a name is not valid, or the user has neither a password nor IAM authentication.
    """

    user: str
    password: str | None = field(default=None, repr=False)
    iam: bool = False
    database: str = ""

    def __post_init__(self) -> None:
        for name in (self.user, self.database or "postgres"):
            if not _NAME.fullmatch(name):
                raise ValueError(f"MasterUsername and DBName must be a letter, then letters, digits or _, got {name!r}")
        if self.password is None and not self.iam:
            raise ValueError(
                "the master user must have MasterUserPassword, or MasterUserAuthenticationType iam-db-auth; the local "
                "cloud does not implement ManageMasterUserPassword"
            )

    def statements(self) -> list[tuple[str, list[str]]]:
        """The statements that create the user and the database in a new server, by the database in which they run."""
        roles = ["rds_iam", "rds_password", "rds_superuser"]
        password = f" PASSWORD {literal(self.password)}" if self.password is not None else ""
        users = [
            *(f"CREATE ROLE {name}" for name in roles),
            "GRANT pg_monitor, pg_signal_backend, rds_password TO rds_superuser WITH ADMIN OPTION",
            f'CREATE ROLE "{self.user}" LOGIN CREATEDB CREATEROLE IN ROLE rds_superuser{password}',
            *([f'GRANT rds_iam TO "{self.user}" WITH ADMIN OPTION'] if self.iam else []),
            _WITHOUT_DANGEROUS_ROLES,
            f'ALTER DATABASE postgres OWNER TO "{self.user}"',
        ]
        created = [f'CREATE DATABASE "{self.database}" OWNER "{self.user}"'] if self.database else []
        # PostgreSQL creates each database as a copy of template1.
        return [("template1", [*users, *_EXTENSION]), ("postgres", [*_EXTENSION, *created])]


# On RDS a member of rds_superuser can create the extension; in PostgreSQL only a superuser can.
_EXTENSION: Final = (
    f"DO $$ BEGIN IF EXISTS (SELECT FROM pg_available_extensions WHERE name = '{_STATISTICS}') THEN "
    f"CREATE EXTENSION {_STATISTICS}; GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO rds_superuser; END IF; END $$",
)


def literal(text: str) -> str:
    """A string literal in SQL.

    :raises ValueError: when it has a line break, which ends a statement.
    """
    if "\n" in text or "\r" in text:
        raise ValueError("a password must not have a line break")
    return "E'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def configuration(address: Address, home: Path, parameters: Mapping[str, str], libraries: Path) -> str:
    """The text of `postgresql.conf`.

    :param parameters: the parameters of the parameter group.
    :param libraries: the folder of the libraries that can be preloaded.
    """
    names = [name.strip() for name in parameters.get(_PRELOAD, _STATISTICS).split(",")]
    preloaded = [name for name in names if (libraries / f"{name}.so").exists()]
    values = {
        "listen_addresses": address[0],
        "port": str(address[1]),
        "unix_socket_directories": SOCKETS,
        "ssl": "on",
        "ssl_cert_file": str(home / "server.pem"),
        "ssl_key_file": str(home / "server.key"),
        "ssl_min_protocol_version": "TLSv1.2",
        "hba_file": str(home / "pg_hba.conf"),
        _PRELOAD: ",".join(preloaded),
        # To save memory and disk space.
        "shared_buffers": "16MB",
        "max_connections": "60",
        "max_parallel_workers": "0",
        "max_logical_replication_workers": "0",
        "max_wal_senders": "0",
        "wal_level": "minimal",
        "min_wal_size": "32MB",
        "max_wal_size": "64MB",
        "fsync": "off",
        "full_page_writes": "off",
        # The library of the just-in-time compiler is not unpacked.
        "jit": "off",
        "log_line_prefix": "%t:%r:%u@%d:[%p]:",
        **{name: value for name, value in parameters.items() if _TAKEN.fullmatch(name)},
    }
    if _STATISTICS not in preloaded:
        values = {name: value for name, value in values.items() if not name.startswith(f"{_STATISTICS}.")}
    return "".join(f"{name} = '{value.replace(chr(39), chr(39) * 2)}'\n" for name, value in values.items())


def access(parameters: Mapping[str, str], directory: Address | None) -> str:
    """The text of `pg_hba.conf`.

    :param directory: the address of the LDAP server that verifies IAM tokens; None when IAM authentication is off.
    """
    lines = [f"local all {SUPERUSER} trust", f"host all {SUPERUSER} 0.0.0.0/0 reject"]
    if directory is not None:
        ldap = f'ldap ldapserver={directory[0]} ldapport={directory[1]} ldapprefix="{PREFIX}"'
        # A token requires TLS, regardless of rds.force_ssl.
        lines += [f"hostssl all +rds_iam 0.0.0.0/0 {ldap}", "host all +rds_iam 0.0.0.0/0 reject"]
    kind = "hostssl" if parameters.get(FORCE_SSL, "1") in ("1", "true", "on") else "host"
    return "\n".join([*lines, f"{kind} all all 0.0.0.0/0 scram-sha-256", ""])
