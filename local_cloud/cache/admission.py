"""IAM authentication of caches: verifies the signature, the user, the cache, the time and the permission of a token.

https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html
"""

import datetime
import functools
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from local_cloud.cache.servers import Cache
from local_cloud.cache.token_proxy import TokenProxy
from local_cloud.cache.users import User
from local_cloud.identity import Identity, may
from local_cloud.internals import Emulator
from local_cloud.keys import Keys
from local_cloud.reachable import Address
from local_cloud.tokens import TokenError, verify


@dataclass(slots=True)
class Admission:
    """The identities whose tokens are accepted, and the verification of the tokens of cache users.

    :param identities: the identities of the instances.
    """

    emulator: Emulator
    keys: Keys
    identities: list[Identity] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add_identity(self, identity: Identity) -> None:
        """Accept the tokens of an instance on every cache and database to which its role may connect."""
        with self._lock:
            self.identities.append(identity)

    def revoke(self, identity: Identity) -> None:
        """Revoke the tokens of an instance."""
        with self._lock:
            self.identities.remove(identity)

    def protect(self, cache: Cache, users: Iterable[User], certificate: tuple[Path, Path] | None) -> None:
        """Put a proxy that verifies tokens before a cache that has IAM users, replacing an earlier one.

        :param certificate: the paths of the certificate and key of the cache's servers; None without TLS.
        """
        iam = {user.name: user for user in users if user.iam}

        def password_for(name: str, token: str) -> str | None:
            user = iam.get(name)
            return self.keys.iam_users if user is not None and self.accepts(cache, user, token) else None

        def proxy(address: Address) -> TokenProxy:
            return TokenProxy(address, certificate, password_for)

        # One proxy for each address, so that two calls return equal targets.
        cache.proxy = functools.cache(proxy) if iam else None

    def accepts(self, cache: Cache, user: User, token: str) -> bool:
        """Whether a token of a cache user is valid now; the reason of a refusal is written to the emulator's log."""
        try:
            self._verify(cache, user, token)
        except TokenError as problem:
            print(f"admission: the token of user {user.id} of {cache.id} is refused: {problem}", flush=True)
            return False
        return True

    def _verify(self, cache: Cache, user: User, text: str) -> None:
        now = datetime.datetime.now(datetime.UTC)
        token = verify(text, service="elasticache", region=cache.region, identities=list(self.identities), now=now)
        expected = {"Action": "connect", "User": user.id.lower()}
        if cache.kind == "serverlesscache":
            expected["ResourceType"] = "ServerlessCache"
        # ElastiCache stores user ids in lower case.
        parameters = {**token.parameters, "User": token.parameters.get("User", "").lower()}
        if token.host != cache.id.lower() or parameters != expected:
            raise TokenError(f"it must be for {cache.id.lower()} and {expected}, got {token.host} and {parameters}")
        base = f"arn:aws:elasticache:{cache.region}:{token.identity.account}"
        resources = (f"{base}:{cache.kind}:{cache.id}", f"{base}:user:{user.id}")
        if not may(self.emulator, token.identity, "elasticache:Connect", *resources):
            raise TokenError(
                f"the policies of role {token.identity.role} do not allow elasticache:Connect on {resources[0]} and "
                f"{resources[1]}"
            )
