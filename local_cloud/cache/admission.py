"""IAM authentication: each server knows the tokens that ElastiCache would accept now, and no others.

A token is a request that the client signs with its role's keys, good for 15 minutes. What a role that may
`elasticache:Connect` can sign within that time is known here, so it is given to the servers as passwords.
"""

import datetime
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from connection_test import sigv4

from local_cloud.cache.servers import Cache
from local_cloud.cache.users import User, hashed
from local_cloud.identity import Identity, may
from local_cloud.seam import Emulator

_PERIOD: Final = 10.0
# A clock may be ahead by as much, until the next time.
_AHEAD: Final = 30


def tokens(identity: Identity, user: User, cache: Cache, now: datetime.datetime) -> list[str]:
    """The hashes of all tokens of a role for a user that are good now."""
    keys = sigv4.Credentials(identity.access_key, identity.secret_key, identity.token)
    return [
        hashed(
            sigv4.connect_token(
                keys,
                user=user.id,
                cache_name=cache.id,
                region=cache.region,
                serverless=cache.kind == "serverlesscache",
                at=now + datetime.timedelta(seconds=second),
            )
        )
        for second in range(-sigv4.TOKEN_SECONDS + 1, _AHEAD)
    ]


@dataclass(slots=True)
class Doorkeeper:
    """Keeps the servers' ACLs as users, roles and the time of day have them.

    :param caches: with the users of each.
    :param identities: of the instances.
    """

    emulator: Emulator
    caches: list[tuple[Cache, list[User]]] = field(default_factory=list)
    identities: list[Identity] = field(default_factory=list)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _ended: threading.Event = field(default_factory=threading.Event)

    def begin(self) -> None:
        """Keep them from now on."""
        threading.Thread(target=self._run, daemon=True).start()

    def end(self) -> None:
        """Keep them no more."""
        self._ended.set()

    def add(self, cache: Cache, users: Iterable[User]) -> None:
        """Admit the users of a cache, in place of those it had before."""
        with self._lock:
            self.remove(cache)
            self.caches.append((cache, list(users)))
        self.admit(cache)

    def remove(self, cache: Cache) -> None:
        """Forget a cache."""
        with self._lock:
            self.caches[:] = [each for each in self.caches if each[0] is not cache]

    def trust(self, identity: Identity) -> None:
        """Admit an instance, wherever its role may connect."""
        with self._lock:
            self.identities.append(identity)
        self.admit()

    def distrust(self, identity: Identity) -> None:
        """Admit an instance no more: its tokens are good no longer."""
        with self._lock:
            self.identities.remove(identity)
        self.admit()

    def admit(self, only: Cache | None = None) -> None:
        """Give the servers what is good now."""
        now = datetime.datetime.now(datetime.UTC)
        with self._lock:
            for cache, users in self.caches:
                for user in users:
                    if user.iam and only in (None, cache):
                        self._admit(cache, user, now)

    def _admit(self, cache: Cache, user: User, now: datetime.datetime) -> None:
        good = []
        for identity in self.identities:
            base = f"arn:aws:elasticache:{cache.region}:{identity.account}"
            both = (f"{base}:{cache.kind}:{cache.id}", f"{base}:user:{user.id}")
            if may(self.emulator, identity, "elasticache:Connect", *both):
                good += tokens(identity, user, cache, now)
        for node in cache.nodes:
            if node.process.poll() is None:
                cache.ask(node, "ACL", "SETUSER", user.name, "resetpass", *(f"#{each}" for each in good))

    def _run(self) -> None:
        while not self._ended.wait(_PERIOD):
            try:
                self.admit()
            except Exception as problem:
                print(f"admission: {problem}", flush=True)
