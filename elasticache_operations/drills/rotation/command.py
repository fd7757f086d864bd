"""`elasticache drill rotation`: rotates a password or an AUTH token twice, while a client logs in.

Example: `elasticache drill rotation orders --secret orders-token --instance i-0123456789abcdef0 --run`.

https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/User-Secrets-Manager.html
"""

import argparse
from collections.abc import Sequence
from typing import Final

from elasticache_operations.aws import Call
from elasticache_operations.context import Context, Outcome
from elasticache_operations.drills import client_shell, run_command
from elasticache_operations.drills import record as records
from elasticache_operations.drills.durations import add_timeout
from elasticache_operations.drills.record import Record, Result, recording
from elasticache_operations.drills.rotation.drill import Drill
from elasticache_operations.drills.rotation.login import Login
from elasticache_operations.drills.rotation.secret import DESCRIBE, INVOKE, ROTATE, Secret
from elasticache_operations.errors import InputError
from elasticache_operations.status.caches import Cache
from elasticache_operations.status.collect import INVENTORY, inventory, region_of

CALLS: Final[Sequence[Call]] = (*INVENTORY, DESCRIBE, ROTATE, INVOKE, *run_command.calls("--run --instance"))
_TIMEOUT: Final = "15m"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.description = (
        "Checks whether a secret can be rotated. With --run, calls RotateSecret twice, and logs in from a client with "
        "the current password all the time, with the new and the previous one after each rotation, and with the one "
        "from before both, which must be refused. The client reads the passwords; they are not printed."
    )
    parser.epilog = (
        "exit status: 0 passed, or nothing prevents it (without --run); 1 a condition is not met, a login was refused, "
        "or the rotation was not complete in time; 2 an argument is wrong; 3 AWS refused a call or did not answer; 130 "
        "interrupted"
    )
    records.add_options(parser, "call RotateSecret twice, after which the current password is no longer accepted")
    parser.add_argument("--secret", metavar="ARN", required=True, help="ARN or name of the secret with the password")
    client_shell.add_options(parser)
    add_timeout(parser, "each rotation", default=_TIMEOUT)


def run(arguments: argparse.Namespace, context: Context) -> Outcome:
    """Check the conditions, and with `--run` rotate twice."""
    region = region_of(context)
    shell = client_shell.shell_of(arguments, context.aws) if arguments.run else None
    with recording("rotation", arguments, context) as record:
        (cache,) = inventory(context, [arguments.id])
        if cache.engine == "memcached":
            raise InputError(f"ID must be a cache with passwords, got {cache.id}, a cluster of Memcached; give another")
        with context.progress.step("reading the secret"):
            secret = Secret.read(context.aws, arguments.secret)
        _check(record, cache, secret)
        if not record.checks_are_met:
            return record.end(Result.REFUSED, f"nothing was changed; {record.unmet}")
        if shell is None:
            return record.end(
                Result.PLANNED,
                f"nothing was changed; a run calls RotateSecret of {arguments.secret} twice, and logs in from the "
                "client; the password that is current now is no longer accepted afterwards",
            )
        login = Login(shell, arguments.secret, region)
        return Drill(context, record, arguments.secret, login, arguments.timeout).run(secret.current)


def _check(record: Record, cache: Cache, secret: Secret) -> None:
    """Add the conditions of a rotation to the record."""
    idle = cache.status == "available" and not cache.pending
    state = f"{cache.id} is {cache.status}" + (f", pending: {', '.join(cache.pending)}" if cache.pending else "")
    record.check("state", idle, state if idle else f"{state}; wait until it is available and no change is pending")
    record.check("TLS", cache.in_transit, "on" if cache.in_transit else "off; turn it on, passwords need it")
    record.check(
        "authentication",
        cache.authenticated,
        "a token or users" if cache.authenticated else "none; give the cache an AUTH token or a user group",
    )
    rotation = secret.enabled and bool(secret.function)
    off = "off; create a CredentialRotation, or turn it on with aws secretsmanager rotate-secret"
    record.check("rotation of the secret", rotation, f"by {secret.function}" if rotation else off)
    usable = bool(secret.current) and not secret.deleted
    absent = "scheduled for deletion; restore it" if secret.deleted else "no version with AWSCURRENT; store a password"
    record.check("secret", usable, f"version {secret.current} is current" if usable else absent)
    record.check(
        "no rotation under way",
        not secret.rotates,
        f"AWSPENDING is on version {secret.pending}; wait, or see docs/runbooks/rotation.md"
        if secret.rotates
        else "none is pending",
    )
