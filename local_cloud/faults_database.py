"""The faults of a database behind a cache."""

from typing import Final

from local_cloud.fault import Fault, all_of, replace_text, set_property, without_grant, without_rule

_CONTEXT: Final = {"deployment": "rds-behind-cache"}
_PORT: Final = 5433
_INSTANCE: Final = "AWS::RDS::DBInstance"
# The authorities of RDS, which have not signed the certificates of the local cloud.
_OTHERS: Final = "/etc/cache-client/others.pem"
_WRITE_OTHERS: Final = (
    "PYTHONPATH=/opt/cache-client/connection_test.zip python3 -c 'from connection_test import authorities; "
    f'print(authorities.of_region("us-east-1"))\' > {_OTHERS}'
)
_CACHE_PORT: Final = 6379
_QUICK: Final = replace_text("180 /usr/local/bin/caching-demo", "180 /usr/local/bin/caching-demo --quick")
# The demonstration measures what reads take without the cache.
_WITHOUT_CACHE: Final = ("caching-demo: warning: the cache could not be used", "page p50 ", " without)")

DATABASE_FAULTS: Final = (
    Fault(
        name="no rule to the database",
        context=_CONTEXT,
        changes={"Client": without_rule(_PORT)},
        expected=(
            "FAIL at db-tcp: ",
            "did not answer within",
            "next: allow the client in the database's",
        ),
    ),
    Fault(
        name="role without rds-db:connect",
        context=_CONTEXT,
        changes={"Client": without_grant("rds-db:connect")},
        expected=(
            "FAIL at db-auth: ",
            "refused the IAM token of cache_admin",
            "next: give the role that signs it rds-",
        ),
    ),
    Fault(
        name="token for another user",
        context=_CONTEXT,
        changes={"Client": replace_text('"user": "cache_admin"', '"user": "visitor"')},
        expected=("FAIL at db-auth: ", "visitor", "CREATE ROLE visitor LOGIN"),
    ),
    Fault(
        name="database stopped",
        context=_CONTEXT,
        database_stopped=True,
        expected=("FAIL at db-tcp: ", "refused", "that the database runs: its state is available"),
    ),
    Fault(
        name="authorities without the database's",
        context=_CONTEXT,
        changes={
            "Client": all_of(
                replace_text('"reader_host": ""', f'"reader_host": "", "ca_file": "{_OTHERS}"'),
                replace_text("body=$(timeout", f"{_WRITE_OTHERS}; body=$(timeout"),
            )
        },
        expected=("FAIL at db-tls: ", "is not trusted here", "next: pass the file that has the database's authority"),
    ),
    Fault(
        name="password in place of a token",
        context=_CONTEXT,
        changes={
            "Database": all_of(
                set_property(_INSTANCE, "MasterUserAuthenticationType", "password"),
                set_property(_INSTANCE, "MasterUserPassword", "a-password-of-20-letters"),
            )
        },
        expected=("FAIL at db-auth: ", "in place of an IAM token", "GRANT rds_iam TO cache_admin"),
    ),
    Fault(
        name="cache in front of a database down",
        context=_CONTEXT,
        changes={"Client": _QUICK},
        killed_servers="",
        expected=("WARN at tcp, the cache is optional: ", "refused", "next: check the port", *_WITHOUT_CACHE),
        succeeds=True,
    ),
    Fault(
        name="no rule to the cache in front of a database",
        context=_CONTEXT,
        changes={"Client": all_of(_QUICK, without_rule(_CACHE_PORT))},
        expected=("WARN at tcp, the cache is optional: ", "did not answer within", *_WITHOUT_CACHE),
        succeeds=True,
    ),
    Fault(
        name="role without elasticache:Connect in front of a database",
        context=_CONTEXT,
        changes={"Client": all_of(_QUICK, without_grant("elasticache:Connect"))},
        expected=("WARN at auth, the cache is optional: ", "refused the IAM token", *_WITHOUT_CACHE),
        succeeds=True,
    ),
    Fault(
        name="cache in front of a database down, and required",
        context={**_CONTEXT, "cache_optional": "false"},
        killed_servers="",
        expected=("FAIL at tcp: ", "refused", "next: check the port"),
    ),
    Fault(
        name="cache and database down",
        context=_CONTEXT,
        killed_servers="",
        database_stopped=True,
        expected=("FAIL at db-tcp: ", "refused", "that the database runs: its state is available"),
    ),
    Fault(
        name="cache down during the demonstration",
        context=_CONTEXT,
        changes={"Client": _QUICK},
        killed_during=True,
        expected=("caching-demo: ", "cache could not be used"),
        succeeds=True,
    ),
)
