"""Who an instance is: its role's credentials, and what its role may do."""

import secrets
import time
from dataclasses import dataclass, field
from typing import Any, Final

from local_cloud.keys import access_key_id
from local_cloud.seam import Emulator

_SECONDS: Final = 6 * 3600


@dataclass(frozen=True, slots=True)
class Identity:
    """An instance's session of its role.

    :param arn: of the assumed role.
    """

    account: str
    region: str
    role: str
    arn: str
    access_key: str
    secret_key: str = field(repr=False)
    token: str = field(repr=False)


def assume(emulator: Emulator, profile: str, instance: str) -> Identity | None:
    """Begin a session of the role in an instance profile; None where there is no role.

    :param profile: its ARN or its name.
    """
    account, region = emulator.place
    found: dict[str, Any] = next(
        (
            each
            for name, each in emulator.iam._instance_profiles.items()
            if profile and profile in (name, each.get("Arn"))
        ),
        {},
    )
    roles = found.get("Roles") or []
    if not roles:
        return None
    role = roles[0] if isinstance(roles[0], str) else roles[0]["RoleName"]
    arn = f"arn:aws:sts::{account}:assumed-role/{role}/{instance}"
    key = access_key_id("ASIA")
    made = Identity(account, region, role, arn, key, secrets.token_urlsafe(30), secrets.token_urlsafe(120))
    emulator.sts.register_session(
        key,
        {
            "Arn": arn,
            "UserId": f"AROALOCAL:{instance}",
            "SecretAccessKey": made.secret_key,
            "SessionToken": made.token,
            "Expiration": time.time() + _SECONDS,
            "AccountId": account,
            "PrincipalType": "AssumedRole",
            # The guard refuses it: it is good at this instance's gateways alone.
            "Instance": instance,
        },
    )
    return made


def may(emulator: Emulator, identity: Identity, action: str, *resources: str) -> bool:
    """Whether its role's policies allow an action on each of these resources, by their ARNs."""
    evaluator = emulator.iam_evaluator
    with emulator.inside(identity.account, identity.region):
        principal = evaluator.resolve_principal(identity.access_key, identity.account)
        if isinstance(principal, evaluator.AuthError):
            return False
        asked = [context(emulator, identity, action, each) for each in resources]
        found = [evaluator.evaluate(each, principal.policies, *principal.limits) for each in asked]
    return all(each.decision == "Allow" for each in found)


def context(emulator: Emulator, identity: Identity | None, action: str, resource: str) -> Any:
    """What a policy is evaluated against; nobody's request where there is no identity."""
    account, region = emulator.place
    return emulator.iam_evaluator.EvalContext(
        principal_arn=identity.arn if identity else "anonymous",
        principal_type="AssumedRole" if identity else "Anonymous",
        principal_account=identity.account if identity else account,
        action=action,
        resource_arn=resource,
        region=region,
    )
