"""The user that a client connects as, chosen by what it may do."""

import math

from constructs import Construct

from .._core.checking import error, problem
from ..access.allowed import allowed_to
from ..access.user_base import UserBase
from ..caches.cache_base import CacheBase
from ..values.authentication import Authentication


def user_of(client: Construct, cache: CacheBase, user: UserBase | None) -> UserBase | None:
    """The user that the client connects as; None if the cache has no users."""
    if cache.access.authentication in (Authentication.NONE, Authentication.TOKEN) and user is None:
        return None
    chosen = user or _most_useful(cache)
    if chosen is None:
        raise problem(
            client,
            f"the user group of {cache.node.path} has no known users",
            "pass users=[...] to the user group, or pass user",
        )
    if chosen.authentication not in (Authentication.IAM, Authentication.PASSWORD):
        raise error(
            client,
            "cache",
            "let this client in by IAM, a password, an AUTH token or without authentication",
            f"the access of {cache.node.path}, whose first user authenticates in another way",
            "put an IamUser into its user group, or pass user",
        )
    if chosen.authentication is Authentication.PASSWORD and chosen.secret is None:
        raise error(
            client,
            "user",
            "have a secret that the client can read its password from",
            f"{chosen.node.path} without one",
            "pass secret to the PasswordUser as well",
        )
    _check_permissions(client, cache, chosen)
    return chosen


def _most_useful(cache: CacheBase) -> UserBase | None:
    """The first of the users that may run most of the commands of the test, with a way to authenticate."""
    users = [
        user
        for user in cache.access.users
        if user.authentication is Authentication.IAM
        or (user.authentication is Authentication.PASSWORD and user.secret is not None)
    ]
    return max(users, key=_usefulness, default=next(iter(cache.access.users), None))


def _usefulness(user: UserBase) -> float:
    allowed = allowed_to(user)
    if allowed is None:
        return math.inf
    return len(allowed.commands) if allowed.on else -1


def _check_permissions(client: Construct, cache: CacheBase, user: UserBase) -> None:
    allowed = allowed_to(user)
    if allowed is None:
        return
    path = user.node.path
    if not allowed.on:
        fix = "begin its access string with on, or pass another user"
        raise error(client, "user", "be a user that can connect", f"{path}, which is off", fix)
    clustered = cache.connection_settings().get("cluster_mode") == "enabled"
    if clustered and "cluster|slots" not in allowed.commands:
        raise error(
            client,
            "user",
            "be allowed to run cluster|slots, which clients need with cluster mode enabled",
            f"{path} without it",
            "add +cluster|slots to its access string, or pass another user",
        )
    if not allowed.is_testable:
        raise error(
            client,
            "user",
            "be allowed to run ping, info, get or set, so that the connection can be tested",
            f"{path} without any of them",
            "add +ping to its access string, or pass another user",
        )
