"""IAM authentication: each server accepts the tokens that ElastiCache would accept now, and no others.

A token is a request that the client signs with the credentials of its role, and is valid for 15 minutes. The emulator
has these credentials, so it computes every token that a role with `elasticache:Connect` can sign within that time, and
gives them to the servers as passwords.
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
from local_cloud.internals import Emulator

_PERIOD: Final = 10.0
# Tokens are computed for this many seconds ahead, until the next update.
_AHEAD: Final = 30


def tokens(identity: Identity, user: User, cache: Cache, now: datetime.datetime) -> list[str]:
    """The hashes of all tokens of a role for a user that are valid now."""
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
class Admission:
    """Keeps the tokens in the servers' ACLs up to date as users, roles and the time change.

    :param caches: the caches, with their users.
    :param identities: the identities of the instances.
    """

    emulator: Emulator
    caches: list[tuple[Cache, list[User]]] = field(default_factory=list)
    identities: list[Identity] = field(default_factory=list)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _stopped: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Start to update the ACLs periodically."""
        threading.Thread(target=self._run, daemon=True).start()

    def stop(self) -> None:
        """Stop updating."""
        self._stopped.set()

    def add(self, cache: Cache, users: Iterable[User]) -> None:
        """Set the users of a cache, replacing its earlier ones."""
        with self._lock:
            self.remove(cache)
            self.caches.append((cache, list(users)))
        self.update(cache)

    def remove(self, cache: Cache) -> None:
        """Remove a cache that is deleted."""
        with self._lock:
            self.caches[:] = [entry for entry in self.caches if entry[0] is not cache]

    def add_identity(self, identity: Identity) -> None:
        """Accept the tokens of an instance on every cache to which its role may connect."""
        with self._lock:
            self.identities.append(identity)
        self.update()

    def revoke(self, identity: Identity) -> None:
        """Revoke the tokens of an instance."""
        with self._lock:
            self.identities.remove(identity)
        self.update()

    def update(self, only: Cache | None = None) -> None:
        """Give the servers the tokens that are valid now.

        :param only: the cache to update. Default: all caches.
        """
        now = datetime.datetime.now(datetime.UTC)
        with self._lock:
            for cache, users in self.caches:
                for user in users:
                    if user.iam and only in (None, cache):
                        self._update(cache, user, now)

    def _update(self, cache: Cache, user: User, now: datetime.datetime) -> None:
        hashes = []
        for identity in self.identities:
            base = f"arn:aws:elasticache:{cache.region}:{identity.account}"
            resources = (f"{base}:{cache.kind}:{cache.id}", f"{base}:user:{user.id}")
            if may(self.emulator, identity, "elasticache:Connect", *resources):
                hashes += tokens(identity, user, cache, now)
        for node in cache.nodes:
            if node.process.poll() is None:
                cache.command(node, "ACL", "SETUSER", user.name, "resetpass", *(f"#{token}" for token in hashes))

    def _run(self) -> None:
        while not self._stopped.wait(_PERIOD):
            try:
                self.update()
            except Exception as problem:
                print(f"admission: {problem}", flush=True)
