"""IAM authentication of caches: a token is good for its signer, its user, its cache, and 15 minutes.

https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html
"""

import datetime
import functools
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from local_cloud.cache.front import Front
from local_cloud.cache.servers import Cache
from local_cloud.cache.users import User
from local_cloud.identity import Identity, may
from local_cloud.internals import Emulator
from local_cloud.keys import Keys
from local_cloud.reachable import Address
from local_cloud.tokens import TokenError, verified


@dataclass(slots=True)
class Admission:
    """Checks the tokens of the users of caches against the identities of the instances.

    :param identities: of the instances.
    """

    emulator: Emulator
    keys: Keys
    identities: list[Identity] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add_identity(self, identity: Identity) -> None:
        """Accept an instance's signatures, wherever its role may connect."""
        with self._lock:
            self.identities.append(identity)

    def revoke(self, identity: Identity) -> None:
        """Revoke the signatures of an instance."""
        with self._lock:
            self.identities.remove(identity)

    def guard(self, cache: Cache, users: Iterable[User], certificate: tuple[Path, Path] | None) -> None:
        """Put a check of tokens in front of a cache that has users with IAM, in place of an earlier one.

        :param certificate: of the cache's servers, and its key, where they have TLS.
        """
        iam = {each.name: each for each in users if each.iam}

        def admit(name: str, token: str) -> str | None:
            user = iam.get(name)
            return self.keys.admitted if user is not None and self.admits(cache, user, token) else None

        def front(place: Address) -> Front:
            return Front(place, certificate, admit)

        # The same one for each address, so that nothing seems to have changed when it is asked for again.
        cache.front = functools.cache(front) if iam else None

    def admits(self, cache: Cache, user: User, token: str) -> bool:
        """Whether a token is good for a user of a cache now; what is wrong with it goes to the emulator's log."""
        try:
            self._check(cache, user, token)
        except TokenError as problem:
            print(f"admission: the token for user {user.id} of {cache.id} is refused: {problem}", flush=True)
            return False
        return True

    def _check(self, cache: Cache, user: User, text: str) -> None:
        now = datetime.datetime.now(datetime.UTC)
        token = verified(text, service="elasticache", region=cache.region, identities=list(self.identities), now=now)
        wanted = {"Action": "connect", "User": user.id.lower()}
        if cache.kind == "serverlesscache":
            wanted["ResourceType"] = "ServerlessCache"
        # ElastiCache keeps the ids of users in lower case.
        asked = {**token.parameters, "User": token.parameters.get("User", "").lower()}
        if token.host != cache.id.lower() or asked != wanted:
            raise TokenError(f"it must be for {cache.id.lower()} and {wanted}, got {token.host} and {asked}")
        account = token.identity.account
        base = f"arn:aws:elasticache:{cache.region}:{account}"
        both = (f"{base}:{cache.kind}:{cache.id}", f"{base}:user:{user.id}")
        if not may(self.emulator, token.identity, "elasticache:Connect", *both):
            raise TokenError(
                f"the role {token.identity.role} must be allowed elasticache:Connect on both {both}, and is not"
            )
