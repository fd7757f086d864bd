"""A login on the client with a version of the secret. The client reads the password itself, so no password is sent."""

import json
import shlex
from dataclasses import dataclass
from typing import Final

from elasticache_operations.drills.client_shell import Shell
from elasticache_operations.errors import CommandError

CURRENT: Final = "AWSCURRENT"
_SECONDS: Final = 120
_NO_SECRET: Final = 40
_NO_PASSWORD: Final = 41
_ABSENT: Final = "ResourceNotFoundException"
_REFUSED: Final = "wrong-credentials"
"""The code of the connection test for a password that the cache refuses."""
# Reads the secret on standard input, and runs the connection test with its password; without a single quote.
_PROGRAM: Final = f"""
import json, os, sys
text = sys.stdin.read()
try:
    found = json.loads(text)
except ValueError:
    found = None
words = ["cache-connection-test", "--format", "json", "--authentication", "password", "--secret-arn", ""]
if isinstance(found, dict):
    text = str(found.get("password") or "")
    if found.get("username"):
        words += ["--user", str(found["username"])]
if not text:
    sys.exit({_NO_PASSWORD})
os.environ["CACHE_PASSWORD"] = text
os.execvp(words[0], words)
"""


class VersionAbsentError(CommandError):
    """The version does not exist any longer."""


@dataclass(frozen=True, slots=True)
class Login:
    """Logs in to the cache from the client.

    :param secret: the ARN or the name of the secret.
    """

    shell: Shell
    secret: str
    region: str

    def accepted(self, version: str) -> bool:
        """Whether the cache accepts the password of a version.

        :param version: its id, or `AWSCURRENT`.
        :raises VersionAbsentError: when the version has been deleted.
        :raises CommandError: when the login cannot be tried for another reason.
        """
        done = self.shell.run(script(self.secret, version, self.region), _SECONDS)
        if done.status == _NO_SECRET and _ABSENT in done.error:
            raise VersionAbsentError(
                f"version {version} of the secret cannot be tried, because Secrets Manager has deleted it; it may "
                "delete a version without a label at any time"
            )
        if done.status == _NO_SECRET:
            raise CommandError(
                f"{self.shell.place} cannot read version {version} of the secret: {done.error or 'no error message'}; "
                "give its role secretsmanager:GetSecretValue, and install the AWS CLI there"
            )
        if done.status == _NO_PASSWORD:
            raise CommandError(
                f"version {version} of the secret has no password; store the AUTH token as text, or the password of a "
                "user as the key password of a JSON object"
            )
        return self._judge(done.out, done.error)

    def _judge(self, report: str, error: str) -> bool:
        try:
            stages = json.loads(report)["stages"]
            (auth,) = [stage for stage in stages if stage["stage"] == "auth"]
        except (ValueError, KeyError, TypeError):
            raise CommandError(
                f"cache-connection-test on {self.shell.place} printed no report: {error or 'no error message'}; run it "
                "there by hand"
            ) from None
        if auth["status"] in ("PASS", "WARN"):
            return True
        if auth.get("code") == _REFUSED:
            return False
        failed = next((stage for stage in stages if stage["status"] == "FAIL"), auth)
        cause = failed.get("cause") or failed.get("detail") or "no cause"
        raise CommandError(f"the login on {self.shell.place} cannot be tried: {failed['stage']}: {cause}; correct it")


def script(secret: str, version: str, region: str) -> str:
    """The script for the client."""
    which = ["--version-stage", version] if version == CURRENT else ["--version-id", version]
    words = ["aws", "secretsmanager", "get-secret-value", "--region", region, "--secret-id", secret, *which]
    command = shlex.join([*words, "--query", "SecretString", "--output", "text"])
    return f"text=$({command}) || exit {_NO_SECRET}\nprintf '%s' \"$text\" | python3 -c '{_PROGRAM}'\n"
