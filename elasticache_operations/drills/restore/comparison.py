"""Runs the comparison of the data on the client, and judges its result."""

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib import resources
from typing import Any, Final

from elasticache_operations.drills.client_shell import Shell
from elasticache_operations.errors import CommandError
from elasticache_rules.output import counted

SECONDS: Final = 480
"""Seconds in which keys are compared."""
LIMIT: Final = SECONDS + 60
"""Seconds after which the whole comparison is ended."""
_NO_CLIENT: Final = 3
_PACKAGE: Final = "elasticache_operations/drills/restore"
_MODULES: Final = ("stores.py", "compare_data.py")
_SCRIPT: Final = """set -eu
PATH="$PATH:/usr/local/bin"
command -v cache-cli > /dev/null || exit {no_client}
umask 077
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir -p {package}
touch elasticache_operations/__init__.py elasticache_operations/drills/__init__.py {package}/__init__.py
{modules}
cat > valkey-cli << 'END-OF-FILE'
#!/bin/sh
exec python3 -m {module} "$@"
END-OF-FILE
chmod 700 valkey-cli
export DRILL_SETTINGS={settings}
PATH="$folder:$PATH" cache-cli < /dev/null
"""
"""`cache-cli` runs the first `valkey-cli` of the PATH, with the endpoint and the login of the cache."""


@dataclass(frozen=True, slots=True)
class Compared:
    """The result of the comparison: numbers of keys.

    :param source: in the cache; None when its user may not read it.
    :param restored: in the temporary cache.
    :param complete: whether the whole sample was compared in time.
    :param sampled: keys that were compared.
    :param changed: keys with another value that may have been written since the snapshot.
    :param gone: keys that are only in the temporary cache: deleted, expired or evicted since.
    :param new: keys that are only in the cache, and may have been written since.
    :param different: keys with another value, although they were not used since the snapshot.
    :param lost: keys that are only in the cache, although they were not used since the snapshot.
    :param unreadable: keys that the user of the client may not read.
    """

    source: int | None
    restored: int | None
    complete: bool
    sampled: int
    same: int
    changed: int
    gone: int
    new: int
    different: int
    lost: int
    unreadable: int

    @property
    def compared(self) -> int:
        """The keys that could be read in both."""
        return self.sampled - self.unreadable

    def verdict(self, most_changed: float) -> tuple[bool, str]:
        """Whether the data agree, and why.

        :param most_changed: the percentage of the keys that may have changed since the snapshot.
        """
        wrong = self.different + self.lost
        if wrong:
            are = ("was", "is") if wrong == 1 else ("were", "are")
            return False, (
                f"{wrong:,} of {self.compared:,} keys {are[0]} not used since the snapshot, and {are[1]} not the same "
                f"in the restored cache ({self.different:,} differ, {self.lost:,} are absent)"
            )
        if not self.compared:
            reason = (
                f"the user of the client may read none of the {counted(self.sampled, 'key')}"
                if self.sampled
                else "both caches are empty"
            )
            return False, f"nothing was compared: {reason}"
        if self.source is None or self.restored is None:
            return False, "the user of the client may not run DBSIZE, so the numbers of keys were not compared"
        changed = 100 * (self.changed + self.gone + self.new) / self.compared
        if changed > most_changed:
            return False, (
                f"{changed:.1f} % of {self.compared:,} keys changed since the snapshot, at most {most_changed:g} % are "
                "allowed; take a snapshot with --create-snapshot, or allow more with --most-changed"
            )
        apart = 100 * abs(self.source - self.restored) / max(self.source, self.restored)
        if apart > most_changed:
            return False, (
                f"the restored cache has {counted(self.restored, 'key')} and the cache {self.source:,}, {apart:.1f} % "
                f"apart, at most {most_changed:g} % are allowed"
            )
        return True, (
            f"{self.same:,} of {self.compared:,} keys are the same, {changed:.1f} % changed since the snapshot; "
            f"{counted(self.restored, 'key')} restored, {self.source:,} in the cache"
            + ("" if self.complete else f"; the sample was ended after {SECONDS} s")
        )


def script(settings: Mapping[str, Any]) -> str:
    """The shell script that compares the data.

    :param settings: host, port and password of the temporary cache; sample, age and seconds as in `compare_data`.
    """
    files = resources.files(__package__)
    texts = {name: files.joinpath(name).read_text(encoding="utf-8") for name in _MODULES}
    return _SCRIPT.format(
        package=_PACKAGE,
        modules="\n".join(
            f"cat > {_PACKAGE}/{name} << 'END-OF-FILE'\n{text}END-OF-FILE" for name, text in texts.items()
        ),
        module=f"{__package__}.compare_data",
        settings=shlex.quote(json.dumps(settings)),
        no_client=_NO_CLIENT,
    )


def run(shell: Shell, settings: Mapping[str, Any]) -> Compared:
    """Compare the data on the client.

    :raises CommandError: when the comparison fails there.
    """
    done = shell.run(script(settings), LIMIT)
    if done.status == _NO_CLIENT:
        raise CommandError(
            f"{shell.place} has no cache-cli; name a client of CacheClient, or install a command of this name"
        )
    try:
        found = json.loads(done.out.strip().splitlines()[-1])
        return Compared(**{field.name: found[field.name] for field in fields(Compared)})
    except (ValueError, IndexError, KeyError, TypeError):
        reason = done.error or done.out.strip()[-300:] or f"exit status {done.status}"
        raise CommandError(
            f"the data could not be compared on {shell.place}: {reason}; test the client with cache-connection-test"
        ) from None
