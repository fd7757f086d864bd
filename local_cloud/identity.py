"""The identity of an instance: the credentials of its role, and what the role may do."""

import secrets
import time
from dataclasses import dataclass, field
from typing import Any, Final

from local_cloud.internals import Emulator
from local_cloud.keys import access_key_id

_SECONDS: Final = 6 * 3600


@dataclass(frozen=True, slots=True)
class Identity:
    """The session of an instance's role.

    :param arn: the ARN of the assumed role.
    """

    account: str
    region: str
    role: str
    arn: str
    access_key: str
    secret_key: str = field(repr=False)
    token: str = field(repr=False)


def assume(emulator: Emulator, profile: str, instance: str) -> Identity | None:
    """Create a session of the role in an instance profile; None without a role.

    :param profile: the ARN or the name of the instance profile.
    """
    account, region = emulator.account_and_region
    instance_profile: dict[str, Any] = next(
        (
            attributes
            for name, attributes in emulator.iam._instance_profiles.items()
            if profile and profile in (name, attributes.get("Arn"))
        ),
        {},
    )
    roles = instance_profile.get("Roles") or []
    if not roles:
        return None
    role = roles[0] if isinstance(roles[0], str) else roles[0]["RoleName"]
    arn = f"arn:aws:sts::{account}:assumed-role/{role}/{instance}"
    key = access_key_id("ASIA")
    identity = Identity(account, region, role, arn, key, secrets.token_urlsafe(30), secrets.token_urlsafe(120))
    emulator.sts.register_session(
        key,
        {
            "Arn": arn,
            "UserId": f"AROALOCAL:{instance}",
            "SecretAccessKey": identity.secret_key,
            "SessionToken": identity.token,
            "Expiration": time.time() + _SECONDS,
            "AccountId": account,
            "PrincipalType": "AssumedRole",
            # The guard refuses these credentials: they are valid only at this instance's gateways.
            "Instance": instance,
        },
    )
    return identity


def may(emulator: Emulator, identity: Identity, action: str, *resources: str) -> bool:
    """Whether the policies of the role allow an action on all of these resources, given by ARN."""
    evaluator = emulator.iam_evaluator
    with emulator.inside(identity.account, identity.region):
        principal = evaluator.resolve_principal(identity.access_key, identity.account)
        if isinstance(principal, evaluator.AuthError):
            return False
        contexts = [context(emulator, identity, action, resource) for resource in resources]
        decisions = [evaluator.evaluate(evaluation, principal.policies, *principal.limits) for evaluation in contexts]
    return all(decision.decision == "Allow" for decision in decisions)


def context(emulator: Emulator, identity: Identity | None, action: str, resource: str) -> Any:
    """The context in which a policy is evaluated; that of an anonymous request without an identity."""
    account, region = emulator.account_and_region
    return emulator.iam_evaluator.EvalContext(
        principal_arn=identity.arn if identity else "anonymous",
        principal_type="AssumedRole" if identity else "Anonymous",
        principal_account=identity.account if identity else account,
        action=action,
        resource_arn=resource,
        region=region,
    )
